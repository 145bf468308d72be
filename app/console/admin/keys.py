"""Keys of other systems: made, told once, revoked."""

from typing import Any

from flask import Response, redirect, request

from app.auth import Access, Work, access, kit
from app.console import forms
from app.console.admin.menu import admin_page
from app.console.pages import pages, work
from app.errors import status_of
from app.services import admin_log, api_key
from app.services.api_key import Right
from models.area import LEVEL_LABELS, TREE
from models.errors import Conflict, FieldFault, InvalidInput
from models.fields import storable
from models.routing import Atlas

KEYS = "/console/admin/keys"
RIGHTS = {Right.READ: "查询自己上报的案卷", Right.WRITE: "上报和补充"}
SHORT = {Right.READ: "查询", Right.WRITE: "上报"}
LONGEST_NAME, MOST_PER_HOUR = 80, 100_000


@pages.get("/admin/keys")
@access(Access.ADMIN)
def api_keys() -> Response:
    with work(kit().autocommit) as here:
        return _page(here)


def _page(here: Work, status: int = 200, **failed: Any) -> Response:
    shown = {
        "keys": [_shown(here.atlas, row) for row in api_key.listed(here.db)],
        "groups": forms.groups(here.atlas),
        "areas": _areas(here.atlas),
        "rights": [{"value": one.value, "label": label} for one, label in RIGHTS.items()],
        "typed": {"rights": list(Right), "services": [], "areas": [], "per_hour": "1000"},
        "faults": {},
        "done": request.args.get("done") == "revoked",
    }
    return admin_page("admin/keys.html", status, here.actor, **shown | failed)


def _areas(atlas: Atlas) -> list[dict[str, str]]:
    """Areas of the tree, from wide to narrow."""
    found = [area for area in atlas.areas.values() if area.level in TREE]
    found.sort(key=lambda area: (TREE.index(area.level), area.code))
    return [
        {"value": area.code, "label": f"{area.name}（{LEVEL_LABELS[area.level]} {area.code}）"}
        for area in found
    ]


def _shown(atlas: Atlas, row: Any) -> dict[str, Any]:
    return {
        "name": row.name,
        "rights": "、".join(SHORT[Right(one)] for one in row.rights),
        "services": [atlas.category_name(code) for code in row.services or ()],
        "areas": [atlas.area_name(code) for code in row.areas or ()],
        "per_hour": row.per_hour,
        "created_at": row.created_at,
        "revoked_at": row.revoked_at,
    }


@pages.post("/admin/keys")
@access(Access.ADMIN)
def make_key() -> Response:
    """Makes a key; it is on the page that answers, and nowhere else."""
    given = request.form
    name, per_hour = given.get("name", "").strip(), given.get("per_hour", "").strip()
    services, areas = given.getlist("services"), given.getlist("areas")
    rights = [one for one in Right if one in given.getlist("rights")]
    try:
        with work(kit().engine) as here:
            hourly = _checked(name, per_hour, rights)
            key = api_key.make(here.db, here.atlas, name, services, areas, hourly, rights)
            limits = {"services": services, "areas": areas}
            facts = {
                "rights": [SHORT[one] for one in rights],
                "per_hour": hourly,
            } | {limit: codes for limit, codes in limits.items() if codes}
            admin_log.record(here.db, here.actor, "key.create", name, **facts)
    except (InvalidInput, Conflict) as error:
        faults = {fault.pointer[1:]: fault.message for fault in error.faults}
        typed = {
            "name": name,
            "per_hour": per_hour,
            "rights": rights,
            "services": services,
            "areas": areas,
        }
        told = faults or {"name": error.detail}
        with work(kit().autocommit) as here:
            return _page(here, status_of(error), typed=typed, faults=told)
    return admin_page("admin/key_made.html", 200, here.actor, system=name, key=key)


def _checked(name: str, per_hour: str, rights: list[Right]) -> int:
    """How many an hour. Raises InvalidInput: names every fault."""
    faults = []
    if not name or len(name) > LONGEST_NAME or not storable(name):
        faults.append(FieldFault("/name", f"1 至 {LONGEST_NAME} 个字"))
    if not rights:
        faults.append(FieldFault("/rights", "至少选一项"))
    hourly = int(per_hour) if per_hour.isdecimal() and len(per_hour) < 9 else 0
    if not 1 <= hourly <= MOST_PER_HOUR:
        faults.append(FieldFault("/per_hour", f"应为 1 至 {MOST_PER_HOUR} 的整数"))
    if faults:
        raise InvalidInput("填写有误", faults)
    return hourly


@pages.post("/admin/keys/revoke")
@access(Access.ADMIN)
def revoke_key() -> Response:
    name = request.form.get("name", "")
    with work(kit().engine) as here:
        known = {row.name: row.revoked_at for row in api_key.listed(here.db)}
        if known.get(name, name) is None:  # a form that is sent twice finds it revoked
            api_key.revoke(here.db, name)
            admin_log.record(here.db, here.actor, "key.revoke", name)
    return redirect(f"{KEYS}?done=revoked")  # type: ignore[return-value]
