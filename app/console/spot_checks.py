"""Spot checks: the draws, one draw with its cases, drawing, findings, and proving a draw."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from flask import Response, redirect, request
from pydantic import ValidationError

from app.auth import Access, Work, access, download, kit, write
from app.console import forms
from app.console.case import AFTER, BEFORE
from app.console.pages import pages, work
from app.console.supervision import HOME, refusal, show
from app.console.supervision import status as status_for
from app.services import spot_check, spot_check_proof, spot_check_view
from models.account import Role
from models.area import Level
from models.calendar import LOCAL
from models.errors import DomainError, Forbidden, NotFound, SignedOut
from models.routing import Atlas
from models.spot_check import FINDINGS, GROUP, HEAVIEST, LONGEST, MOST_DRAWN, Found, Rule

LIST = f"{HOME}/spot-checks"
ID = "<int(max=9223372036854775807):check_id>"
DRAWS, CASES, PICTURES, NAMED = 30, 20, 3, 50
VIEWS = {"all": "全部", "open": "待查", "bad": "不属实"}
RULE = ("first", "last", "area", "unit", "category", "size", "self_handled_weight")


@pages.get("/supervision/spot-checks")
@access(Access.STAFF)
def spot_checks() -> Response:
    before = request.args.get("before", "")
    last = int(before) if before.isdecimal() and len(before) < 19 else None
    with work(kit().autocommit) as here:
        rows = spot_check.checks(here.db, here.atlas, here.actor, last, DRAWS)
    page = [
        row._asdict()
        | {"rule": spot_check_view.scope_of(here.atlas, row), "open": row.drawn - row.found}
        for row in rows[:DRAWS]
    ]
    return show(
        "spot_checks.html",
        200,
        here.actor,
        rows=page,
        may_draw=here.actor.holds(Role.SUPERVISOR),
        next_page=f"{LIST}?before={page[-1]['id']}" if len(rows) > DRAWS else None,
        first_page=LIST if last is not None else None,
    )


@pages.get("/supervision/spot-checks/new")
@access(Access.STAFF)
def new_spot_check() -> Response:
    return _form()


@pages.post("/supervision/spot-checks")
@access(Access.STAFF)
def draw_spot_check() -> Response:
    """Draws once, however often the form is sent."""
    given = {name: request.form[name] for name in RULE if request.form.get(name, "").strip()}
    try:
        rule = Rule.model_validate(given)

        def drawn(here: Work) -> dict[str, Any]:
            return {"id": spot_check.draw(here.db, here.atlas, here.actor, rule)}

        made = write(drawn, 201, repr(sorted(given.items())).encode()).get_json()["id"]
    except SignedOut:
        raise
    except (ValidationError, DomainError) as error:
        return _form(status_for(error), refusal(error))
    return redirect(f"{LIST}/{made}?done=drawn")  # type: ignore[return-value]


def _form(status: int = 200, failed: dict[str, Any] | None = None) -> Response:
    with work(kit().autocommit) as here:
        if not here.actor.holds(Role.SUPERVISOR):
            raise Forbidden("只有督查员可以抽查")
    typed = failed["typed"] if failed else _last_month()
    return show(
        "spot_check_new.html",
        status,
        here.actor,
        typed=typed,
        failed=failed,
        once=uuid4().hex,
        options=_options(here.atlas),
        bounds={
            "size": MOST_DRAWN,
            "weight": HEAVIEST,
            "days": LONGEST.days,
            "yesterday": datetime.now(LOCAL).date() - timedelta(days=1),
        },
    )


def _last_month() -> dict[str, Any]:
    last = datetime.now(LOCAL).date().replace(day=1) - timedelta(days=1)
    first: date = last.replace(day=1)
    return {"first": first, "last": last, "size": 20, "self_handled_weight": 3}


def _options(atlas: Atlas) -> dict[str, Any]:
    levels = (Level.STREET, Level.COMMUNITY, Level.GRID)
    areas = sorted(
        (one for one in atlas.areas.values() if one.level in levels),
        key=lambda one: (levels.index(one.level), one.code),
    )
    groups = {
        f"{GROUP}{one.category_group}": one.group_name
        for one in atlas.categories.values()
        if one.retired_at is None
    }
    return {
        "area": [{"value": one.code, "label": _place(atlas, one)} for one in areas],
        "unit": forms.units(atlas),
        "whole": [{"value": code, "label": name} for code, name in groups.items()],
        "groups": forms.groups(atlas),
    }


def _place(atlas: Atlas, area: Any) -> str:
    above = f"{atlas.area_name(area.parent)} · " if area.level is not Level.STREET else ""
    return f"{above}{area.name}"


@pages.get(f"/supervision/spot-checks/{ID}")
@access(Access.STAFF)
def one_spot_check(check_id: int) -> Response:
    return _page(check_id, request.args.to_dict())


def _page(
    check_id: int, asked: dict[str, str], status: int = 200, failed: dict[str, Any] | None = None
) -> Response:
    view = asked.get("view") if asked.get("view") in VIEWS else "all"
    given = asked.get("after", "")
    after = int(given) if given.isdecimal() and len(given) < 5 else 0
    with work(kit().autocommit) as here:
        row = spot_check.one(here.db, here.atlas, here.actor, check_id)
        items = spot_check_view.items(here.db, here.atlas, check_id, str(view), after, CASES)
        shares = spot_check_view.shares(here.db, check_id)
        photos = spot_check_view.photos(here.db, [one["case_id"] for one in items])
    more = items[CASES - 1]["position"] if len(items) > CASES else None
    url = f"{LIST}/{check_id}"
    done = asked.get("done", "")
    amounts = {"all": row.drawn, "open": row.drawn - row.found, "bad": row.bad}
    return show(
        "spot_check.html",
        status,
        here.actor,
        check=row,
        rule=spot_check_view.rule(here.atlas, row),
        shares=[one | {"told": spot_check_view.told(one)} for one in shares],
        items=[_pictured(one, photos.get(one["case_id"], [])) for one in items[:CASES]],
        tabs=[
            {
                "label": label,
                "amount": amounts[name],
                "url": f"{url}?view={name}",
                "current": name == view,
            }
            for name, label in VIEWS.items()
        ],
        place={"view": view, "after": after},
        next_page=f"{url}?{urlencode({'view': view, 'after': more})}" if more else None,
        first_page=f"{url}?{urlencode({'view': view})}" if after else None,
        findings=FINDINGS,
        failed=failed,
        lost=failed is not None
        and all(one["finding"] or one["position"] != failed["position"] for one in items),
        may_find=here.actor.holds(Role.SUPERVISOR),
        done=done if done == "drawn" or (done.isdecimal() and len(done) < 5) else None,
    )


def _pictured(item: dict[str, Any], photos: list[dict[str, Any]]) -> dict[str, Any]:
    return item | {
        "before": [one for one in photos if one["role"] in BEFORE][:PICTURES],
        "after": [one for one in photos if one["role"] in AFTER][-PICTURES:],
    }


@pages.post(f"/supervision/spot-checks/{ID}/<int(max=9999):position>")
@access(Access.STAFF)
def record_finding(check_id: int, position: int) -> Response:
    """Records what was found; the same form again changes nothing."""
    place = {name: request.form.get(name, "") for name in ("view", "after")}
    given = {name: request.form.get(name, "") for name in ("finding", "comment")}
    try:
        found = Found.model_validate(given)
        with work(kit().engine) as here:
            spot_check.record(here.db, here.atlas, here.actor, check_id, position, found)
    except (SignedOut, NotFound):
        raise
    except (ValidationError, DomainError) as error:
        return _page(check_id, place, status_for(error), refusal(error, position=position))
    query = urlencode(place | {"done": position})
    return redirect(f"{LIST}/{check_id}?{query}#case-{position}")  # type: ignore[return-value]


@pages.get(f"/supervision/spot-checks/{ID}/proof")
@access(Access.STAFF)
def prove_spot_check(check_id: int) -> Response:
    """Makes the draw again and tells what is the same."""
    with work(kit().autocommit) as here:
        row = spot_check.one(here.db, here.atlas, here.actor, check_id)
        proof = spot_check_proof.prove(here.db, check_id)
    return show(
        "spot_check_proof.html",
        200,
        here.actor,
        check=row,
        proof=proof,
        rule=spot_check_view.rule(here.atlas, row),
        most=NAMED,
        now=datetime.now(UTC),
    )


@pages.get(f"/supervision/spot-checks/{ID}.xlsx")
@access(Access.STAFF)
def spot_check_sheet(check_id: int) -> Response:
    return download(
        "xlsx", lambda here: spot_check_view.sheet(here.db, here.atlas, here.actor, check_id)
    )


@pages.get(f"/supervision/spot-checks/{ID}/population.txt")
@access(Access.STAFF)
def spot_check_population(check_id: int) -> Response:
    """The lines that were drawn from, byte for byte as they were hashed."""
    with work(kit().autocommit) as here:
        spot_check.one(here.db, here.atlas, here.actor, check_id)
        lines = spot_check_view.lines(here.db, check_id)
    response = Response(lines, mimetype="text/plain")
    response.headers["Content-Disposition"] = f"attachment; filename=population-{check_id}.txt"
    return response
