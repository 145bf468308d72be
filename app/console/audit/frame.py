"""The frame of audit pages: their menu, the period, the filters, and what the numbers are of."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Response, request

from app.auth import Work
from app.console import forms
from app.console.audit.asked import (
    HOME,
    Asked,
    Unanswerable,
    address,
    carried,
    days,
    in_words,
    quick,
)
from app.console.pages import render
from app.services.audit_answer import FILTERS, choices
from models import period
from models.area import LEVEL_LABELS
from models.measures import FEWEST_RANKED
from models.period import Period
from models.routing import Atlas
from models.submission import SOURCE_LABELS

MENU = (
    (HOME, "指标"),
    (f"{HOME}/comparison", "对比"),
    (f"{HOME}/times", "响应时间"),
    (f"{HOME}/late", "超时案卷"),
    (f"{HOME}/months", "封存月份"),
)
LABELS = {
    "period": "时间",
    "since": "开始日期",
    "until": "结束日期",
    "area": "区域",
    "unit": "责任单位",
    "category": "类别",
    "source": "来源",
    "group_by": "分组",
    "rank_by": "排名",
    "figure": "指标",
    "count": "数字",
    "stage": "阶段",
    "state": "处置情况",
    "show": "显示",
    "key": "分组",
    "cursor": "翻页",
}
"""What people call the names in an address."""


def audit_page(
    name: str, work: Work, asked: Asked[Any] | Unanswerable, path: str, **shown: Any
) -> Response:
    """A page with its form. What cannot be asked is said beside what was given, with status 422
    and without numbers."""
    return render(
        f"audit/{name}",
        200 if isinstance(asked, Asked) else 422,
        work.actor,
        path=path,
        menu=menu(asked.given),
        given=asked.given,
        faults=_faults(asked),
        scopes=_scopes(asked, path),
        options=_options(work),
        about=asked.about() if isinstance(asked, Asked) else None,
        where=_where(work.atlas, asked) if isinstance(asked, Asked) else [],
        period=_period(asked, path) if isinstance(asked, Asked) else None,
        fewest=FEWEST_RANKED,
        **shown,
    )


def menu(given: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    """Address, label, and whether it is the page at hand; period and filters go along."""
    return [(address(path, carried(given)), label, request.path == path) for path, label in MENU]


def _faults(asked: Asked[Any] | Unanswerable) -> list[tuple[str, str]]:
    if isinstance(asked, Asked):
        return []
    names = ((fault.pointer[1:].partition("/")[0], fault.message) for fault in asked.faults)
    return [(LABELS.get(name, name), message) for name, message in names]


def _scopes(asked: Asked[Any] | Unanswerable, path: str) -> list[tuple[str, str]]:
    if isinstance(asked, Asked):
        return []
    return [
        (address(path, dict(asked.given) | {what: code}), name) for what, code, name in asked.scopes
    ]


def _period(asked: Asked[Any], path: str) -> dict[str, Any]:
    """The period in words, its neighbours, and those that are asked for most."""
    own = asked.wanted.period
    kept = {n: v for n, v in asked.given.items() if n not in ("period", "since", "until", "cursor")}

    def link(to: Period) -> str:
        return address(path, kept | days(to))

    return {
        "words": in_words(own),
        "first": own.first.isoformat(),
        "last": own.last.isoformat(),
        "before": link(period.before(own)),
        "after": link(period.after(own)),
        "quick": [
            (label, address(path, kept | {"period": name}), period.parse(name) == own)
            for label, name in quick(datetime.now(UTC))
        ],
    }


def _where(atlas: Atlas, asked: Asked[Any]) -> list[str]:
    """Names of the filters that are in force, those of the scope included."""
    wanted = asked.wanted
    names = {
        "area": atlas.area_name(wanted.area),
        "unit": atlas.unit_name(wanted.unit),
        "category": wanted.category and atlas.category_name(wanted.category),
        "source": wanted.source and {s.value: n for s, n in SOURCE_LABELS.items()}[wanted.source],
    }
    return [name for name in (names[key] for key in FILTERS) if name]


def _options(work: Work) -> dict[str, Any]:
    found = choices(work.atlas, work.actor)
    areas: dict[str, list[dict[str, str]]] = {label: [] for label in LEVEL_LABELS.values()}
    for area in found.areas:
        areas[LEVEL_LABELS[area.level]].append({"value": area.code, "label": area.name})
    return {
        "areas": {label: members for label, members in areas.items() if members},
        "units": [{"value": unit.code, "label": unit.name} for unit in found.units],
        "categories": forms.groups(work.atlas),
        "sources": [{"value": s.value, "label": label} for s, label in SOURCE_LABELS.items()],
    }
