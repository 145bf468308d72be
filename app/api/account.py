"""Staff accounts, for administrators."""

from typing import Any

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from app.auth import Access, Work, access, write
from app.schemas.session import UnboundOut
from app.services import binding

api = APIBlueprint("account", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="accounts")])


class AccountPath(BaseModel):
    username: str = Field(max_length=64)


@api.delete("/accounts/<username>/wechat", summary="解绑微信", responses={200: UnboundOut})
@access(Access.ADMIN)
def unbind(path: AccountPath) -> Response:
    """For a lost phone, a new one, or a person who leaves: the sessions of the account end."""

    def answer(work: Work) -> dict[str, Any]:
        account_id = binding.staff_account(work.db, path.username)
        return {"unbound": binding.unbind(work.db, account_id, work.actor.id)}

    return write(answer)
