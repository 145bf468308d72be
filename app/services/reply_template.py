"""Replies that are written once: which there are, for which action."""

from collections.abc import Sequence

from sqlalchemy import Connection, Row, select

from models.reply_template import ReplyTemplate
from models.status import Action

ACTIONS = (Action.REJECT, Action.PASS, Action.ASK_REPORTER, Action.TRANSFER_OUT)
"""Actions whose form has a text for the resident: a reply, or a question."""


def in_use(db: Connection) -> Sequence[Row[int, str, str, str]]:
    """Templates (id, action, name, body) that are not retired, by action and name."""
    columns = select(
        ReplyTemplate.id, ReplyTemplate.action, ReplyTemplate.name, ReplyTemplate.body
    ).where(ReplyTemplate.retired_at.is_(None))
    order = (ReplyTemplate.action, ReplyTemplate.name, ReplyTemplate.id)
    return db.execute(columns.order_by(*order)).all()
