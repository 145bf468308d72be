"""What is set up and what is missing; on an empty system the steps that lead through set-up."""

from dataclasses import dataclass, field

from flask import Response

from app.auth import Access, Work, access
from app.console.admin.menu import HOME, admin_page
from app.console.district.responsibilities import today
from app.console.district.upload import COORD_TYPES, done, opened
from app.console.pages import pages
from app.services import import_history, reply_template
from app.services import responsibility_faults as faults
from app.services.duty_week import unmanned
from app.services.import_headings import KIND_LABELS
from app.services.responsibility_matrix import Matrix
from models.account import ROLE_LABELS, Role
from models.area import LEVEL_LABELS, TREE, Level
from models.calendar import unknown_year
from models.routing import Atlas

NEEDED_ROLES = (Role.DISPATCHER, Role.SUPERVISOR, Role.GRID_WORKER, Role.UNIT_STAFF)


@dataclass(frozen=True, slots=True)
class Step:
    """A part of the set-up. `kinds` are the imports that it consists of, `has` what is there in
    words, `warns` what should be looked at; `needed` before the first case."""

    title: str
    link: str
    why: str
    has: str = ""
    warns: list[str] = field(default_factory=list)
    kinds: tuple[str, ...] = ()
    needed: bool = True

    @property
    def done(self) -> bool:
        return bool(self.has)


@pages.get("/admin")
@access(Access.ADMIN)
def district_overview() -> Response:
    with opened() as here:
        last = import_history.last_of_each(here.db)
        steps = _steps(here)
        shown = done()
    missing = [step for step in steps if step.needed and not step.done]
    return admin_page(
        "district/overview.html",
        200,
        here.actor,
        **shown,
        steps=steps,
        missing=missing,
        first=missing[0] if missing else None,
        last=last,
        kind_labels=KIND_LABELS,
        coord_types=COORD_TYPES,
        home=HOME,
    )


def _steps(here: Work) -> list[Step]:
    atlas = here.atlas
    return [
        _catalogue(atlas),
        _areas(atlas),
        Step(
            "单位",
            "/console/district/units",
            "街道、职能部门、物业、承包单位和值班室。",
            _counted(sum(not unit.retired for unit in atlas.units.values()), "个单位"),
            kinds=("units",),
        ),
        _accounts(here),
        _responsibilities(atlas),
        _duties(atlas),
        _calendar(atlas),
        _templates(here),
        _wechat(here),
    ]


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count else ""


def _catalogue(atlas: Atlas) -> Step:
    used = [one for one in atlas.categories.values() if one.retired_at is None]
    groups = len({one.category_group for one in used})
    return Step(
        "类别与时限",
        "/console/district/catalogue",
        "管哪些事、多久办完。安装时已带一份常用目录，可直接使用。",
        f"{groups} 个大类，{len(used)} 个小类" if used else "",
        kinds=("catalogue", "fields"),
    )


def _areas(atlas: Atlas) -> Step:
    counts = []
    for level in (*TREE, Level.OVERLAY):
        count = sum(area.level is level for area in atlas.areas.values())
        if count:
            counts.append(f"{LEVEL_LABELS[level]} {count}")
    return Step(
        "区域",
        "/console/district/areas",
        "街道、社区、网格的边界（GeoJSON）。案卷按坐标落到网格。",
        "，".join(counts),
        kinds=("areas",),
    )


def _accounts(here: Work) -> Step:
    counts = import_history.people_by_role(here.db)
    roles = [f"{ROLE_LABELS[role]} {counts[role]}" for role in NEEDED_ROLES if counts.get(role)]
    lacking = [ROLE_LABELS[role] for role in NEEDED_ROLES if not counts.get(role)]
    warns = [f"还没有：{'、'.join(lacking)}"] if roles and lacking else []
    return Step(
        "账号",
        "/console/admin/accounts",
        "受理派遣员、督查员、网格员、经办人。账号里的单位和区域要先有。",
        "，".join(roles),
        warns,
    )


def _responsibilities(atlas: Atlas) -> Step:
    matrix = Matrix(atlas, today())
    found = faults.gaps(matrix) if matrix.rules else []
    warns = [f"{len(found)} 处没有责任单位，案卷会留在受理台"] if found else []
    useless = len(faults.unused(matrix))
    if useless:
        warns.append(f"{useless} 条规则不起作用")
    return Step(
        "权责",
        "/console/district/responsibilities",
        "哪里的哪类事归哪个单位。没有规则的案卷由受理台人工派遣。",
        _counted(len(matrix.rules), "条今天有效的规则"),
        warns,
        kinds=("responsibilities",),
    )


def _duties(atlas: Atlas) -> Step:
    day = today()
    valid = [one for one in atlas.duties if one.valid_to is None or one.valid_to >= day]
    lacking = len(unmanned(atlas, day))
    return Step(
        "排班",
        "/console/district/duties",
        "谁核查哪个网格的案卷。没有人值班的由受理台核查。",
        _counted(len(valid), "条排班"),
        [f"{lacking} 个网格今天完全没有排班"] if valid and lacking else [],
        kinds=("duties",),
        needed=False,
    )


def _calendar(atlas: Atlas) -> Step:
    year, unknown = today().year, unknown_year(today())
    entered = {day.year for one in atlas.calendars.values() for day, _ in one.exceptions}
    warns = []
    if unknown is not None and unknown not in entered:
        warns = [f"尚无 {unknown} 年放假和调休安排，请升级日历数据或录入例外"]
    return Step(
        "日历",
        "/console/district/calendar",
        "哪些天上班，期限按此计算。法定节假日和调休已自带。",
        f"{year} 年" + (f"，本地例外 {len(atlas.calendars['office'].exceptions)} 天"
                        if atlas.calendars["office"].exceptions else "，按法定安排"),
        warns,
        needed=False,
    )  # fmt: skip


def _templates(here: Work) -> Step:
    return Step(
        "回复模板",
        "/console/district/templates",
        "答复市民的常用语，受理台选用后再改。",
        _counted(len(reply_template.in_use(here.db)), "个模板"),
        needed=False,
    )


def _wechat(here: Work) -> Step:
    return Step(
        "微信小程序",
        "/console/admin/health",
        "市民从微信上报。由运维在服务器环境中设置，见部署文档。",
        "已配置" if here.kit.wechat is not None else "",
        needed=False,
    )
