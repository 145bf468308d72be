"""A unit's month as a PDF: A4 pages with the font inside, so that any viewer prints them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fpdf import FPDF, FontFace
from fpdf.enums import TableBordersLayout, TableCellFillMode, WrapMode
from pylopdf_fonts_zh_cn import sans_path

from models.calendar import LOCAL
from models.measures import COUNTS, FIGURES, STAGES
from models.moment import dated, local

MEDIA_TYPE = "application/pdf"
NOTHING = "—"
DEMO = "演示数据：由演示环境生成，与真实案件无关。"
_INK, _SOFT, _BAD, _BAND = (20, 38, 43), (74, 93, 96), (164, 42, 18), (233, 237, 234)
_HOUR = 60


def written(month: Mapping[str, Any]) -> bytes:
    """The sheet of `audit_month.unit_month`; of a frozen month always the same bytes."""
    sheet = _Sheet(month)
    sheet.head()
    sheet.figures()
    sheet.counts()
    sheet.times()
    sheet.late()
    return bytes(sheet.output())


class _Sheet(FPDF):
    """Parts of the sheet, each below the one before."""

    def __init__(self, month: Mapping[str, Any]) -> None:
        super().__init__(format="A4")
        self._month = month
        self._name = f"{month['month']:%Y} 年 {month['month'].month} 月"
        self.set_margins(16, 16)
        self.set_auto_page_break(True, 18)
        self.add_font("sans", fname=str(sans_path()))
        self.set_title(f"{month['unit_name']} {self._name}考核月报")
        self.set_lang("zh-CN")
        self.set_creation_date(month["dated"].astimezone(LOCAL))

    def footer(self) -> None:
        self.set_y(-14)
        self._write(7.5, _SOFT)
        left = f"{self._month['unit_name']} · {self._name}"
        heads = self._month["frozen"] and self._month["frozen"]["heads_sha256"]
        if heads:
            left += f" · 台账摘要 {heads[:16]}"
        self.cell(0, 5, left)
        self.set_x(self.l_margin)
        self.cell(0, 5, f"第 {self.page_no()} 页，共 {{nb}} 页", align="R")

    def head(self) -> None:
        month = self._month
        self.add_page()
        if month["demo"]:
            self._line(DEMO, 9, _BAD)
        self._line(f"{month['unit_name']}  {self._name}考核月报", 17)
        where = f"，仅限{month['area_name']}" if month["area_name"] else ""
        self._line(f"单位编号 {month['unit']}，含下属单位{where} · {month['district']}", 9, _SOFT)
        if month["frozen"]:
            told = f"本月数据已于 {dated(month['dated'])} 封存，此后不再变化。"
            told += (
                f"共 {month['frozen']['cases']} 件案卷；台账摘要 {month['frozen']['heads_sha256']}"
            )
        else:
            told = f"制表时间 {dated(month['dated'])}；本月尚未封存，数据还会变化。"
        self._line(told, 9, _SOFT)

    def figures(self) -> None:
        earlier = self._month["month_before"]
        self._heading("考核指标")
        rows = []
        for name, one in FIGURES.items():
            share, before = self._month["total"]["figures"][name], earlier["figures"][name]
            rows.append(
                [one.label, *_share(share), *_share(before["share"]), _points(before["changed"])]
            )
        columns = ["指标", "本月", "分子/分母", "上月", "上月分子/分母", "变化（百分点）"]
        self._table(columns, rows, (24, 14, 20, 14, 20, 18))
        if not earlier["frozen"]:
            self._line("上月尚未封存，上月数字还会变化。", 8, _SOFT)
        self._before_appeals()

    def _before_appeals(self) -> None:
        changed = self._month["total"]["before_appeals"]["figures"]
        if changed:
            told = "；".join(
                f"{FIGURES[n].label} {' '.join(_share(s))}" for n, s in changed.items()
            )
            self._line(f"申诉成立前：{told}", 8, _SOFT)

    def counts(self) -> None:
        self._heading("数量")
        amounts = self._month["total"]["counts"]
        cells = [cell for name, one in COUNTS.items() for cell in (one.label, amounts[name])]
        cells += [""] * (-len(cells) % 8)
        rows = [cells[start : start + 8] for start in range(0, len(cells), 8)]
        self._table(["项目", "件数"] * 4, rows, (18, 8) * 4)

    def times(self) -> None:
        self._heading("响应时间")
        rows = []
        for name, found in self._month["stages"].items():
            both = (found["working_minutes"], found["clock_minutes"])
            times = [_minutes(kind[rank]) for kind in both for rank in ("median", "p90", "p95")]
            rows.append([STAGES[name].label, found["count"], *times])
        ranks = ["中位数", "九成以内", "九成五以内"]
        columns = ["阶段", "件数", *(f"工作时间\n{r}" for r in ranks)]
        columns += [f"自然时间\n{r}" for r in ranks]
        self._table(columns, rows, (20, 9, 15, 15, 15, 15, 15, 15))

    def late(self) -> None:
        late = self._month["late"]
        self._heading("超时案卷")
        if not late["items"]:
            self._line("本月没有超时案卷。", 9)
            return
        columns = [
            "编号",
            "类别",
            "处置期限",
            "处置完成",
            "超时\n（工作时间）",
            "超时期间责任方\n（工作时间）",
        ]
        self._table(columns, map(_late_row, late["items"]), (25, 16, 19, 19, 16, 36))
        if late["more"]:
            self._line(f"只列出前 {len(late['items'])} 件，其余见超时案卷页面。", 8, _SOFT)

    def _write(self, size: float, colour: tuple[int, int, int] = _INK) -> None:
        self.set_font("sans", size=size)
        self.set_text_color(*colour)

    def _line(self, text: str, size: float, colour: tuple[int, int, int] = _INK) -> None:
        self._write(size, colour)
        self.multi_cell(0, size * 0.55, text, new_x="LMARGIN", new_y="NEXT", wrapmode=WrapMode.CHAR)

    def _heading(self, text: str) -> None:
        self.ln(4)
        self._line(text, 12)
        self.ln(1)

    def _table(
        self, columns: Sequence[str], rows: Iterable[Sequence[Any]], widths: Sequence[int]
    ) -> None:
        self._write(8.5)
        self.set_draw_color(200, 208, 204)
        with self.table(
            col_widths=tuple(widths),
            headings_style=FontFace(fill_color=_BAND, color=_INK),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            cell_fill_mode=TableCellFillMode.NONE,
            line_height=4.6,
            padding=(0.4, 1),
            text_align="LEFT",
            wrapmode=WrapMode.CHAR,
        ) as table:
            for line in (columns, *rows):
                row = table.row()
                for value in line:
                    row.cell(str(value))


def _late_row(row: Mapping[str, Any]) -> list[str]:
    held = "、".join(
        f"{one['holder_name']} {_minutes(one['working_seconds'] // 60)}"
        for one in row["held_since_due"]
    )
    done = local(row["resolved_at"]) if row["handled"] else "尚未处置"
    late = _minutes(row["late_working_seconds"] // 60)
    number = row["case_number"] + (f"（第 {row['round']} 轮）" if row["round"] > 1 else "")
    return [number, row["category_name"], local(row["due_at"]), done, late, held or NOTHING]


def _share(share: Mapping[str, Any]) -> list[str]:
    value = NOTHING if share["value"] is None else f"{share['value']:.2f}%"
    return [value, f"{share['numerator']}/{share['denominator']}"]


def _points(changed: float | None) -> str:
    if changed is None:
        return NOTHING
    return f"{changed:+.2f}" if changed else "持平"


def _minutes(amount: int | None) -> str:
    if amount is None:
        return NOTHING
    hours, minutes = divmod(amount, _HOUR)
    return f"{hours} 小时 {minutes} 分" if hours else f"{minutes} 分"
