"""Spot checks as people read them: their rule, their cases, their shares, their sheet."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select, text

from app.services import spot_check
from app.services.sheet import Sheet, cell
from models import moment
from models.account import Actor
from models.measures import percent
from models.photo import Attachment
from models.routing import Atlas
from models.spot_check import BAD, FINDINGS, JUDGED, SpotCheck, SpotCheckItem
from models.status import STATUS_LABELS, Status

ANY = "全部"
_ITEMS = text(
    """
    SELECT i.position, i.case_id, i.self_handled, i.finding, i.comment, i.found_by, i.found_at,
           a.display_name AS found_by_name, c.number, c.status, c.category, c.grid, c.unit,
           c.closed_at, c.paraphrase, words.content AS description
    FROM spot_check_item i JOIN "case" c ON c.id = i.case_id
    LEFT JOIN account a ON a.id = i.found_by
    LEFT JOIN ledger_text words
           ON words.case_id = c.id AND words.seq = 1 AND words.field = 'description'
    WHERE i.spot_check_id = :id AND i.position > :after
      AND (:wanted = 'all' OR (:wanted = 'open' AND i.finding IS NULL)
           OR (:wanted = 'bad' AND i.finding = ANY(:bad)))
    ORDER BY i.position LIMIT :most
    """
)


def items(
    db: Connection, atlas: Atlas, check_id: int, wanted: str, after: int, limit: int
) -> list[dict[str, Any]]:
    """Drawn cases in the order of the draw: `all`, `open` (no finding yet) or `bad`; one more than
    `limit` where there are more."""
    values = {"id": check_id, "after": after, "wanted": wanted, "bad": sorted(BAD)}
    return [_item(atlas, row) for row in db.execute(_ITEMS, values | {"most": limit + 1})]


def _item(atlas: Atlas, row: Any) -> dict[str, Any]:
    found: dict[str, Any] = row._asdict()
    return found | {
        "description": row.paraphrase or row.description,
        "status_label": STATUS_LABELS[Status(row.status)],
        "category_name": atlas.category_name(row.category),
        "grid_name": atlas.area_name(row.grid),
        "unit_name": atlas.unit_name(row.unit),
        "finding_label": FINDINGS.get(row.finding or ""),
        "bad": row.finding in BAD,
    }


def photos(db: Connection, case_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """Photos of cases by case id, the oldest first: id, role, unproven."""
    rows = db.execute(
        select(Attachment.case_id, Attachment.photo_id, Attachment.role, Attachment.unproven)
        .where(Attachment.case_id.in_(case_ids))
        .order_by(Attachment.case_id, Attachment.seq, Attachment.position)
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        one = {"id": row.photo_id, "role": row.role, "unproven": row.unproven}
        found.setdefault(row.case_id, []).append(one)
    return found


def rule(atlas: Atlas, row: Any) -> list[tuple[str, str]]:
    """What was drawn from, as label and text."""
    return [
        ("结案日期", f"{row.first} 至 {row.last}"),
        ("区域", atlas.area_name(row.area) if row.area else ANY),
        ("责任单位", atlas.unit_name(row.unit) if row.unit else ANY),
        ("类别", categories(atlas, row.categories)),
        ("抽取件数", str(row.size)),
        ("自办案卷的权重", str(row.self_handled_weight)),
    ]


def scope_of(atlas: Atlas, row: Any) -> str:
    """What was drawn from beside the days, in a line."""
    return " · ".join(text for _, text in rule(atlas, row)[1:4] if text != ANY) or ANY


def lines(db: Connection, check_id: int) -> str:
    """The lines that were drawn from."""
    kept = select(SpotCheck.drawn_from).where(SpotCheck.id == check_id)
    return str(db.execute(kept).scalar_one())


def categories(atlas: Atlas, codes: Sequence[str]) -> str:
    """The name of a whole group, or those of its categories."""
    if not codes:
        return ANY
    known = [atlas.categories[code] for code in codes if code in atlas.categories]
    groups = {one.category_group for one in known}
    whole = {c for c, one in atlas.categories.items() if one.category_group in groups}
    if len(codes) > 1 and len(groups) == 1 and set(codes) == whole:
        return f"{known[0].group_name}（大类）"
    return "、".join(atlas.category_name(code) for code in codes)


def shares(db: Connection, check_id: int) -> list[dict[str, Any]]:
    """What was found, for all drawn cases and apart for the self-handled ones and the others: these
    are drawn with different weights, so that the share of all stands for no population. `share` is
    in percent of those that could be judged; None without any."""
    rows = db.execute(
        select(SpotCheckItem.self_handled, SpotCheckItem.finding).where(
            SpotCheckItem.spot_check_id == check_id
        )
    ).all()
    parts = {
        "全部": rows,
        "网格员自办": [row for row in rows if row.self_handled],
        "其他": [row for row in rows if not row.self_handled],
    }
    return [_share(label, [row.finding for row in part]) for label, part in parts.items() if part]


def _share(label: str, found: Sequence[str | None]) -> dict[str, Any]:
    counts = {finding: sum(one == finding for one in found) for finding in FINDINGS}
    judged = sum(counts[finding] for finding in JUDGED)
    return {
        "label": label,
        "drawn": len(found),
        "found": len(found) - found.count(None),
        "judged": judged,
        "share": percent(counts["genuine"], judged),
    } | counts


_SHEET_COLUMNS = (
    ("position", "序号"),
    ("number", "案卷编号"),
    ("category_name", "类别"),
    ("grid_name", "网格"),
    ("unit_name", "责任单位"),
    ("own", "网格员自办"),
    ("closed_at", "结案时间"),
    ("status_label", "现在状态"),
    ("description", "问题描述"),
    ("finding_label", "抽查结论"),
    ("comment", "说明"),
    ("found_by_name", "抽查人"),
    ("found_at", "抽查时间"),
)


def sheet(db: Connection, atlas: Atlas, actor: Actor, check_id: int) -> Sheet:
    """A draw with its findings; its rule, seed and population on the first sheet."""
    row = spot_check.one(db, atlas, actor, check_id)
    notes = [
        *rule(atlas, row),
        ("抽取时间", str(cell(row.drawn_at))),
        ("抽取人", row.drawn_by_name),
        ("种子", row.seed),
        ("总体件数", str(row.population)),
        ("总体 SHA-256", row.population_sha256.hex()),
        *((f"属实率（{one['label']}）", told(one)) for one in shares(db, check_id)),
        ("制表时间", str(cell(moment.now()))),
    ]
    found = items(db, atlas, check_id, "all", 0, row.size)
    rows = ({**one, "own": "是" if one["self_handled"] else ""} for one in found)
    return Sheet(f"抽查{check_id}", notes, _SHEET_COLUMNS, rows)


def told(one: dict[str, Any]) -> str:
    """A share with its numerator and denominator."""
    if one["share"] is None:
        return "—"
    return f"{one['share']:.2f} %（{one['genuine']} ÷ {one['judged']}）"
