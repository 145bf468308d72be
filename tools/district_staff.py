"""Units, responsibilities, duties and accounts of the synthetic demo district.

Tables are lists of rows of text, the first row being the header.
"""

import shapely

from tools.district_map import CONTRACT_POINT, DISTRICT, Area

Table = list[tuple[str, ...]]

SINCE = "2025-01-01"

UNITS: Table = [
    ("code", "name", "parent", "kind", "calendar"),
    ("U-GWH", "示范区管理委员会", "", "bureau", ""),
    ("U-CG", "示范区城市管理局", "U-GWH", "bureau", ""),
    ("U-HW", "洁净环卫公司", "U-CG", "contractor", ""),
    ("U-SZ", "通达市政维护公司", "U-CG", "contractor", ""),
    ("U-YL", "青禾园林养护公司", "U-CG", "contractor", ""),
    ("U-ZF", "示范区城管执法大队", "U-CG", "bureau", "street"),
    ("U-ZJ", "示范区住房和建设局", "U-GWH", "bureau", ""),
    ("U-WY1", "示范花园物业公司", "U-ZJ", "property", ""),
    ("U-WY2", "安居家园物业公司", "U-ZJ", "property", ""),
    ("U-HB", "示范区生态环境局", "U-GWH", "bureau", ""),
    ("U-SJ", "示范区市场监督管理局", "U-GWH", "bureau", ""),
    ("U-SC", "示范农贸市场管理公司", "U-SJ", "property", ""),
    ("U-SH", "示范区社会事务局", "U-GWH", "bureau", ""),
    ("U-DC", "示范区督查室", "U-GWH", "bureau", ""),
    ("U-ZB", "示范区城市运行值班中心", "U-GWH", "duty", "always"),
    ("U-JD1", "甲街道办事处", "U-GWH", "street_office", ""),
    ("U-ZB1", "甲街道值班室", "U-JD1", "duty", "always"),
    ("U-JD2", "乙街道办事处", "U-GWH", "street_office", ""),
    ("U-ZB2", "乙街道值班室", "U-JD2", "duty", "always"),
]

# Unit to what it answers for: groups by "*name", categories by name, "any" for all else.
_DISTRICT_RULES = {
    "U-CG": "any",
    "U-HW": "*environment",
    "U-ZF": "*advertising *street illegal-building cooking-fumes poultry junk-vehicle muck-truck "
    "unlicensed-digging",
    "U-HB": "black-water sewage-discharge open-burning",
    "U-YL": "dirty-green greenery-occupation tree-hanging damaged-greenery plant-damage",
    "U-SZ": "*facility *emergency open-ditch",
    "U-ZJ": "*works *community gas-leak fallen-cable",
    "U-SJ": "*market tobacco-advertising",
    "U-SH": "*conduct *other internet-cafe-minors vagrant-help school-surroundings "
    "no-smoking-sign public-notice-defect",
}
_STREET_RULES = "*community frontage stickers street-hanging bike-parking rural-environment poultry"

# Events: area beats category. 渔湾社区 looks after itself, so that its events stay there, while
# its road damage (a component, category beats area) still goes to U-SZ. An estate takes its own
# road damage only because a rule of that category says so.
_RULES: dict[str, dict[str, str]] = {
    DISTRICT: _DISTRICT_RULES,
    f"{DISTRICT}001": {"U-JD1": _STREET_RULES},
    f"{DISTRICT}002": {"U-JD2": _STREET_RULES},
    f"{DISTRICT}001001": {"U-JD1": "exposed-garbage"},
    f"{DISTRICT}002005": {"U-JD2": "any"},
    f"{DISTRICT}00200103": {"U-WY2": "*environment"},
    "Y-ESTATE-1": {"U-WY1": "*community *environment corridor-light damaged-greenery road-damage"},
    "Y-ESTATE-2": {"U-WY2": "any corridor-light damaged-greenery road-damage"},
    "Y-MARKET-1": {"U-SC": "any"},
    "Y-PARK-1": {"U-YL": "any public-facility damaged-greenery"},
    "Y-RIVER-1": {"U-HB": "black-water sewage-discharge", "U-HW": "*environment"},
    "Y-ROAD-1": {"U-HW": "*environment", "U-ZF": "car-parking bike-parking"},
    "Y-ROAD-2": {"U-HW": "*environment"},
}


def responsibilities() -> Table:
    """Who answers for what where; one rule is already past, as history is never overwritten."""
    rows: Table = [
        ("area", "category", "group", "unit", "valid_from", "valid_to"),
        (DISTRICT, "", "environment", "U-CG", "2024-01-01", "2024-12-31"),
    ]
    for area, units in _RULES.items():
        for unit, names in units.items():
            for name in names.split():
                group = name[1:] if name.startswith("*") else ""
                category = "" if group or name == "any" else name
                rows.append((area, category, group, unit, SINCE, ""))
    return rows


