"""Subscribe messages: notices that also go to a phone, and what became of each.

The inbox does not depend on it: a message comes after its notice and may fail.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text, update

from app.clients.wechat import WeChat
from app.clients.wechat_errors import (
    WeChatBusy,
    WeChatError,
    WeChatMisconfigured,
    WeChatNoConsent,
    WeChatQuotaUsedUp,
)
from app.services import consent
from app.services.outbox import PutOff
from models.account import Account
from models.calendar import LOCAL
from models.case import Case
from models.message import NEWS_FOR, Message, MessageState, MessageTemplate, after_quiet
from models.message_fields import fit, kind_of, time_value
from models.notice import Notice
from models.outbox import Outbox
from models.routing import Atlas
from models.status import STATUS_LABELS, Status

UNCLEAR_FOR = timedelta(minutes=5)
"""A message that may have gone out is not sent again before WeChat had time to report it."""
REPORTED_FOR = timedelta(days=1)
NO_CONSENT = 43101
FALLBACK = {
    "thing": "请在小程序查看",
    "phrase": "已更新",
    "name": "随手拍",
    "character_string": "-",
    "time": "{time}",
    "date": "{time}",
}
"""The kinds of keys that a template here may have, and what stands where nothing fits."""
PLACEHOLDERS = ("number", "category", "unit", "status", "title", "body", "time", "grid")
"""What the fields of a template may name, as {number}."""

_PLAN = text(
    """
    INSERT INTO message (notice_id, account_id, template_id, state, created_at)
    SELECT n.id, n.account_id, t.template_id, 'waiting', now()
    FROM unnest(CAST(:accounts AS bigint[]), CAST(:cases AS bigint[]), CAST(:causes AS text[]))
         AS told (account, case_id, cause)
    JOIN notice n ON n.account_id = told.account AND n.case_id = told.case_id
                 AND n.cause = told.cause
    JOIN account a ON a.id = n.account_id AND a.openid IS NOT NULL AND a.enabled
    JOIN message_template t ON t.event = n.event
    WHERE n.created_at > now() - :news
    ON CONFLICT (notice_id) DO NOTHING
    RETURNING id
    """
)


def plan(db: Connection, notices: Sequence[dict[str, Any]]) -> None:
    """Messages for those of the notices that have a template and a phone to go to, each once."""
    found = db.execute(
        _PLAN,
        {
            "accounts": [one["account_id"] for one in notices],
            "cases": [one["case_id"] for one in notices],
            "causes": [one["cause"] for one in notices],
            "news": NEWS_FOR,
        },
    )
    now = datetime.now(LOCAL)
    jobs = [
        {"args": {"message_id": found_id}, "created_at": now, "due_at": now}
        for found_id in found.scalars()
    ]
    if jobs:
        db.execute(insert(Outbox).values(job="message.send"), jobs)


@dataclass(frozen=True, slots=True)
class Sending:
    """A message as it goes out."""

    id: int
    account_id: int
    openid: str
    template_id: str
    page: str
    data: dict[str, str]


def take_up(db: Connection, atlas: Atlas, message_id: int, now: datetime) -> Sending | None:
    """Marks a message as being sent and returns it; None: it is done with.

    Raises:
        PutOff: quiet hours, or its last attempt may have reached WeChat.
    """
    row = _read(db, message_id)
    if row is None or row.state not in (MessageState.WAITING, MessageState.SENDING):
        return None
    hopeless = _hopeless(db, row, now)
    if hopeless is not None:
        end(db, message_id, *hopeless)
        return None
    quiet_until = after_quiet(now)
    if quiet_until is not None and not (row.urgent or row.emergency):
        raise PutOff("quiet hours", quiet_until)
    if row.state == MessageState.SENDING and now < row.tried_at + UNCLEAR_FOR:
        raise PutOff("the last attempt may have arrived", row.tried_at + UNCLEAR_FOR)
    _update(db, message_id, state=MessageState.SENDING, attempts=row.attempts + 1, tried_at=now)
    page = row.page.format(report=row.report_id or "", number=row.number)
    data = filled(row.fields, _words(atlas, row))
    return Sending(message_id, row.account_id, row.openid, row.template_id, page, data)


def _read(db: Connection, message_id: int) -> Row[Any] | None:
    return db.execute(
        select(
            Message.__table__,
            Notice.title,
            Notice.body,
            Notice.report_id,
            Notice.created_at.label("told_at"),
            Account.openid,
            Case.number,
            Case.category,
            Case.unit,
            Case.status,
            Case.grid,
            Case.emergency,
            MessageTemplate.fields,
            MessageTemplate.page,
            MessageTemplate.urgent,
        )
        .join(Notice, Notice.id == Message.notice_id)
        .join(Case, Case.id == Notice.case_id)
        .join(Account, Account.id == Message.account_id)
        .outerjoin(
            MessageTemplate,
            (MessageTemplate.event == Notice.event)
            & (MessageTemplate.template_id == Message.template_id),
        )
        .where(Message.id == message_id)
        .with_for_update(of=Message)
    ).one_or_none()


def _hopeless(db: Connection, row: Any, now: datetime) -> tuple[MessageState, str] | None:
    """Why it is of no use to ask WeChat."""
    if row.openid is None:
        return MessageState.FAILED, "收件人已没有微信身份"
    if row.fields is None:
        return MessageState.FAILED, "消息模板已停用"
    if now - row.told_at > NEWS_FOR:
        return MessageState.FAILED, "一天内没有发出，已过期"
    if consent.known_to_be_used_up(db, row.account_id, row.template_id):
        return MessageState.REFUSED, "没有剩余的订阅次数"
    return None


def _words(atlas: Atlas, row: Any) -> dict[str, str]:
    return {
        "number": row.number,
        "category": atlas.category_name(row.category),
        "unit": atlas.unit_name(row.unit) or "责任单位",
        "status": STATUS_LABELS[Status(row.status)],
        "title": row.title,
        "body": row.body,
        "time": time_value(row.told_at),
        "grid": atlas.area_name(row.grid) or "",
    }


def filled(fields: dict[str, str], words: dict[str, str]) -> dict[str, str]:
    """The values of a template's keys, as WeChat takes them: none too long, none empty."""
    found = {}
    for key, template in fields.items():
        instead = FALLBACK[kind_of(key) or ""].format(**words)
        found[key] = fit(key, template.format(**words)) or fit(key, instead) or instead
    return found


