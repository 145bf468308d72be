"""Importing the table of messages: which event sends which template, filled with what."""

import re
import string

from sqlalchemy import Connection, delete, insert

from app.services.import_batch import YES_NO, Import, Summary, TableRow
from app.services.message import FALLBACK, PLACEHOLDERS
from app.services.notice import EVENTS
from models.message import MessageTemplate
from models.message_fields import kind_of

COLUMNS = ("event", "template_id", "page", "urgent", "fields")
_TEMPLATE_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
_PAGE = re.compile(r"[\w-]+(/[\w-]+)*(\?[\w=&{}-]*)?", re.ASCII)


def import_messages(db: Connection, data: bytes, file_name: str) -> Summary:
    """Makes the table of messages that of a CSV file with `COLUMNS`; events it lacks reach the
    inbox only.

    `fields` are `key=words`, separated by `;`, with placeholders: `thing1={category}`. `urgent`
    is yes for what may be sent at night.

    Raises:
        ImportRefused: names every fault.
    """
    upload = Import(db, "messages", file_name, data)
    same = upload.unchanged()
    if same is not None:
        return same
    rows = upload.table(data, COLUMNS)
    upload.unique(rows, "event")
    values = [_values(upload, row) for row in rows]
    revision = upload.accept(len(rows))
    ended = db.execute(delete(MessageTemplate)).rowcount
    db.execute(insert(MessageTemplate), values)
    return Summary("messages", revision, rows=len(rows), added=len(rows), ended=ended)


def _values(upload: Import, row: TableRow) -> dict[str, object]:
    upload.required(row, *COLUMNS)
    upload.one_of(row, "event", sorted(EVENTS))
    upload.one_of(row, "urgent", YES_NO)
    if not _TEMPLATE_ID.fullmatch(row["template_id"]):
        upload.fault(row.pointer("template_id"), "应为微信的模板编号")
    if not _PAGE.fullmatch(row["page"]) or _unknown(row["page"], ("report", "number")):
        upload.fault(row.pointer("page"), "应如 pages/report/detail?id={report}，不以 / 开头")
    return {
        "event": row["event"],
        "template_id": row["template_id"],
        "page": row["page"],
        "urgent": YES_NO.get(row["urgent"], False),
        "fields": _fields(upload, row),
    }


def _fields(upload: Import, row: TableRow) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in row["fields"].split(";"):
        key, equals, words = (piece.strip() for piece in part.partition("="))
        if not equals or not words or kind_of(key) not in FALLBACK:
            kinds = "、".join(FALLBACK)
            said = f"“{part.strip()}”应如 thing1={{category}}，只能用 {kinds}"
            upload.fault(row.pointer("fields"), said)
        elif key in found:
            upload.fault(row.pointer("fields"), f"字段 {key} 重复")
        elif _unknown(words, PLACEHOLDERS):
            known = "、".join(f"{{{name}}}" for name in PLACEHOLDERS)
            upload.fault(row.pointer("fields"), f"“{words}”只能使用 {known}")
        else:
            found[key] = words
    return found


def _unknown(template: str, known: tuple[str, ...]) -> bool:
    """Whether it names anything else, or is no template."""
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError:
        return True
    return any(
        name is not None and (name not in known or spec or conversion)
        for _, name, spec, conversion in parts
    )
