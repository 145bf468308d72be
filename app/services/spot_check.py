"""Spot checks: drawing closed cases at random, and recording what was found at each."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text, update

from app.services import case, ledger, scope
from app.services.audit_selection import select_within
from app.services.draft import Draft
from models import draw as draws
from models import moment
from models.account import Account, Actor, Role
from models.calendar import LOCAL
from models.case import Case
from models.errors import Conflict, Forbidden, InvalidInput, NotFound
from models.facts import Facts
from models.period import Period
from models.routing import Atlas
from models.spot_check import GROUP, Found, Rule, SpotCheck, SpotCheckItem
from models.status import Action
from models.workflow import MOVES, acting_role, obstacle, roles_on

INSPECT = MOVES[Action.INSPECT]
READERS = frozenset({Role.SUPERVISOR, Role.ADMIN})
NO_CHECK = "没有这次抽查，或不在您的范围内"
SELF_HANDLED = "c.source = 'patrol' AND c.accepted_at IS NULL"
"""Whether a closed case was self-handled: it was closed without being accepted."""
_DAY = timedelta(days=1)


def draw(db: Connection, atlas: Atlas, actor: Actor, rule: Rule) -> int:
    """Draws cases that were closed on the rule's days, within the supervisor's scope; the draw's
    id. Days must be over, so that nobody joins the population afterwards.

    Raises:
        Forbidden: no supervisor. NotFound: an area or unit that is not in scope.
        InvalidInput: a day that is not over, an unknown category, nothing to draw from.
    """
    seed = secrets.token_hex(16)  # before anything is known of the population
    grants = scope.held(actor, frozenset({Role.SUPERVISOR}), "只有督查员可以抽查")
    if rule.last >= moment.now().astimezone(LOCAL).date():
        raise InvalidInput.at("/last", "只能抽查已经过完的日子，最晚到昨天")
    within = select_within(
        atlas,
        replace(actor, grants=tuple(grants)),
        Period(rule.first, rule.last + _DAY),
        area=rule.area,
        unit=rule.unit,
    )
    row: dict[str, Any] = {
        "drawn_by": actor.id,
        "first": rule.first,
        "last": rule.last,
        "area": within.area,
        "unit": within.unit,
        "categories": _categories(atlas, rule.category),
        "size": rule.size,
        "self_handled_weight": rule.self_handled_weight,
        "seed": seed,
    }
    lines = population(db, SimpleNamespace(**row))
    chosen = draws.drawn(seed, draws.parsed(lines), rule.size)
    if not chosen:
        raise InvalidInput.at("/first", "这些条件下没有结案的案卷，请放宽条件")
    row |= {
        "population": lines.count("\n"),
        "population_sha256": draws.digest(lines),
        "drawn_from": lines,
    }
    made = int(db.execute(insert(SpotCheck).values(row).returning(SpotCheck.id)).scalar_one())
    _keep(db, made, chosen)
    return made


def _keep(db: Connection, check_id: int, chosen: Sequence[str]) -> None:
    own = text(f'SELECT number, id, {SELF_HANDLED} AS own FROM "case" c WHERE number = ANY(:n)')  # noqa: S608
    known = {row.number: row for row in db.execute(own, {"n": list(chosen)})}
    items = [
        {
            "spot_check_id": check_id,
            "position": position,
            "case_id": known[number].id,
            "self_handled": known[number].own,
        }
        for position, number in enumerate(chosen, start=1)
    ]
    db.execute(insert(SpotCheckItem), items)


def _categories(atlas: Atlas, chosen: str | None) -> list[str]:
    """The codes of a category or of a group, sorted; none for any."""
    if chosen is None:
        return []
    group = chosen.removeprefix(GROUP) if chosen.startswith(GROUP) else None
    found = [
        code
        for code, one in atlas.categories.items()
        if (one.category_group == group if group is not None else code == chosen)
    ]
    if not found:
        raise InvalidInput.at("/category", "没有这个类别")
    return sorted(found)


def population(db: Connection, rule: Any) -> str:
    """Lines of the cases that now meet a draw's rule, by number."""
    terms, values = (
        ["c.status = 'closed'", "c.closed_at >= :since", "c.closed_at < :until"],
        {
            "since": _midnight(rule.first),
            "until": _midnight(rule.last + _DAY),
            "weight": rule.self_handled_weight,
        },
    )
    if rule.area is not None:
        terms.append(":area IN (c.district, c.street, c.community, c.grid, c.overlay)")
        values["area"] = rule.area
    if rule.unit is not None:
        terms.append(":unit IN (c.unit_1, c.unit_2, c.unit_3)")
        values["unit"] = rule.unit
    if rule.categories:
        terms.append("c.category = ANY(:categories)")
        values["categories"] = list(rule.categories)
    statement = f"""
        SELECT c.number, CASE WHEN {SELF_HANDLED} THEN :weight ELSE 1 END AS weight
        FROM "case" c WHERE {" AND ".join(terms)} ORDER BY c.number COLLATE "C"
        """  # noqa: S608
    return "".join(
        draws.line(number, weight) for number, weight in db.execute(text(statement), values)
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL)


_COLUMNS = """
    k.id, k.drawn_at, k.first, k.last, k.area, k.unit, k.categories, k.size,
    k.self_handled_weight, k.seed, k.population, k.population_sha256,
    a.display_name AS drawn_by_name,
    (SELECT count(*) FROM spot_check o
     WHERE o.id < k.id AND (o.first, o.last, o.categories) = (k.first, k.last, k.categories)
       AND o.area IS NOT DISTINCT FROM k.area
       AND o.unit IS NOT DISTINCT FROM k.unit) AS same_before,
    i.*
    """