# Community to its worker; the next community of the same street lends the backup.
_WORKERS = {
    f"{DISTRICT}001001": "worker2",
    f"{DISTRICT}001002": "worker3",
    f"{DISTRICT}001003": "worker1",
    f"{DISTRICT}001004": "worker4",
    f"{DISTRICT}001005": "worker5",
    f"{DISTRICT}002001": "worker6",
    f"{DISTRICT}002002": "worker7",
    f"{DISTRICT}002003": "worker8",
    f"{DISTRICT}002004": "worker9",
    f"{DISTRICT}002005": "worker10",
}
_DUTY_UNITS = {DISTRICT: "U-ZB", f"{DISTRICT}001": "U-ZB1", f"{DISTRICT}002": "U-ZB2"}
_DUTY_COLUMNS = (
    *("area", "worker", "weekdays", "starts", "ends"),
    *("valid_from", "valid_to", "backup", "duty_unit"),
)
_ALWAYS = ("1-7", "00:00", "24:00")


def _backup(community: str) -> str:
    number = int(community[-3:]) % 5 + 1
    return _WORKERS[f"{community[:-3]}{number:03}"]


def duties(areas: list[Area]) -> Table:
    """Who checks each grid and when; outside those hours the duty units do."""
    rows: Table = [_DUTY_COLUMNS]
    rows += [(code, "", *_ALWAYS, SINCE, "", "", unit) for code, unit in _DUTY_UNITS.items()]
    for area in areas:
        if area.level == "grid":
            rows += _grid_duties(area)
    return rows


def _grid_duties(grid: Area) -> Table:
    community = grid.parent or ""
    worker, backup = _WORKERS[community], _backup(community)
    if grid.boundary.contains(shapely.Point(CONTRACT_POINT)):
        return [(grid.code, worker, *_ALWAYS, SINCE, "", backup, "")]
    if int(community[-1]) % 2:
        return [(grid.code, worker, "1-7", "07:00", "19:00", SINCE, "", backup, "")]
    return [
        (grid.code, worker, "1-5", "08:00", "20:00", SINCE, "", backup, ""),
        (grid.code, backup, "6,7", "08:00", "18:00", SINCE, "", worker, ""),
    ]


_OFFICE_ACCOUNTS: Table = [
    ("username", "display_name", "unit", "roles", "head"),
    ("desk", "何受理", "U-ZB", f"dispatcher@area:{DISTRICT}", ""),
    ("supervisor", "严督查", "U-DC", "supervisor@all", "yes"),
    ("supervisor2", "方督查", "U-DC", f"supervisor@area:{DISTRICT}", ""),
    ("admin", "管系统", "", "admin@all", ""),
]
# In order unit1, unit2, …: name, unit, whether its head. The last four are heads of others.
_UNIT_STAFF = (
    ("洪环卫", "U-HW", ""),
    ("石市政", "U-SZ", "yes"),
    ("林园林", "U-YL", "yes"),
    ("安执法", "U-ZF", "yes"),
    ("金甲街", "U-JD1", ""),
    ("易乙街", "U-JD2", "yes"),
    ("花物业", "U-WY1", "yes"),
    ("居物业", "U-WY2", "yes"),
    ("江住建", "U-ZJ", "yes"),
    ("水环保", "U-HB", "yes"),
    ("商市监", "U-SJ", "yes"),
    ("文社务", "U-SH", "yes"),
    ("洪经理", "U-HW", "yes"),
    ("程局长", "U-CG", "yes"),
    ("金主任", "U-JD1", "yes"),
    ("农市场", "U-SC", "yes"),
)
_WORKER_NAMES = ("赵甲", "钱乙", "孙丙", "李丁", "周戊", "吴己", "郑庚", "冯辛", "陈壬", "褚癸")
_DUTY_ROOMS = (
    ("worker11", "卫子", "U-ZB1", f"grid_worker@area:{DISTRICT}001", "yes"),
    ("worker12", "蒋丑", "U-ZB2", f"grid_worker@area:{DISTRICT}002", "yes"),
)


def accounts() -> Table:
    """Everyone's account; a grid worker may act where on duty or a backup, and nowhere else.

    Grid workers belong to their street office, so that they may sign for its own cases.
    """
    workers = [
        (f"worker{number}", name, _street_office(number), _worker_roles(f"worker{number}"), "")
        for number, name in enumerate(_WORKER_NAMES, 1)
    ]
    staff = [
        (f"unit{number}", name, unit, f"unit_staff@unit:{unit}", head)
        for number, (name, unit, head) in enumerate(_UNIT_STAFF, 1)
    ]
    return [*_OFFICE_ACCOUNTS, *workers, *_DUTY_ROOMS, *staff]


def _street_office(number: int) -> str:
    return "U-JD1" if number <= 5 else "U-JD2"


def _worker_roles(worker: str) -> str:
    own = [
        community for community, main in _WORKERS.items() if worker in (main, _backup(community))
    ]
    return ";".join(f"grid_worker@area:{community}" for community in own)
