"""The signed-in person: who I am, what I agreed to, my phone, my consents, my WeChat."""

from typing import Annotated, Any

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import Field, StringConstraints

from app.api.session import describe, wechat
from app.auth import Access, Work, access, authenticate, kit, read, spend, write
from app.kit import Kit
from app.schemas.problem import ProblemOut
from app.schemas.session import BindingCodeOut, ConsentsOut, MeOut, PhoneOut, PrivacyOut, Short
from app.services import account, binding, consent, notice, privacy, reporter_limit
from models.db import transaction
from models.errors import DomainError, InvalidInput
from models.fields import Fields, Moment, Reason
from models.phone import masked

api = APIBlueprint("me", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="me")])
PHONES_PER_HOUR = 10
PRIVACY_PER_HOUR = 20


@api.get("/me", summary="我是谁", responses={200: MeOut})
@access(Access.SIGNED_IN)
def me() -> Response:
    return read(_me)


def _me(work: Work) -> dict[str, Any]:
    limit = reporter_limit.of(work.db, work.actor.id)
    own = account.contact(work.db, work.actor)
    return describe(work.actor) | {
        "phone": work.kit.safe.masked_phone(own.phone),
        "wechat": own.openid is not None,
        "unread": notice.unread(work.db, work.actor),
        "limited": limit
        and {
            "reason": limit.reason,
            "expires_at": limit.expires_at,
            "appealed": limit.appeal is not None,
        },
        "privacy": privacy.latest(work.db, work.actor.id or 0),
    }


@api.post("/me/limit-appeal", summary="对上报限制提出申诉", responses={204: None, 404: ProblemOut})
@access(Access.SIGNED_IN)
def appeal_limit(body: Reason) -> Response:
    return write(lambda work: reporter_limit.appeal(work.db, work.actor, body.reason))


class PrivacyIn(Fields):
    """Which version of the text was agreed to; `agreed_at` by the phone's clock, left out: now."""

    version: Annotated[str, StringConstraints(pattern=r"^[\w.-]{1,32}$")] = Field(title="版本")
    agreed_at: Moment | None = Field(default=None, title="同意时间")


@api.post(
    "/me/privacy", summary="记录同意隐私保护指引", responses={200: PrivacyOut, 429: ProblemOut}
)
@access(Access.SIGNED_IN)
def agree_to_privacy(body: PrivacyIn) -> Response:
    """Each version is recorded once; told again, what was recorded first is answered."""

    def answer(work: Work) -> dict[str, Any]:
        spend(work, "privacy", PRIVACY_PER_HOUR)
        return privacy.agreed(work.db, work.actor.id or 0, body.version, body.agreed_at)

    return write(answer)


class PhoneIn(Fields):
    """The code that the phone button of the mini program gave."""

    wechat_code: Short = Field(title="手机号授权码")


@api.post("/me/phone", summary="绑定手机号", responses={200: PhoneOut, 429: ProblemOut})
@access(Access.SIGNED_IN)
def set_phone(body: PhoneIn) -> Response:
    """The number is encrypted before it is stored, and shown masked."""
    here = kit()
    with transaction(here.engine) as db:
        spend(Work(db, here, here.atlas(), authenticate(db)), "phone", PHONES_PER_HOUR)
    number: str | DomainError
    try:
        number = _number(here, body.wechat_code)
    except DomainError as refusal:
        number = refusal  # a replay, whose code is used up, has its kept answer

    def answer(work: Work) -> dict[str, Any]:
        if isinstance(number, DomainError):
            raise number
        account.set_phone(work.db, work.actor, work.kit.safe.phone(number))
        return {"phone": masked(number)}

    return write(answer)


def _number(here: Kit, code: str) -> str:
    refused = InvalidInput.at("/wechat_code", "授权码无效或已过期，请重新点按钮授权")
    with wechat(here, refused) as client:
        return client.phone_number(code)


@api.delete("/me/phone", summary="删除手机号", responses={204: None})
@access(Access.SIGNED_IN)
def remove_phone() -> Response:
    return write(lambda work: account.set_phone(work.db, work.actor, None))


@api.get("/me/consents", summary="消息订阅", responses={200: ConsentsOut})
@access(Access.SIGNED_IN)
def consents() -> Response:
    """The templates to ask for with `wx.requestSubscribeMessage`, and how many messages of each
    the person agreed to."""
    return read(lambda work: {"items": consent.listed(work.db, work.actor.id or 0)})


TemplateId = Annotated[str, StringConstraints(pattern=r"^[\w-]{1,64}$")]


class ConsentsIn(Fields):
    """What the person tapped, by template."""

    accepted: list[TemplateId] = Field(default=[], title="同意", max_length=10)
    rejected: list[TemplateId] = Field(default=[], title="拒绝", max_length=10)


@api.post("/me/consents", summary="记录消息订阅", responses={200: ConsentsOut})
@access(Access.SIGNED_IN)
def tell_consents(body: ConsentsIn) -> Response:
    """The answer of `wx.requestSubscribeMessage`. WeChat may tell of the same tap; it counts
    once."""

    def answer(work: Work) -> dict[str, Any]:
        mine = work.actor.id or 0
        known = consent.in_use(work.db, body.accepted + body.rejected)
        for name, ids in (("accepted", body.accepted), ("rejected", body.rejected)):
            for position, template_id in enumerate(ids):
                if template_id not in known:
                    raise InvalidInput.at(f"/{name}/{position}", "没有使用这个消息模板")
        for template_id in sorted(set(body.accepted)):
            consent.agreed(work.db, mine, template_id, "phone")
        for template_id in sorted(set(body.rejected) - set(body.accepted)):
            consent.declined(work.db, mine, template_id, "phone")
        return {"items": consent.listed(work.db, mine)}

    return write(answer)


@api.post(
    "/me/binding-code",
    summary="获取绑定微信的一次性代码",
    responses={201: BindingCodeOut, 409: ProblemOut},
)
@access(Access.STAFF)
def binding_code() -> Response:
    """Shown once; typed in the mini program it binds the WeChat identity to this account."""

    def answer(work: Work) -> dict[str, Any]:
        code, expires_at = binding.issue(work.db, work.actor.id or 0)
        return {"code": code, "expires_at": expires_at}

    return write(answer, 201)
