"""Lists of cases that a person keeps."""

from collections.abc import Sequence

from sqlalchemy import Connection, Row, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from models.account import Actor
from models.errors import InvalidInput, NotFound
from models.fields import storable
from models.saved_view import SavedView

MOST_VIEWS, LONGEST_NAME, LONGEST_QUERY = 20, 20, 2000


def views(db: Connection, actor: Actor) -> Sequence[Row[int, str, str]]:
    """The person's own views (id, name, query), the oldest first."""
    columns = select(SavedView.id, SavedView.name, SavedView.query)
    own = columns.where(SavedView.account_id == actor.id)
    return db.execute(own.order_by(SavedView.id)).all()


def keep(db: Connection, actor: Actor, name: str, query: str) -> None:
    """Keeps a list under a name; the name's former list is replaced.

    Raises:
        InvalidInput: no usable name, or too many views.
    """
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not storable(name):
        raise InvalidInput.at("/name", f"请填写名称，最多 {LONGEST_NAME} 个字")
    if len(query) > LONGEST_QUERY or not storable(query):
        raise InvalidInput.at("/query", "筛选条件太长，不能保存")
    others = select(func.count()).where(SavedView.account_id == actor.id, SavedView.name != name)
    if db.execute(others).scalar_one() >= MOST_VIEWS:
        raise InvalidInput.at("/name", f"最多保存 {MOST_VIEWS} 个列表，请先删除不用的")
    kept = insert(SavedView).values(account_id=actor.id, name=name, query=query)
    own = (SavedView.account_id, SavedView.name)
    db.execute(kept.on_conflict_do_update(index_elements=own, set_={"query": query}))


def forget(db: Connection, actor: Actor, view_id: int) -> None:
    """Raises NotFound where the person has no such view."""
    gone = delete(SavedView).where(SavedView.id == view_id, SavedView.account_id == actor.id)
    if db.execute(gone).rowcount == 0:
        raise NotFound("没有这个列表，可能已经删除")