def deliver(wechat: WeChat, sending: Sending) -> WeChatError | None:
    """Sends it; the error that came instead of success."""
    try:
        wechat.send_message(sending.openid, sending.template_id, sending.data, sending.page)
    except WeChatError as error:
        return error
    return None


def settle(db: Connection, sending: Sending, error: WeChatError | None) -> None:
    """Keeps how an attempt ended, unless WeChat has reported it already."""
    row = _read(db, sending.id)
    if row is None or row.state != MessageState.SENDING:
        return
    if error is None:
        end(db, sending.id, MessageState.SENT, None, errcode=0)
        consent.spent(db, sending.account_id, sending.template_id)
    elif isinstance(error, WeChatNoConsent):
        end(db, sending.id, MessageState.REFUSED, "用户没有订阅", errcode=error.errcode)
        consent.refused(db, sending.account_id, sending.template_id)
    elif isinstance(error, WeChatBusy | WeChatMisconfigured):
        unclear = isinstance(error, WeChatBusy) and error.unclear
        state = MessageState.SENDING if unclear else MessageState.WAITING
        _update(db, sending.id, state=state, errcode=error.errcode, reason=_why(error))
    else:
        end(db, sending.id, MessageState.FAILED, _why(error), errcode=error.errcode)


def again(error: WeChatError | None, now: datetime) -> PutOff | None:
    """When to try once more, if at all."""
    if isinstance(error, WeChatQuotaUsedUp):
        return PutOff(str(error), _next_day(now))
    if isinstance(error, WeChatBusy) and error.unclear:
        return PutOff(str(error), now + UNCLEAR_FOR)
    if isinstance(error, WeChatBusy | WeChatMisconfigured):
        return PutOff(str(error))
    return None


def _next_day(now: datetime) -> datetime:
    """Just after midnight in China, when quotas begin anew."""
    day = now.astimezone(LOCAL).date() + timedelta(days=1)
    return datetime.combine(day, datetime.min.time(), LOCAL) + timedelta(minutes=1)


def _why(error: WeChatError) -> str:
    if isinstance(error, WeChatQuotaUsedUp):
        return "今天的发送额度已用完，明天再发"
    if isinstance(error, WeChatBusy):
        return "可能已发出，等待微信确认" if error.unclear else "微信暂时没有响应，稍后重试"
    if isinstance(error, WeChatMisconfigured):
        return "微信拒绝了本服务器，请运行 flask doctor wechat"
    return {
        40003: "微信不认识收件人",
        40037: "模板编号不对",
        41030: "小程序没有要打开的页面",
        47003: "模板的字段或内容不对",
    }.get(error.errcode or 0, "微信不接受这条消息")


def end(
    db: Connection,
    message_id: int,
    state: MessageState,
    reason: str | None,
    errcode: int | None = None,
) -> None:
    ended = text("clock_timestamp()")
    _update(db, message_id, state=state, reason=reason, errcode=errcode, ended_at=ended)


def _update(db: Connection, message_id: int, **values: Any) -> None:
    db.execute(update(Message).where(Message.id == message_id).values(values))


def confirm(db: Connection, account_id: int, template_id: str, errcode: int) -> None:
    """WeChat reports how sending ended (0: delivered): of the last message of that template which
    it has not reported yet, one whose end is unclear before others."""
    row = db.execute(
        select(Message.id, Message.state)
        .where(
            Message.account_id == account_id,
            Message.template_id == template_id,
            Message.state.in_([MessageState.SENDING, MessageState.SENT]),
            Message.confirmed_at.is_(None),
            Message.tried_at > datetime.now(LOCAL) - REPORTED_FOR,
        )
        .order_by(Message.state == MessageState.SENT, Message.id)
        .limit(1)
        .with_for_update()
    ).one_or_none()
    if row is None:
        return
    _update(db, row.id, confirmed_at=text("clock_timestamp()"))
    if errcode == 0:
        if row.state == MessageState.SENDING:
            end(db, row.id, MessageState.SENT, None, errcode=0)
            consent.spent(db, account_id, template_id)
    elif errcode == NO_CONSENT:
        end(db, row.id, MessageState.REFUSED, "用户没有订阅", errcode)
        consent.refused(db, account_id, template_id)
    else:
        end(db, row.id, MessageState.FAILED, "微信没有送达", errcode)
