"""A case as its readers see it: whole for staff, and what each role may not see left out."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection

from app.services import timer
from app.services.case import NO_CASE, situated
from app.services.case_forms import action_form, given
from app.services.case_query import NAMES
from models import extra_fields
from models import facts as rules
from models.account import Actor, Role
from models.content import ruling
from models.errors import NotFound
from models.facts import Facts
from models.geo import wgs84_to_gcj02
from models.routing import Atlas
from models.status import ACTION_LABELS, STATUS_LABELS, Action, Status
from models.submission import SOURCE_LABELS, Source
from models.timer import CLOCK_LABELS, Clock
from models.workflow import allowed, roles_on

OWN_WORDS = frozenset({"description", "address", "attributes"})
STEMS = "甲乙丙丁戊己庚辛壬癸"
DESK_ROLES = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.ADMIN})


def attributes_of(
    atlas: Atlas, category: str | None, words: Mapping[str, Any]
) -> list[dict[str, str]]:
    """Answers to a category's extra fields, for people."""
    found = atlas.categories.get(category) if category else None
    fields = found.fields if found is not None else ()
    return extra_fields.told(fields, json.loads(words.get("attributes") or "{}"))


def reporter_name(ordinal: int) -> str:
    """How anyone but the desk reads a reporter: 市民甲, 市民乙, … 市民11."""
    return f"市民{STEMS[ordinal - 1] if ordinal <= len(STEMS) else ordinal}"


def place_of(row: Any) -> dict[str, Any]:
    """Both pairs: a WeChat map takes gcj02."""
    shifted = wgs84_to_gcj02(row.longitude, row.latitude)
    return {
        "wgs84": {"longitude": row.longitude, "latitude": row.latitude},
        "gcj02": {
            "longitude": round(shifted.longitude, 7),
            "latitude": round(shifted.latitude, 7),
        },
    }


def brief(atlas: Atlas, row: Any, now: datetime) -> dict[str, Any]:
    """A case in a list: its row, with names for codes and without what is not for lists."""
    case: dict[str, Any] = dict(zip(NAMES, row, strict=True))
    del case["id"], case["longitude"], case["latitude"]
    paraphrase = case.pop("paraphrase")
    if paraphrase is not None:
        case["description"], case["address"] = paraphrase, None
    case["status_label"] = STATUS_LABELS[row.status]
    case["category_name"] = atlas.category_name(row.category)
    case["location"] = place_of(row)
    case["grid_name"] = atlas.area_name(row.grid)
    case["unit_name"] = atlas.unit_name(row.unit)
    case["overdue"] = timer.is_overdue(row, now)
    return case


_WHOLE = """
    SELECT c.*, (SELECT t.number FROM "case" t WHERE t.id = c.merged_into) AS target,
      (SELECT json_agg(json_build_object(
          'seq', e.seq, 'round', e.round, 'at', e.at, 'actor', e.actor, 'action', e.action,
          'from', e.from_status, 'to', e.to_status, 'holder', e.holder, 'payload', e.payload,
          'draw', get_byte(e.hash, 0), 'who', a.display_name, 'worker', w.display_name,
          'texts', (SELECT json_object_agg(t.field, t.content) FROM ledger_text t
                    WHERE t.case_id = e.case_id AND t.seq = e.seq)) ORDER BY e.seq)
       FROM ledger_entry e LEFT JOIN account a ON a.id = CAST(e.actor ->> 'account' AS bigint)
         LEFT JOIN account w ON w.id = CAST(e.payload ->> 'worker' AS bigint)
       WHERE e.case_id = c.id) AS entries,
      (SELECT json_agg(json_build_object(
          'id', r.id, 'ordinal', r.ordinal, 'anonymous', r.anonymous, 'source', r.source,
          'external_number', r.external_number, 'external_due_at', r.external_due_at,
          'account', r.account_id, 'flags', r.flags, 'by_staff', r.by_staff,
          'limited', r.limited, 'submitted_at', r.submitted_at, 'withdrawn_at', r.withdrawn_at,
          'receipt', encode(r.receipt, 'hex'),
          'texts', (SELECT json_object_agg(t.field, t.content) FROM ledger_text t
                    WHERE t.case_id = r.entry_case_id AND t.seq = r.entry_seq),
          'missing', (SELECT json_agg(json_build_object('url', m.url, 'error', m.error)
                                      ORDER BY m.id)
                      FROM media_link m WHERE m.report_id = r.id AND m.photo_id IS NULL),
          'feedback', (SELECT json_agg(json_build_object(
              'round', f.round, 'solved', f.solved, 'rating', f.rating, 'by_staff', f.by_staff,
              'at', f.at) ORDER BY f.round) FROM feedback f WHERE f.report_id = r.id))
          ORDER BY r.ordinal)
       FROM report r WHERE r.case_id = c.id) AS received,
      (SELECT json_agg(json_build_object(
          'id', p.photo_id, 'role', p.role, 'unproven', p.unproven, 'report', p.report_id,
          'seq', CASE WHEN p.case_id = c.id THEN p.seq END) ORDER BY p.seq, p.position)
       FROM attachment p
       WHERE p.case_id IN (SELECT c.id UNION SELECT entry_case_id FROM report WHERE case_id = c.id)
         AND (p.case_id = c.id OR p.report_id IN (SELECT id FROM report WHERE case_id = c.id))
      ) AS photos,
      (SELECT json_agg(json_build_object(
          'clock', t.clock, 'round', t.round, 'started_at', t.started_at, 'due_at', t.due_at,
          'met_at', t.met_at, 'cleared_at', t.cleared_at, 'step', t.step) ORDER BY t.id)
       FROM timer t WHERE t.case_id = c.id) AS clocks,
      (SELECT json_agg(k ORDER BY k.seq, k.photo_id NULLS FIRST)
       FROM content_check k WHERE k.case_id = c.id) AS checks
    FROM "case" c WHERE c.number = %(number)s
    """


