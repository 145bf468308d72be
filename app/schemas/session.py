"""Shapes of signing in, and of who is signed in."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, model_validator

from app.schemas.parts import Id
from models.account import Role
from models.fields import Fields

Short = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SignIn(Fields):
    """Either a WeChat code, or user name and password, with the `code` of an authenticator where
    the account has a second factor. With a binding code the WeChat identity is bound to the staff
    account that the code was made for."""

    wechat_code: Short | None = Field(default=None, title="微信登录码")
    binding_code: Short | None = Field(default=None, title="绑定码")
    username: Short | None = Field(default=None, title="用户名")
    password: Short | None = Field(default=None, title="密码")
    code: Short | None = Field(default=None, title="两步验证码")

    @model_validator(mode="after")
    def _one_way(self) -> "SignIn":
        if (self.wechat_code is None) == (self.username is None or self.password is None):
            raise ValueError("请用 wechat_code，或 username 和 password 登录")
        if self.binding_code is not None and self.wechat_code is None:
            raise ValueError("binding_code 须和 wechat_code 一起使用")
        if self.code is not None and self.username is None:
            raise ValueError("code 须和 username、password 一起使用")
        return self


class RoleOut(BaseModel):
    """`scope` is `all`, `own`, or an area's or a unit's code with its kind."""

    role: Role
    scope: str


class AccountOut(BaseModel):
    id: Id
    display_name: str
    unit: str | None
    roles: list[RoleOut]


class SessionOut(BaseModel):
    token: str
    expires_at: datetime
    account: AccountOut


class LimitOut(BaseModel):
    """A limit on the person's reports: they go to the desk first."""

    reason: str
    expires_at: datetime
    appealed: bool


class PrivacyOut(BaseModel):
    """A version of the privacy agreement, and when the person agreed to it."""

    version: str
    agreed_at: datetime


class MeOut(AccountOut):
    """`phone` is masked; `privacy` is the agreement that was agreed to last, null: none."""

    phone: str | None
    wechat: bool
    unread: int
    limited: LimitOut | None
    privacy: PrivacyOut | None


class PhoneOut(BaseModel):
    """Masked."""

    phone: str


class ConsentOut(BaseModel):
    """`remaining` is null for who was never asked."""

    template_id: str
    events: list[str]
    remaining: int | None


class ConsentsOut(BaseModel):
    items: list[ConsentOut]


class BindingCodeOut(BaseModel):
    code: str
    expires_at: datetime


class UnboundOut(BaseModel):
    unbound: bool
