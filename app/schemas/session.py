"""Shapes of signing in."""

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from models.fields import Fields

Short = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SignIn(Fields):
    """Either a WeChat code, or user name and password. With a binding code the WeChat identity is
    bound to the staff account that the code was made for."""

    wechat_code: Short | None = Field(default=None, title="微信登录码")
    binding_code: Short | None = Field(default=None, title="绑定码")
    username: Short | None = Field(default=None, title="用户名")
    password: Short | None = Field(default=None, title="密码")

    @model_validator(mode="after")
    def _one_way(self) -> "SignIn":
        if (self.wechat_code is None) == (self.username is None or self.password is None):
            raise ValueError("请用 wechat_code，或 username 和 password 登录")
        if self.binding_code is not None and self.wechat_code is None:
            raise ValueError("binding_code 须和 wechat_code 一起使用")
        return self
