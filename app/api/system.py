"""Alive, ready, measured."""

import hmac
from datetime import datetime

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app import readiness
from app.auth import Access, access, bearer, json_response, kit
from app.metrics import OUTBOX_FAILED, OUTBOX_WAITING
from app.schemas.parts import media
from app.schemas.problem import ProblemOut
from app.schemas.system import AliveOut, ReadyOut, UnreadyOut
from app.services import calendar, outbox
from models.calendar import LOCAL
from models.db import transaction
from models.errors import NotFound, SignedOut

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
    parts = readiness.parts(kit())
    down = [name for name in readiness.NEEDED if parts[name] != "ok"]
    if down:
        return json_response({"status": "unavailable", "down": down, "parts": parts}, 503)
    status = "ok" if parts["broker"] == "ok" else "degraded"
    warnings = calendar.warnings(kit().atlas(), datetime.now(LOCAL).date())
    return json_response({"status": status, "parts": parts, "warnings": warnings})


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
