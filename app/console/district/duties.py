"""Who is on duty where: a week of a community's grids, and who is on leave."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import Response, redirect, request
from sqlalchemy import select

from app.auth import Access, Work, access, kit
from app.console import words
from app.console.admin.menu import admin_page
from app.console.district.areas import paged
from app.console.district.responsibilities import chosen_day, today
from app.console.district.upload import done, opened, with_history
from app.console.pages import pages, work
from app.errors import status_of
from app.services import duty_week, import_preview
from app.services.duty_import import add_leave
from app.services.duty_week import Shift
from app.services.responsibility_matrix import Matrix, path
from models.account import Account, Role, RoleGrant
from models.area import Level
from models.calendar import LOCAL, day_number
from models.duty import Leave
from models.errors import DomainError, InvalidInput
from models.routing import Absence, Atlas

PAGE = 25
MOST_LEAVES = 100
LIST = "/console/district/duties"


@pages.get("/district/duties")
@access(Access.ADMIN)
def district_duties() -> Response:
    return _page(200)


def _page(status: int, error: DomainError | None = None) -> Response:
    first = duty_week.monday(chosen_day("week"))
    with opened() as here:
        atlas = here.atlas
        places = _places(atlas)
        within = request.args.get("within", _first_community(atlas, places)) or None
        shown = with_history(here, "duties") | done()
        leaves = _leaves(here, first)
        people = _people(here)
        absences = [Absence(row.worker_id, row.starts_at, row.ends_at) for row in leaves]
        week = duty_week.Week(atlas, first, absences)
        page = paged(Matrix(atlas, first).areas(Level.GRID, within), PAGE)
        rows = [
            {"area": area, "days": _merged(week.of(atlas.placement_of(area.code)))}
            for area in page.pop("rows")
        ]
    return admin_page(
        "district/duties.html",
        status,
        here.actor,
        **shown,
        **page,
        rows=rows,
        days=[_day(day) for day in week.days],
        week=first,
        previous_week=first - timedelta(days=7),
        next_week=first + timedelta(days=7),
        this_week=duty_week.monday(today()),
        within=within,
        places=places,
        names={row.id: row.display_name for row in people},
        workers=[row for row in people if row.username and row.enabled],
        leaves=[row for row in leaves if row.ends_at > datetime.now(LOCAL)][:MOST_LEAVES],
        atlas=atlas,
        message=error.detail if error else None,
        faults={fault.pointer[1:]: fault.message for fault in error.faults} if error else {},
        typed=request.form.to_dict() if error else {},
        left=next(
            (row.display_name for row in people if row.username == request.args.get("left")), None
        ),
        unmanned=duty_week.unmanned(atlas, today()) if atlas.duties else [],
    )


def _merged(days: list[list[Shift]]) -> list[tuple[int, list[Shift]]]:
    """Days that follow each other and are alike as one, with how many they are."""
    found: list[tuple[int, list[Shift]]] = []
    for shifts in days:
        if found and [one.told for one in found[-1][1]] == [one.told for one in shifts]:
            found[-1] = (found[-1][0] + 1, found[-1][1])
        else:
            found.append((1, shifts))
    return found


def _places(atlas: Atlas) -> list[tuple[str, str]]:
    above = [a for a in atlas.areas.values() if a.level in (Level.STREET, Level.COMMUNITY)]
    return [(one.code, one.name) for one in sorted(above, key=lambda a: path(atlas, a.code))]


def _first_community(atlas: Atlas, places: list[tuple[str, str]]) -> str:
    """What is shown first: a district has too many grids for one look."""
    found = (code for code, _ in places if atlas.areas[code].level is Level.COMMUNITY)
    return next(found, "")


def _day(day: date) -> dict[str, Any]:
    number = day_number(day)
    mark = "节假日" if number == 8 else "调休上班" if number != day.isoweekday() else ""
    return {"day": day, "weekday": f"周{'一二三四五六日'[day.weekday()]}", "mark": mark}


def _leaves(here: Work, first: date) -> list[Any]:
    """Leaves that reach into the week or lie behind it, the first one first."""
    since = words.midnight(first)
    columns = (Leave.worker_id, Leave.starts_at, Leave.ends_at)
    found = select(*columns).where(Leave.ends_at > since).order_by(Leave.starts_at, Leave.id)
    return list(here.db.execute(found))


def _people(here: Work) -> list[Any]:
    """Everybody who may be on duty, by name."""
    columns = (Account.id, Account.username, Account.display_name, Account.enabled)
    held = select(RoleGrant.account_id).where(RoleGrant.role == Role.GRID_WORKER)
    return list(
        here.db.execute(
            select(*columns).where(Account.id.in_(held)).order_by(Account.display_name, Account.id)
        )
    )


@pages.post("/district/duties/leave")
@access(Access.ADMIN)
def district_leave() -> Response:
    """A grid worker is away; the same leave counts once."""
    given = request.form
    try:
        with work(kit().engine) as here:
            starts, ends = _moment("starts_at"), _moment("ends_at")
            summary = add_leave(here.db, given.get("worker", ""), starts, ends)
            if not summary.unchanged:
                import_preview.log(here.db, here.actor, summary, given["worker"])
    except DomainError as error:
        return _page(status_of(error), error)
    return redirect(f"{LIST}?left={given['worker']}", 303)  # type: ignore[return-value]


def _moment(name: str) -> datetime:
    try:
        found = datetime.fromisoformat(request.form.get(name, "")).replace(tzinfo=LOCAL)
    except ValueError:
        raise InvalidInput.at(f"/{name}", "请填写日期和时间") from None
    if not 2000 <= found.year < 2100:
        raise InvalidInput.at(f"/{name}", "年份应在 2000 至 2099 之间")
    return found
