"""An administrator at the pages, and what forms and tables of theirs hold."""

import html
import io
import re
from typing import Any

import openpyxl
from sqlalchemy import Connection, select

from models.admin_log import AdminEntry
from tests.console.desk import Desk, csrf_of

ACCOUNTS = "/console/admin/accounts"


def field(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.findall(rf'name="{name}" value="([^"]*)"', page)
    return html.unescape(str(found[0]))


def send(desk: Desk, at: str, path: str, status: int = 200, **fields: Any) -> str:
    """Sends a form that stands on the page at `at`; follows to the page behind it."""
    page = desk.get(at)
    hidden = {"csrf": csrf_of(page)}
    hidden |= {name: field(page, name) for name in ("seen",) if f'name="{name}"' in page}
    answer = desk.client.post(path, data=hidden | fields, follow_redirects=True)
    assert answer.status_code == status, answer.text
    return str(answer.text)


def secret(page: str) -> str:
    (found,) = re.findall(r'<code class="secret">([^<]+)</code>', page)
    return str(found)


def logged(db: Connection) -> list[tuple[str, str]]:
    """What administrators did, and to whom, in order."""
    rows = db.execute(select(AdminEntry.what, AdminEntry.subject).order_by(AdminEntry.id))
    return [(row.what, row.subject) for row in rows]


def table(data: bytes) -> list[list[Any]]:
    """The cells of an exported workbook's data."""
    sheet = openpyxl.load_workbook(io.BytesIO(data))["数据"]
    return [list(row) for row in sheet.iter_rows(values_only=True)]
