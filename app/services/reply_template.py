"""Replies that are written once: which there are, for which action, and how they are kept."""

import re
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Row, func, insert, select, update

from models.errors import Conflict, FieldFault, InvalidInput, NotFound
from models.fields import says_what_was_done, storable
from models.reply_template import ReplyTemplate
from models.status import ACTION_LABELS, Action

ACTIONS = (Action.REJECT, Action.PASS, Action.ASK_REPORTER, Action.TRANSFER_OUT)
"""Actions whose form has a text for the resident: a reply, or a question."""
PLACEHOLDERS = {"category": "类别", "address": "地址", "unit": "责任单位", "date": "日期"}
"""What may stand in braces in a template, and what it is."""
LONGEST_NAME, LONGEST = 30, 500
_BRACES = re.compile(r"\{([^{}]*)\}")
STARTERS: tuple[tuple[Action, str, str], ...] = (
    (
        Action.REJECT,
        "不属受理范围",
        "您反映的{category}问题不属于随手拍受理范围，请向所属物业或主管部门反映，感谢您的监督。",
    ),
    (
        Action.REJECT,
        "现场未发现",
        "工作人员到{address}查看，现场未发现您反映的{category}问题。如再次出现，请拍照重新上报。",
    ),
    (
        Action.ASK_REPORTER,
        "请补充位置",
        "您反映的{category}问题，照片上看不出具体位置。请补充门牌号、店名或附近标志物。",
    ),
    (
        Action.ASK_REPORTER,
        "请补充照片",
        "请补充一张能看清现场和周围环境的照片，方便工作人员找到{address}的具体位置。",
    ),
    (
        Action.PASS,
        "已清理",
        "您反映的{address}{category}，{unit}已于{date}清理干净，并拍照核对。欢迎继续监督。",
    ),
    (
        Action.PASS,
        "已修复",
        "您反映的{address}{category}，{unit}已于{date}修好，恢复正常使用。欢迎继续监督。",
    ),
    (
        Action.TRANSFER_OUT,
        "转市级部门",
        "您反映的{address}{category}由市级部门管理，我们已于{date}转交，并会跟进办理结果。",
    ),
)
"""What a new district may begin with."""


def in_use(db: Connection) -> Sequence[Row[int, str, str, str]]:
    """Templates (id, action, name, body) that are not retired, by action and name."""
    columns = select(
        ReplyTemplate.id, ReplyTemplate.action, ReplyTemplate.name, ReplyTemplate.body
    ).where(ReplyTemplate.retired_at.is_(None))
    order = (ReplyTemplate.action, ReplyTemplate.name, ReplyTemplate.id)
    return db.execute(columns.order_by(*order)).all()


def filled(body: str, facts: Mapping[str, str | None]) -> str:
    """The text with what is known of a case in place of the braces; what is not known stands as
    【责任单位】, to be written by hand."""

    def word(found: re.Match[str]) -> str:
        name = found[1]
        if name not in PLACEHOLDERS:
            return found[0]
        return facts.get(name) or f"【{PLACEHOLDERS[name]}】"

    return _BRACES.sub(word, body)


def unfilled(text: str) -> str | None:
    """The first 【地址】 and the like that nobody replaced, or None."""
    marks = (f"【{label}】" for label in PLACEHOLDERS.values())
    return next((mark for mark in marks if mark in text), None)


def add(db: Connection, action: str, name: str, body: str) -> int:
    """A new template; returns its id. The same one again is the same.

    Raises:
        InvalidInput: names every fault.
    """
    name, body = _checked(action, name, body)
    _lock(db)
    same = _named(db, action, name)
    if same is not None and same.body == body:
        return int(same.id)
    if same is not None:
        raise InvalidInput.at("/name", f"“{ACTION_LABELS[Action(action)]}”已有模板“{name}”")
    values = {"action": action, "name": name, "body": body}
    made = db.execute(insert(ReplyTemplate).values(values).returning(ReplyTemplate.id))
    return int(made.scalar_one())


def change(db: Connection, template_id: int, seen: tuple[str, str], name: str, body: str) -> bool:
    """Gives the template a name and a text; `seen` are those that it had when it was looked at.
    Returns whether that was anything new.

    Raises:
        NotFound: it is not in use. Conflict: another changed it. InvalidInput: names every fault.
    """
    _lock(db)
    known = _one(db, template_id)
    name, body = _checked(known.action, name, body)
    if (known.name, known.body) == (name, body):
        return False
    if (known.name, known.body) != seen:
        raise Conflict("这个模板刚刚被他人修改，下面是现在的内容和您填写的内容，请核对后再保存")
    same = _named(db, known.action, name)
    if same is not None and same.id != template_id:
        label = ACTION_LABELS[Action(known.action)]
        raise InvalidInput.at("/name", f"“{label}”已有模板“{name}”")
    _update(db, template_id, name=name, body=body)
    return True


def retire(db: Connection, template_id: int) -> Row[int, str, str, str] | None:
    """The template is offered no more; returns it as it was, None where it was retired already."""
    _lock(db)
    try:
        known = _one(db, template_id)
    except NotFound:
        return None
    _update(db, template_id, retired_at=func.now())
    return known


def add_starters(db: Connection) -> int:
    """Adds those of STARTERS whose name is not taken; returns how many."""
    added = 0
    for action, name, body in STARTERS:
        if _named(db, action, name) is None:
            add(db, action, name, body)
            added += 1
    return added


def _lock(db: Connection) -> None:
    """One change at a time: names stay unique, and nobody overwrites what they have not seen."""
    db.execute(select(func.pg_advisory_xact_lock(func.hashtext("reply_template"))))


def _update(db: Connection, template_id: int, **values: object) -> None:
    db.execute(update(ReplyTemplate).where(ReplyTemplate.id == template_id).values(values))


def _one(db: Connection, template_id: int) -> Row[int, str, str, str]:
    found = next((row for row in in_use(db) if row.id == template_id), None)
    if found is None:
        raise NotFound("没有这个模板，可能已停用")
    return found


def _named(db: Connection, action: str, name: str) -> Row[int, str, str, str] | None:
    return next((r for r in in_use(db) if r.action == action and r.name == name), None)


def _checked(action: str, name: str, body: str) -> tuple[str, str]:
    name, body, faults = name.strip(), body.strip().replace("\r\n", "\n"), []
    if action not in ACTIONS:
        faults.append(FieldFault("/action", "请选择用在哪个操作"))
    for pointer, text, longest in (("/name", name, LONGEST_NAME), ("/body", body, LONGEST)):
        if not text:
            faults.append(FieldFault(pointer, "必填"))
        elif len(text) > longest:
            faults.append(FieldFault(pointer, f"最多 {longest} 个字，现在 {len(text)} 个"))
        elif not storable(text):
            faults.append(FieldFault(pointer, "含有无法保存的字符"))
    unknown = [found for found in _BRACES.findall(body) if found not in PLACEHOLDERS]
    if unknown:
        known = "、".join(f"{{{name}}}" for name in PLACEHOLDERS)
        faults.append(FieldFault("/body", f"不认识“{{{unknown[0]}}}”，可以用：{known}"))
    if action == Action.PASS and body and not says_what_was_done(_BRACES.sub("", body)):
        message = "回复要写明做了什么；只写“已处理”这样的套话，核查通过时会被退回"
        faults.append(FieldFault("/body", message))
    if faults:
        raise InvalidInput("模板没有保存", faults)
    return name, body
