"""WeChat's client, faked: what it was asked, and the answers that a test gives it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from app.clients.wechat import Template, Verdict, WeChatIdentity

T = TypeVar("T")


@dataclass
class FakeWeChat:
    """`answers` by call, given one by one before the usual ones; an exception is raised."""

    asked: list[tuple[Any, ...]] = field(default_factory=list)
    answers: dict[str, list[Any]] = field(default_factory=dict)
    listed: list[Template] = field(default_factory=list)

    def will(self, call: str, *answers: Any) -> None:
        self.answers.setdefault(call, []).extend(answers)

    def calls(self, call: str) -> list[tuple[Any, ...]]:
        return [one[1:] for one in self.asked if one[0] == call]

    def _answer(self, call: str, usual: T, *asked: Any) -> T:
        self.asked.append((call, *asked))
        given = self.answers.get(call, [])
        answer: Any = given.pop(0) if given else usual
        if isinstance(answer, Exception):
            raise answer
        return cast("T", answer)

    def code_to_session(self, code: str) -> WeChatIdentity:
        return self._answer("code_to_session", WeChatIdentity(f"openid-{code}", None), code)

    def phone_number(self, code: str) -> str:
        return self._answer("phone_number", "13800138000", code)

    def check_text(self, openid: str, content: str) -> Verdict:
        return self._answer("check_text", Verdict("pass", 100), openid, content)

    def check_image(self, openid: str, media_url: str) -> str:
        usual = f"trace-{len(self.asked)}"
        return self._answer("check_image", usual, openid, media_url)

    def send_message(
        self, openid: str, template_id: str, data: Mapping[str, str], page: str
    ) -> None:
        self._answer("send_message", None, openid, template_id, dict(data), page)

    def place_code(self, scene: str, page: str, *, check_path: bool = True) -> bytes:
        return self._answer("place_code", b"", scene, page, check_path)

    def templates(self) -> list[Template]:
        return self._answer("templates", self.listed)

    def fetch_token(self) -> None:
        self._answer("fetch_token", None)
