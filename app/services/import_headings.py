"""What the kinds of imports, the columns of their files and the values in them are called in
Chinese: files may have either."""

from models.area import UNIT_KIND_LABELS
from models.calendar import CALENDAR_LABELS
from models.catalogue import EVIDENCE_LABELS, INTAKE_LABELS
from models.catalogue import KIND_LABELS as CATEGORY_KINDS
from models.extra_fields import DATATYPE_LABELS

KIND_LABELS = {
    "areas": "区域",
    "units": "单位",
    "responsibilities": "权责",
    "duties": "排班",
    "catalogue": "目录",
    "fields": "附加信息",
    "accounts": "账号",
    "leave": "请假",
    "calendar": "日历",
    "messages": "消息模板",
    "places": "地点码",
}
COLUMN_LABELS: dict[str, dict[str, str]] = {
    "areas": {
        "code": "编码",
        "name": "名称",
        "level": "级别",
        "parent": "上级编码",
        "priority": "优先级",
        "geometry": "边界",
    },
    "units": {
        "code": "编码",
        "name": "名称",
        "parent": "上级编码",
        "kind": "类型",
        "calendar": "日历",
    },
    "responsibilities": {
        "area": "区域编码",
        "category": "小类编码",
        "group": "大类编码",
        "unit": "单位编码",
        "valid_from": "开始日期",
        "valid_to": "结束日期",
    },
    "duties": {
        "area": "区域编码",
        "worker": "网格员账号",
        "weekdays": "星期",
        "starts": "开始时间",
        "ends": "结束时间",
        "valid_from": "开始日期",
        "valid_to": "结束日期",
        "backup": "替补账号",
        "duty_unit": "值班单位编码",
    },
    "catalogue": {
        "code": "编码",
        "group": "大类编码",
        "group_name": "大类名称",
        "name": "名称",
        "kind": "性质",
        "limit": "处置时限",
        "control_limit": "先期处置时限",
        "calendar": "日历",
        "intake": "受理方式",
        "public": "公开",
        "coarse": "只公开大致位置",
        "evidence": "处置证据",
        "min_photos": "最少照片",
        "emergency": "突发险情",
        "aliases": "别名",
        "accept_when": "立案条件",
        "close_when": "结案条件",
        "call_first": "先打电话",
    },
    "fields": {
        "category": "小类编码",
        "code": "编码",
        "datatype": "类型",
        "required": "必填",
        "description": "名称",
        "hint": "提示",
        "values": "选项",
    },
}
HEADINGS: dict[str, dict[str, str]] = {
    kind: {label: column for column, label in labels.items()}
    for kind, labels in COLUMN_LABELS.items()
}
"""By kind: what may stand in a file's heading for a column's name."""
_YES_NO = {"yes": "是", "no": "否"}
VALUE_LABELS: dict[str, dict[str, dict[str, str]]] = {
    "units": {"kind": UNIT_KIND_LABELS, "calendar": CALENDAR_LABELS},
    "catalogue": {
        "kind": CATEGORY_KINDS,
        "calendar": CALENDAR_LABELS,
        "intake": {str(code): label for code, label in INTAKE_LABELS.items()},
        "evidence": {str(code): label for code, label in EVIDENCE_LABELS.items()},
        "public": _YES_NO,
        "coarse": _YES_NO,
        "emergency": _YES_NO,
    },
    "fields": {
        "datatype": {str(code): label for code, label in DATATYPE_LABELS.items()},
        "required": _YES_NO,
    },
    "accounts": {"head": _YES_NO},
}
"""By kind and column, code to label."""
VALUES: dict[str, dict[str, dict[str, str]]] = {
    kind: {
        column: {label: code for code, label in labels.items()}
        for column, labels in columns.items()
    }
    for kind, columns in VALUE_LABELS.items()
}
"""By kind and column, label to code."""
