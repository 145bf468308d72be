"""Files on their way in: kept between looking at them and importing them."""

import secrets
from datetime import timedelta

from sqlalchemy import Connection, Row, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from models.account import Actor
from models.import_draft import ImportDraft

KEPT = timedelta(days=1)
_LONGEST_NAME = 120


def keep(
    db: Connection, actor: Actor, kind: str, file_name: str, content: bytes, coord_type: str | None
) -> str:
    """Keeps the file as the actor's draft of its kind, in place of an earlier one; returns its
    token. Drafts of anybody that nobody confirmed within a day are forgotten."""
    db.execute(delete(ImportDraft).where(ImportDraft.created_at < func.now() - KEPT))
    values = {
        "account_id": actor.id,
        "kind": kind,
        "token": secrets.token_hex(16),
        "file_name": shown_name(file_name),
        "coord_type": coord_type,
        "content": content,
    }
    statement = insert(ImportDraft).values(values)
    changed = values | {"created_at": func.now()}
    db.execute(statement.on_conflict_do_update(index_elements=["account_id", "kind"], set_=changed))
    return str(values["token"])


def find(db: Connection, actor: Actor, kind: str) -> Row[str, str, str | None, bytes] | None:
    """The actor's draft of the kind (token, file_name, coord_type, content), None without one."""
    columns = (
        ImportDraft.token,
        ImportDraft.file_name,
        ImportDraft.coord_type,
        ImportDraft.content,
    )
    own = (ImportDraft.account_id == actor.id, ImportDraft.kind == kind)
    young = ImportDraft.created_at >= func.now() - KEPT
    return db.execute(select(*columns).where(*own, young)).one_or_none()


def forget(db: Connection, actor: Actor, kind: str) -> None:
    own = (ImportDraft.account_id == actor.id, ImportDraft.kind == kind)
    db.execute(delete(ImportDraft).where(*own))


def shown_name(file_name: str) -> str:
    """The file's name without its folder, and without what cannot be shown."""
    name = file_name.replace("\\", "/").rpartition("/")[2]
    printable = "".join(sign for sign in name if sign.isprintable())
    return printable[-_LONGEST_NAME:] or "未命名文件"