def detail(db: Connection, atlas: Atlas, actor: Actor, number: str) -> dict[str, Any]:
    """Everything the actor may see of a case, and what they may do now; one statement.

    Raises:
        NotFound: no such case in the actor's scope.
    """
    row = db.exec_driver_sql(_WHOLE, {"number": number}).one_or_none()
    if row is None or not roles_on(actor, row):
        raise NotFound(NO_CASE)
    return _whole(atlas, actor, row)


def after_action(db: Connection, atlas: Atlas, actor: Actor, number: str) -> dict[str, Any]:
    """The case as the one who just acted may see it: an action may take it out of their scope,
    and then only its number, version and status are told."""
    row = db.exec_driver_sql(_WHOLE, {"number": number}).one()
    if roles_on(actor, row):
        return _whole(atlas, actor, row)
    return {
        "number": row.number,
        "version": row.version,
        "status": row.status,
        "status_label": STATUS_LABELS[Status(row.status)],
        "actions": [],
    }


def _whole(atlas: Atlas, actor: Actor, row: Any) -> dict[str, Any]:
    roles = roles_on(actor, row)
    photos, clocks = row.photos or [], row.clocks or []
    facts = situated(atlas, row, _facts(row, clocks))
    now = max(datetime.now(UTC), row.changed_at)
    possible = allowed(row, facts, actor, roles, now)
    return _shape(atlas, row, now) | {
        "reports_received": [
            _report(atlas, row, report, photos, roles) for report in row.received or []
        ],
        "timeline": [_event(atlas, row, entry, photos, roles) for entry in row.entries],
        "clocks": [clock | {"label": CLOCK_LABELS[Clock(clock["clock"])]} for clock in clocks],
        "content_checks": [_check(one) for one in row.checks or []],
        "on_site_check": facts.on_site or None,
        "actions": [action_form(move) for move in possible],
    }


def _check(found: dict[str, Any]) -> dict[str, Any]:
    told = {"id": str(found["id"]), "seq": found["seq"], "photo_id": found["photo_id"]}
    return told | ruling(SimpleNamespace(**found))


def _facts(row: Any, clocks: Sequence[dict[str, Any]]) -> Facts:
    entries = [
        SimpleNamespace(
            action=entry["action"],
            actor=entry["actor"],
            round=entry["round"],
            at=datetime.fromisoformat(entry["at"]),
            payload=entry["payload"],
            hash=bytes([entry["draw"]]),
        )
        for entry in row.entries
    ]
    running = (
        datetime.fromisoformat(clock["due_at"])
        for clock in clocks
        if clock["clock"] == Clock.START and not clock["met_at"] and not clock["cleared_at"]
    )
    people = frozenset(one["account"] for one in row.received or [] if one["account"])
    return rules.gather(entries, row.round, people, next(running, None))


