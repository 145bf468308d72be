"""The application: parts put together, nothing decided."""

import logging
import secrets
import time
from typing import Any

import orjson
from flask import Response, g, request
from flask.wrappers import Request as FlaskRequest
from flask_openapi3 import Info, OpenAPI
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import BadRequest, NotFound, RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

from app import errors
from app.api import (
    account,
    audit,
    case,
    catalogue,
    docs,
    me,
    moderation,
    notice,
    order,
    photo,
    place,
    public,
    public_feeds,
    report,
    session,
    system,
    wechat,
)
from app.auth import Access, bearer
from app.cli import register as register_commands
from app.console import register as register_console
from app.kit import Kit
from app.metrics import REQUESTS, SECONDS
from app.open311 import register as register_open311
from app.schemas.problem import ProblemOut
from app.services import installation
from app.site import views as site
from app.vendor import views as vendor
from config import Mode, Settings
from models.db import transaction
from models.errors import InvalidInput

log = logging.getLogger(__name__)
_SHOWN_TO_VIEW = frozenset({Access.ALL, Access.SIGNED, Access.KEY})
"""What needs no bearer token."""
_UPLOADS = frozenset(
    {
        *("photo.upload", "console.act", "console.record", "console.take_tickets"),
        *("console.district_upload", "console.account_upload"),
    }
    | {
        f"{name}.{call}"
        for name in ("open311", "open311_test")
        for call in ("create", "send_update")
    }
)
UPLOAD_OVERHEAD = 64 * 1024


class WrongDatabaseError(Exception):
    """The database belongs to another mode."""


class Request(FlaskRequest):
    """Reads JSON strictly: what cannot be parsed is said, never taken for nothing."""

    def get_json(self, *_args: Any, **_kwargs: Any) -> Any:
        data = self.get_data()
        if len(data) == self.max_content_length != self.content_length:
            raise RequestEntityTooLarge  # a stream without a length ends silently at its limit
        if not data:
            return {}
        try:
            found = orjson.loads(data)
        except orjson.JSONDecodeError:
            raise BadRequest from None
        return [found] if isinstance(found, str) else found  # the router would parse a text again


class App(OpenAPI):
    request_class = Request


def routed() -> App:
    """Every route and the document, with nothing behind them yet."""
    app = App(
        __name__,
        info=Info(title="随手拍 Suishoupai", version="1"),
        doc_ui=False,
        validation_error_callback=errors.invalid,
        validation_error_model=ProblemOut,
        security_schemes={"bearer": {"type": "http", "scheme": "bearer"}},
    )
    for blueprint in (
        *(session, me, account, catalogue, place, photo, report),
        *(case, order, audit, notice, moderation, public, public_feeds),
        *(wechat, system),
    ):
        app.register_api(blueprint.api)
    app.register_blueprint(docs.pages)
    app.register_blueprint(site.pages)
    app.register_blueprint(vendor.pages)
    register_console(app)
    register_open311(app)
    return app


def create_app(settings: Settings) -> App:
    """A web application on these settings.

    Raises:
        WrongDatabaseError: production on a demo database.
    """
    app = routed()
    # Werkzeug reads 64 KiB at a time, and what it kept of the last read counts as well: with no
    # more than that, photos are refused at random.
    app.config["MAX_FORM_MEMORY_SIZE"] = 2 * UPLOAD_OVERHEAD
    app.json.sort_keys = False  # type: ignore[attr-defined]
    kit = Kit.from_settings(settings)
    app.extensions["kit"] = kit
    if settings.app_mode is Mode.PRODUCTION:
        _refuse_demo_database(kit)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies)  # type: ignore[method-assign]
    errors.register(app)
    _around_requests(app, settings)
    register_commands(app)
    return app


def _refuse_demo_database(kit: Kit) -> None:
    try:
        with transaction(kit.engine) as db:
            demo = installation.is_migrated(db) and installation.is_demo(db)
    except SQLAlchemyError as error:
        log.warning("database not reachable at start: %s", type(error).__name__)
        return
    if demo:
        kit.close()
        raise WrongDatabaseError("DATABASE_URL is a demo database; production refuses it")


def _around_requests(app: App, settings: Settings) -> None:
    @app.before_request
    def begin() -> None:
        g.request_id = secrets.token_hex(8)
        g.began = time.perf_counter()
        photo_upload = request.endpoint == "photo.upload"
        large = request.endpoint in _UPLOADS
        request.max_content_length = (
            settings.max_photo_bytes + UPLOAD_OVERHEAD if large else settings.max_body_bytes
        )
        view = app.view_functions.get(request.endpoint or "")
        if getattr(view, "__access__", Access.ALL) not in _SHOWN_TO_VIEW:
            bearer()  # who shows no token learns nothing of the form
        if "\x00" in request.path:  # no id holds one, and the database refuses to look
            raise NotFound
        for name, value in request.form.items() if photo_upload else ():
            if len(value) > 100:  # the form is read as JSON, which a long number or nest breaks
                raise InvalidInput.at(f"/{name}", "最多 100 个字")

    @app.after_request
    def finish(response: Response) -> Response:
        route = str(request.url_rule) if request.url_rule else "unknown"
        REQUESTS.labels(route, response.status_code).inc()
        SECONDS.labels(route).observe(time.perf_counter() - g.began)
        response.headers["X-Request-Id"] = g.request_id
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Cache-Control", "no-store")
        return response
