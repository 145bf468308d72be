"""Audits as tables for spreadsheets."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from app.services.audit_selection import GROUPS
from app.services.sheet import Sheet
from models import moment
from models.calendar import LOCAL
from models.measures import COUNTS, FIGURES, STAGES

_ROUND = (
    ("case_number", "案卷编号"),
    ("round", "轮次"),
    ("day", "统计日"),
    ("amount", "数量"),
    ("status_label", "状态"),
    ("category_name", "类别"),
    ("grid_name", "网格"),
    ("unit_name", "责任单位"),
    ("worker_name", "经办人"),
    ("began_at", "上报或重新办理"),
    ("accepted_at", "立案"),
    ("start_due_at", "签收期限"),
    ("started_at", "签收"),
    ("due_at", "处置期限"),
    ("resolved_at", "处置完成"),
    ("close_due_at", "结案期限"),
    ("closed_at", "结案"),
)
_LATE = (
    ("late_minutes", "超时（分钟）"),
    ("late_working_minutes", "超时（工作分钟）"),
    ("held_by", "超时期间责任方"),
)


def _local(value: datetime) -> str:
    return f"{value.astimezone(LOCAL):%Y-%m-%d %H:%M:%S}"


def notes(about: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was asked for, how far the data go, and when the file was made."""
    asked, chosen = about["period"], about["filter"]
    labels = {"area": "区域", "unit": "责任单位", "category": "类别", "source": "来源"}
    found = [("时间段", f"{_local(asked['begins'])} 至 {_local(asked['ends'])}（不含）")]
    found += [(label, chosen[name] or "全部") for name, label in labels.items()]
    if about["group_by"]:
        found.append(("分组", GROUPS.get(about["group_by"], "责任方")))
    found.append(("数据截至", _local(about["as_of"])))
    if about["frozen"]:
        found.append(("已封存", _local(about["frozen"]["frozen_at"])))
        found.append(("台账摘要", about["frozen"]["heads_sha256"]))
    return [*found, ("制表时间", _local(moment.now()))]


def figures(answer: dict[str, Any]) -> Sheet:
    columns = [("name", GROUPS.get(answer["group_by"] or "", "范围")), ("rank", "名次")]
    columns += [(f"count_{name}", one.label) for name, one in COUNTS.items()]
    columns += [(f"figure_{name}", f"{one.label}（%）") for name, one in FIGURES.items()]
    columns += [(f"before_{name}", f"{one.label}（申诉前，%）") for name, one in FIGURES.items()]

    def rows() -> Iterator[dict[str, Any]]:
        for part in ({"name": "合计"} | answer["total"], *answer["items"]):
            shares, before = part["figures"], part["before_appeals"]["figures"]
            row = {"name": part["name"], "rank": part.get("rank")}
            row |= {f"count_{name}": amount for name, amount in part["counts"].items()}
            row |= {f"figure_{name}": share["value"] for name, share in shares.items()}
            row |= {f"before_{n}": before.get(n, share)["value"] for n, share in shares.items()}
            yield row

    return Sheet("考核指标", notes(answer), columns, rows())


def response_times(answer: dict[str, Any]) -> Sheet:
    columns = [
        ("name", GROUPS.get(answer["group_by"] or "", "范围")),
        ("stage", "阶段"),
        ("count", "数量"),
    ]
    for kind, label in (("clock", "自然时间"), ("working", "工作时间")):
        for name, said in (("median", "中位数"), ("p90", "九成"), ("p95", "九成五")):
            columns.append((f"{kind}_{name}", f"{label}{said}（分钟）"))

    def rows() -> Iterator[dict[str, Any]]:
        for part in ({"name": "合计"} | answer["total"], *answer["items"]):
            for stage, found in part["stages"].items():
                row = {"name": part["name"], "stage": STAGES[stage].label, "count": found["count"]}
                for kind in ("clock", "working"):
                    row |= {f"{kind}_{n}": v for n, v in found[f"{kind}_minutes"].items()}
                yield row

    exact = "逐个计算" if answer["exact"] else "由分布计算，误差不超过 0.4%"
    return Sheet("响应时间", [*notes(answer), ("百分位数", exact)], columns, rows())


def cases(title: str, about: Mapping[str, Any], rows: Iterable[dict[str, Any]]) -> Sheet:
    late = title == "超时案卷"
    columns = _ROUND + (_LATE if late else ())
    return Sheet(title, notes(about), columns, map(_late, rows) if late else rows)


def _late(row: dict[str, Any]) -> dict[str, Any]:
    held = (f"{one['holder_name']} {one['seconds'] // 60} 分钟" for one in row["held_since_due"])
    return row | {
        "late_minutes": row["late_seconds"] // 60,
        "late_working_minutes": row["late_working_seconds"] // 60,
        "held_by": "；".join(held),
    }


def comparison(answer: dict[str, Any]) -> Sheet:
    """One figure of each group, or month, beside the earlier periods."""
    columns = [("name", GROUPS.get(answer["group_by"] or "", "范围")), ("rank", "名次")]
    for which, said in (("now", "本期"), ("before", "上期"), ("year", "去年同期")):
        columns.append((f"{which}_value", f"{said}（%）"))
        columns += [(f"{which}_numerator", f"{said}分子"), (f"{which}_denominator", f"{said}分母")]
        if which != "now":
            columns.append((f"{which}_changed", f"较{said}（百分点）"))

    def rows() -> Iterator[dict[str, Any]]:
        whole = [answer["total"] | {"name": "合计"}] if answer["total"] else []
        for part in (*whole, *answer["items"]):
            row = {"name": part["name"], "rank": part.get("rank")}
            row |= {f"now_{name}": value for name, value in part["share"].items()}
            for which in ("before", "year"):
                then = part[which]
                row |= {f"{which}_{name}": value for name, value in then["share"].items()}
                row[f"{which}_changed"] = then["changed"]
            yield row

    figure_name = FIGURES[answer["figure"]].label
    return Sheet(f"{figure_name}对比", [*notes(answer), ("指标", figure_name)], columns, rows())