def _shape(atlas: Atlas, row: Any, now: datetime) -> dict[str, Any]:
    category = atlas.categories.get(row.category)
    return {
        "number": row.number,
        "version": row.version,
        "status": row.status,
        "status_label": STATUS_LABELS[Status(row.status)],
        "round": row.round,
        "holder": row.holder,
        "source": row.source,
        "source_label": SOURCE_LABELS[Source(row.source)],
        "category": row.category,
        "category_name": atlas.category_name(row.category),
        "accept_when": category.accept_when if category is not None else None,
        "close_when": category.close_when if category is not None else None,
        "evidence": category.evidence if category is not None else None,
        "emergency": row.emergency,
        "public": row.public,
        "location": place_of(row)
        | {
            "raw": {
                "longitude": row.raw_longitude,
                "latitude": row.raw_latitude,
                "coord_type": row.coord_type,
                "accuracy_m": row.accuracy_m,
            },
            "placed": row.placed,
        },
        "areas": {
            level: {"code": code, "name": atlas.area_name(code)} if code else None
            for level, code in (
                ("district", row.district),
                ("street", row.street),
                ("community", row.community),
                ("grid", row.grid),
                ("overlay", row.overlay),
            )
        },
        "grid": row.grid,
        "routed_unit": row.routed_unit,
        "unit": row.unit,
        "unit_name": atlas.unit_name(row.unit),
        "assignee": str(row.assignee_id) if row.assignee_id else None,
        "merged_into": row.target,
        "arbitrated": row.arbitrated,
        "paraphrase": row.paraphrase,
        "flags": row.flags,
        "reports": row.reports,
        "submitted_at": row.submitted_at,
        "accepted_at": row.accepted_at,
        "assigned_at": row.assigned_at,
        "started_at": row.started_at,
        "resolved_at": row.resolved_at,
        "closed_at": row.closed_at,
        "due_at": row.due_at,
        "external_due_at": row.external_due_at,
        "review_at": row.review_at,
        "overdue": timer.is_overdue(row, now),
        "revision": row.revision,
    }


def _photos(photos: Sequence[dict[str, Any]], key: str, value: int) -> list[dict[str, Any]]:
    return [
        {"id": photo["id"], "role": photo["role"], "unproven": photo["unproven"]}
        for photo in photos
        if photo[key] == value
    ]


def _report(
    atlas: Atlas,
    case: Any,
    report: dict[str, Any],
    photos: Sequence[dict[str, Any]],
    roles: frozenset[Role],
) -> dict[str, Any]:
    words = report["texts"] or {}
    if _hides_words(case, roles, anonymous=report["anonymous"]):
        words = {}
    told = (
        "ordinal",
        "anonymous",
        "source",
        "external_number",
        "external_due_at",
        "flags",
        "by_staff",
        "limited",
        "submitted_at",
        "withdrawn_at",
        "receipt",
    )
    return {name: report[name] for name in told} | {
        "id": str(report["id"]),
        "reporter": reporter_name(report["ordinal"]),
        "description": words.get("description"),
        "address": words.get("address"),
        "attributes": attributes_of(atlas, case.category, words),
        "missing_photos": report["missing"] or [],
        "photos": _photos(photos, "report", report["id"]),
        "feedback": report["feedback"] or [],
    }


def _hides_words(case: Any, roles: frozenset[Role], *, anonymous: bool) -> bool:
    """The people reported on read the desk's paraphrase of an anonymous report."""
    return anonymous and case.paraphrase is not None and not roles & DESK_ROLES


def _event(
    atlas: Atlas,
    case: Any,
    entry: dict[str, Any],
    photos: Sequence[dict[str, Any]],
    roles: frozenset[Role],
) -> dict[str, Any]:
    actor, payload, action = entry["actor"], entry["payload"], Action(entry["action"])
    texts = entry["texts"] or {}
    shown = texts
    if _hides_words(case, roles, anonymous=payload.get("anonymous", False)):
        shown = {k: v for k, v in texts.items() if k not in OWN_WORDS}
    facts = {k: v for k, v in payload.items() if k not in texts and k != "photos"}
    by_reporter = "reporter" in actor
    return {
        "seq": entry["seq"],
        "at": entry["at"],
        "round": entry["round"],
        "action": entry["action"],
        "label": ACTION_LABELS[action],
        "who": reporter_name(actor["reporter"]) if by_reporter else entry["who"] or "系统",
        "role": actor.get("role"),
        "unit": actor.get("unit"),
        "from": entry["from"],
        "to": entry["to"],
        "holder": entry["holder"],
        "facts": facts,
        "given": given(atlas, action, facts, entry["worker"]),
        "texts": shown,
        "photos": _photos(photos, "seq", entry["seq"]),
    }