_SUMS = ", ".join(
    f"count(*) FILTER (WHERE {name}) AS {label}"
    for label, name in {
        "drawn": "true",
        "found": "finding IS NOT NULL",
        "genuine": "finding = 'genuine'",
        "not_done": "finding = 'not_done'",
        "faked": "finding = 'faked'",
        "cannot_tell": "finding = 'cannot_tell'",
        "bad": "finding IN ('not_done', 'faked')",
    }.items()
)
_CHECKS = f"""
    SELECT {_COLUMNS} FROM spot_check k JOIN account a ON a.id = k.drawn_by
    CROSS JOIN LATERAL (SELECT {_SUMS} FROM spot_check_item
                        WHERE spot_check_id = k.id) i
    WHERE (:everywhere OR k.area = ANY(:areas) OR k.unit = ANY(:units))
    """  # noqa: S608


def checks(
    db: Connection, atlas: Atlas, actor: Actor, before: int | None, limit: int
) -> Sequence[Row[Any]]:
    """The draws in the person's scope with their sums, the newest first; one more than `limit`
    where there are more. `same_before` counts earlier draws of the same days and scope.

    Raises:
        Forbidden: neither supervisor nor administrator.
    """
    statement = f"{_CHECKS} AND (:before < 0 OR k.id < :before) ORDER BY k.id DESC LIMIT :most"
    paged = {"before": -1 if before is None else before, "most": limit + 1}
    return db.execute(text(statement), _visible(atlas, actor) | paged).all()


def one(db: Connection, atlas: Atlas, actor: Actor, check_id: int) -> Row[Any]:
    """One draw with its sums.

    Raises:
        Forbidden: neither supervisor nor administrator. NotFound: not in scope.
    """
    values = _visible(atlas, actor) | {"id": check_id}
    found = db.execute(text(f"{_CHECKS} AND k.id = :id"), values).one_or_none()
    if found is None:
        raise NotFound(NO_CHECK)
    return found


def _visible(atlas: Atlas, actor: Actor) -> dict[str, Any]:
    """Codes of the areas and units whose draws the person may see."""
    grants = scope.held(actor, READERS, "只有督查员和管理员可以查看抽查")
    found = scope.values(grants)
    found["everywhere"] = scope.everywhere(atlas, grants)
    found["areas"] = [code for code in atlas.areas if _lies_in(atlas, code, found["areas"])]
    found["units"] = [unit for code in found["units"] for unit in atlas.unit_subtree(code)]
    return found


def _lies_in(atlas: Atlas, code: str | None, held: Sequence[str]) -> bool:
    while code is not None and code in atlas.areas:
        if code in held:
            return True
        code = atlas.areas[code].parent
    return False


def record(
    db: Connection, atlas: Atlas, actor: Actor, check_id: int, position: int, found: Found
) -> None:
    """Records what a supervisor found at a drawn case, in the draw and in the case's ledger. It is
    final; the same again changes nothing.

    Raises:
        NotFound: no such case in scope. Forbidden: no supervisor there, or one who had a hand in
        it. Conflict: somebody was quicker.
    """
    one(db, atlas, actor, check_id)
    item = db.execute(
        select(SpotCheckItem.__table__, Case.number, Account.display_name.label("found_by_name"))
        .join(Case, Case.id == SpotCheckItem.case_id)
        .outerjoin(Account, Account.id == SpotCheckItem.found_by)
        .where(SpotCheckItem.spot_check_id == check_id, SpotCheckItem.position == position)
        .with_for_update(of=SpotCheckItem)
    ).one_or_none()
    if item is None:
        raise NotFound(NO_CHECK)
    row = case.lock(db, case.scoped(db, actor, item.number).id)
    _require_uninvolved(db, atlas, actor, row)
    if item.finding is not None:
        if (item.found_by, item.finding, item.comment) == (actor.id, found.finding, found.comment):
            return
        raise Conflict(f"这一件已由{item.found_by_name}记录结论，结论不能修改")
    draft = Draft.of(atlas, row)
    db.execute(
        update(SpotCheckItem)
        .where(SpotCheckItem.spot_check_id == check_id, SpotCheckItem.position == position)
        .values(
            finding=found.finding,
            comment=found.comment,
            found_by=actor.id,
            found_at=draft.now,
        )
    )
    turn = case.Turn(db, draft, actor, Role.SUPERVISOR, Facts(), found)
    turn.payload |= {"spot_check": check_id, "position": position, "finding": found.finding}
    turn.texts["comment"] = found.comment or None
    case.perform(turn, INSPECT, lambda _: None)
    draft.save(db)


def _require_uninvolved(db: Connection, atlas: Atlas, actor: Actor, row: Any) -> None:
    """Nobody inspects what they worked on, or their unit answered for, in any round of the case."""
    if acting_role(INSPECT, roles_on(actor, row)) is None:
        raise Forbidden("只有督查员可以记录抽查结论")
    for then in ledger.answering(ledger.entries(db, row.id)):
        this = SimpleNamespace(**row._asdict() | then)
        facts = case.situated(atlas, this, case.gather(db, this))
        reason = obstacle(INSPECT, this, facts, actor, moment.now())
        if reason is not None:
            raise Forbidden(reason)
