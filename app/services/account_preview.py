"""A table of staff accounts, looked at before it counts: done, compared, and undone."""

import csv
import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import orjson
from sqlalchemy import Connection

from app.services import account, import_draft, import_preview, staff, staff_list
from app.services.account_import import LABELS, import_accounts
from app.services.grants import in_words
from app.services.import_batch import Summary, one_at_a_time
from app.services.import_preview import ADDED, CHANGED, Change
from app.services.safe import Safe
from models import moment
from models.account import Actor
from models.errors import Conflict, FieldFault, ImportRefused, NotFound
from models.routing import Atlas

KIND, MADE = "accounts", "accounts_made"
UNIT = "单位"
MOST_NEW = 1000
SHOWN_FOR = timedelta(hours=1)
"""How long the passwords of new accounts can be read again."""
_ROW = re.compile(r"/rows/(\d+)")


@dataclass(frozen=True, slots=True)
class Preview:
    """`rows` of the file, and what is changed by them; `base` stands for just that."""

    rows: int
    changes: list[Change]
    base: str

    def count(self, how: str) -> int:
        return sum(change.how == how for change in self.changes)

    @property
    def unchanged(self) -> int:
        return self.rows - len(self.changes)


@dataclass(frozen=True, slots=True)
class Made:
    """Accounts that an import made: user name, name, unit, password."""

    file_name: str
    accounts: list[tuple[str, str, str, str]]


class _OnlyLookedError(Exception):
    """Undoes what was only done to compare."""


def look(db: Connection, atlas: Atlas, draft: Any) -> Preview:
    """What importing the draft (content, file_name) would change.

    Raises:
        ImportRefused: names every fault. Conflict: nobody would administer the installation.
    """
    found: list[Preview] = []
    one_at_a_time(db)
    with suppress(_OnlyLookedError), db.begin_nested():
        before = _people(db, atlas)
        summary = import_accounts(db, draft.content, draft.file_name)
        if summary.added > MOST_NEW:
            message = f"一次最多新建 {MOST_NEW} 个账号，请分成几个文件"
            raise ImportRefused(message, [FieldFault("/rows", message)])
        changes = _changes(before, _people(db, atlas))
        base = hashlib.sha256(repr((draft.content, changes)).encode()).hexdigest()[:32]
        found.append(Preview(summary.rows, changes, base))
        raise _OnlyLookedError
    return found[0]


def look_at_the_rest(
    db: Connection, atlas: Atlas, draft: Any, faults: Sequence[FieldFault]
) -> Preview | None:
    """What the rows without faults would change; None where the table as a whole is at fault."""
    found = [_ROW.match(fault.pointer) for fault in faults]
    bad = {int(one[1]) for one in found if one is not None}
    lines = list(csv.reader(io.StringIO(draft.content.decode())))
    if None in found or 1 in bad:
        return None
    text = io.StringIO()
    csv.writer(text).writerows(
        line for number, line in enumerate(lines, start=1) if number not in bad
    )
    rest = SimpleNamespace(file_name=draft.file_name, content=text.getvalue().encode())
    try:
        return look(db, atlas, rest)
    except (ImportRefused, Conflict):
        return None


def _people(db: Connection, atlas: Atlas) -> dict[str, dict[str, str]]:
    """Every account as its row of the table says it, in words."""
    return {
        one.row.username: {
            LABELS["display_name"]: one.row.display_name,
            UNIT: atlas.unit_name(one.row.unit),
            LABELS["roles"]: "；".join(
                f"{role}（{scopes}）" for role, scopes in in_words(atlas, one.grants)
            ),
            LABELS["head"]: "是" if one.row.is_head else "",
        }
        for one in staff_list.every(db)
    }


def _changes(
    before: Mapping[str, Mapping[str, str]], after: Mapping[str, Mapping[str, str]]
) -> list[Change]:
    found = []
    for username, now in after.items():
        was = before.get(username, {})
        fields = tuple(
            (label, was.get(label, ""), text)
            for label, text in now.items()
            if was.get(label, "") != text
        )
        if fields:
            how = CHANGED if was else ADDED
            found.append(Change(how, username, now[LABELS["display_name"]], username, fields))
    return sorted(found, key=lambda one: one.how != CHANGED)


def confirm(
    db: Connection, atlas: Atlas, safe: Safe, actor: Actor, token: str, base: str
) -> Summary:
    """Imports the actor's draft just as it was looked at, and keeps the passwords of new accounts
    for an hour, encrypted. One that is imported already is `unchanged`.

    Raises:
        NotFound: the draft is gone. Conflict: it was replaced, or accounts changed meanwhile.
        ImportRefused: names every fault.
    """
    one_at_a_time(db)
    draft = import_draft.find(db, actor, KIND)
    if draft is None:
        raise NotFound("没有待确认的名册，请重新上传")
    if draft.token != token:
        raise Conflict("您后来又上传了一个文件，下面是那个文件的预览，请核对后再确认")
    seen = look(db, atlas, draft)
    if not seen.changes:
        return Summary(KIND, 0, seen.rows, unchanged=True)
    if seen.base != base:
        raise Conflict("预览之后，账号被其他人修改过。下面是重新比较的结果，请核对后再确认")
    new = [change for change in seen.changes if change.how == ADDED]
    passwords = {change.key: staff.generated_password() for change in new}
    hashes = {name: account.hash_generated(password) for name, password in passwords.items()}
    summary = import_accounts(db, draft.content, draft.file_name, hashes=hashes)
    import_preview.log(db, actor, summary, draft.file_name)
    _keep(db, safe, actor, draft.file_name, [(one, passwords[one.key]) for one in new])
    return summary


def _keep(
    db: Connection, safe: Safe, actor: Actor, file_name: str, new: Sequence[tuple[Change, str]]
) -> None:
    lines = [
        (one.key, one.title, {label: text for label, _, text in one.fields}.get(UNIT, ""), password)
        for one, password in new
    ]
    kept = {"at": moment.now().isoformat(), "accounts": lines}
    sealed = safe.seal(orjson.dumps(kept).decode())
    import_draft.keep(db, actor, MADE, file_name, sealed, None)


def made(db: Connection, safe: Safe, actor: Actor) -> Made | None:
    """The accounts that the actor's last import made, within the hour; None after it."""
    kept = import_draft.find(db, actor, MADE)
    if kept is None:
        return None
    found = orjson.loads(safe.open(kept.content))
    if moment.now() - datetime.fromisoformat(found["at"]) > SHOWN_FOR:
        return None
    accounts = [(name, title, unit, password) for name, title, unit, password in found["accounts"]]
    return Made(kept.file_name, accounts)


def forget(db: Connection, actor: Actor) -> None:
    """The passwords can be read no more."""
    import_draft.forget(db, actor, MADE)
