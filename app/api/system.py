"""Alive, ready, measured."""

import hmac
from datetime import datetime
from typing import Any

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from app.auth import Access, access, bearer, json_response, kit
from app.kit import Kit
from app.metrics import OUTBOX_FAILED, OUTBOX_WAITING
from app.schemas.parts import media
from app.schemas.problem import ProblemOut
from app.schemas.system import AliveOut, ReadyOut, UnreadyOut
from app.services import calendar, installation, outbox
from models.calendar import LOCAL
from models.db import transaction
from models.errors import NotFound, SignedOut, StorageUnavailable

api = APIBlueprint("system", __name__, abp_tags=[Tag(name="system")])


@api.get("/healthz", summary="是否在运行", responses={200: AliveOut})
@access(Access.ALL)
def healthz() -> Response:
    return json_response({"status": "ok"})


@api.get("/readyz", summary="是否可用", responses={200: ReadyOut, 503: UnreadyOut})
@access(Access.ALL)
def readyz() -> Response:
    """503 names the part without which no report can be taken; without a broker reports still
    come in, and the answer is 200 `degraded`. `warnings` are for the operator to act on in time."""
    parts = _parts(kit())
    down = [name for name in ("database", "migrations", "photo_store") if parts[name] != "ok"]
    if down:
        return json_response({"status": "unavailable", "down": down, "parts": parts}, 503)
    status = "ok" if parts["broker"] == "ok" else "degraded"
    warnings = calendar.warnings(kit().atlas(), datetime.now(LOCAL).date())
    return json_response({"status": status, "parts": parts, "warnings": warnings})


def _parts(here: Kit) -> dict[str, Any]:
    parts = {"database": "ok", "migrations": "ok", "photo_store": "ok", "broker": "ok"}
    try:
        with transaction(here.engine) as db:
            if not installation.is_migrated(db):
                parts["migrations"] = "behind"
    except SQLAlchemyError:
        parts |= {"database": "down", "migrations": "unknown"}
    try:
        here.store.check()
    except StorageUnavailable:
        parts["photo_store"] = "down"
    if not here.broker.ping():
        parts["broker"] = "down"
    return parts


@api.get("/metrics", summary="监控指标", responses={200: media("text/plain"), 404: ProblemOut})
@access(Access.TOKEN)
def metrics() -> Response:
    here = kit()
    wanted = here.settings.metrics_token
    if not wanted:
        raise NotFound("没有开启监控指标，请设置 METRICS_TOKEN")
    if not hmac.compare_digest(bearer().encode(), wanted.encode()):
        raise SignedOut("监控令牌不正确")
    with transaction(here.engine) as db:
        waiting, failed = outbox.backlog(db)
    OUTBOX_WAITING.set(waiting)
    OUTBOX_FAILED.set(failed)
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
