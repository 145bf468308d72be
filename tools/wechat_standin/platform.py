"""What the platform remembers: tokens, people, consents, messages, and faults to come."""

import base64
import hashlib
import re
import secrets
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tools.wechat_standin.errcodes import refusal

DEMO_APP_ID = "demo-appid"
DEMO_APP_SECRET = "demo-secret"  # noqa: S105  (the stand-in's own, worth nothing)
DEMO_PUSH_TOKEN = "demo-push-token"  # noqa: S105
DEMO_PUSH_KEY = "demoEncodingAESKey0000000000000000000000000"
_NUMBER, _WHEN = {"character_string1": "案卷编号", "thing2": "问题类别"}, {"time4": "时间"}
DEMO_TEMPLATES: dict[str, tuple[str, dict[str, str]]] = {
    "demo-accepted": (
        "受理通知",
        _NUMBER | {"thing3": "责任单位", "phrase4": "状态", "time5": "时间"},
    ),
    "demo-progress": ("办理进度通知", _NUMBER | {"thing3": "进度"} | _WHEN),
    "demo-closed": ("办结通知", _NUMBER | {"thing3": "办理结果"} | _WHEN),
    "demo-task": ("待办提醒", _NUMBER | {"thing3": "待办事项", "thing4": "网格", "time5": "时间"}),
}
"""Templates by id: their title, and what each key is called."""
OVERLAP_S = 300
"""A stable token that was replaced by force is good for five more minutes."""
FORCED_A_DAY = 20
Json = dict[str, Any]
Fault = int | str | Mapping[str, float]
"""An errcode; `garbage`, `http500`, `http502` or `reset`; or {"slow": seconds}: late, but done."""
Verdict = tuple[str, int] | str
"""What is suggested of a picture, and its label; or `error` or `silent`."""
_FAULT_WORDS = re.compile(r"garbage|reset|http[3-5][0-9]{2}")


def openid(name: str) -> str:
    """The resident's openid: 28 characters, the same for the same name."""
    digest = hashlib.sha256(name.encode()).digest()
    return "o" + base64.urlsafe_b64encode(digest).decode()[:27]


def _verdict(given: Sequence[str | int]) -> Verdict:
    if isinstance(given, str):
        if given in {"error", "silent"}:
            return given
    elif len(given) == 2 and given[0] in {"pass", "review", "risky"}:
        return str(given[0]), int(given[1])
    raise ValueError(f"no such verdict: {given!r}")


@dataclass(frozen=True)
class Sent:
    """A message on somebody's phone."""

    openid: str
    template_id: str
    page: str
    data: dict[str, str]
    at: float
    state: str = "formal"


@dataclass
class Platform:
    """The platform's memory; every method may be called by many threads.

    `templates` are those of the mini program, as DEMO_TEMPLATES; none: every id that looks like
    one is known.
    `pages` are the mini program's published pages. `daily` and `per_minute` bound each call.
    Content is checked for people who were here within `active_s`. Pictures must come within
    `fetch_s`.
    """

    app_id: str
    app_secret: str
    token_s: float = 7200
    templates: Mapping[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    pages: frozenset[str] = frozenset({"pages/report/report", "pages/index/index"})
    daily: int = 1_000_000
    per_minute: int = 100_000
    active_s: float = 7200
    fetch_s: float = 5
    down: bool = False
    calls: list[Json] = field(default_factory=list)
    messages: list[Sent] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    tokens_made: int = 0

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self._start()

    def reset(self) -> None:
        """Forgets everything that happened and was asked for; the configuration stays."""
        with self.lock:
            self.down, self.tokens_made = False, 0
            for memory in (self.calls, self.messages, self.names, self.refused):
                memory.clear()
            self._start()

    def _start(self) -> None:
        self._tokens: dict[str, float] = {}
        self._current = ""
        self._revoked: set[str] = set()
        self._forced: Counter[int] = Counter()
        self._used: set[str] = set()
        self._seen: dict[str, float] = {}
        self._consents: Counter[tuple[str, str]] = Counter()
        self._faults: dict[str, list[Fault]] = defaultdict(list)
        self._verdicts: list[Verdict] = []
        self._counts: Counter[tuple[str, int]] = Counter()

    def token(self, *, forced: bool) -> Json:
        """The stable token: the same for everybody while it lasts, a new one by force."""
        with self.lock:
            now = time.time()
            good = self._tokens.get(self._current, 0.0) > now
            if forced:
                self._forced[int(now) // 86_400] += 1
                if self._forced[int(now) // 86_400] > FORCED_A_DAY:
                    return refusal(45009)
                if good:
                    self._tokens[self._current] = min(self._tokens[self._current], now + OVERLAP_S)
            if forced or not good:
                self._current = f"{secrets.token_hex(68)}_{self.tokens_made}"
                self._tokens[self._current] = now + self.token_s
                self.tokens_made += 1
            left = self._tokens[self._current] - now
            return {"access_token": self._current, "expires_in": max(1, round(left))}

    def token_fault(self, token: str) -> int | None:
        with self.lock:
            if not token:
                return 41001
            if token not in self._tokens or token in self._revoked:
                return 40001
            return None if self._tokens[token] > time.time() else 42001

    def expire_tokens(self) -> None:
        with self.lock:
            self._tokens = dict.fromkeys(self._tokens, 0.0)

    def revoke_tokens(self) -> None:
        """They are dead, and yet the present one is given again until it is forced anew."""
        with self.lock:
            self._revoked |= set(self._tokens)

    def first_use(self, code: str) -> bool:
        with self.lock:
            first = code not in self._used
            self._used.add(code)
            return first

    def welcome(self, name: str) -> str:
        """Somebody signs in; the openid."""
        with self.lock:
            found = openid(name)
            self.names[found] = name
            self._seen[found] = time.time()
            return found

    def person_fault(self, who: str) -> int | None:
        """Why content cannot be checked for somebody."""
        with self.lock:
            if who not in self._seen:
                return 40003
            return None if self._seen[who] > time.time() - self.active_s else 61010

    def forget_activity(self) -> None:
        """Everybody was last here long ago."""
        with self.lock:
            self._seen = dict.fromkeys(self._seen, 0.0)

    def knows(self, who: str) -> bool:
        with self.lock:
            return who in self._seen

    def consent(self, who: str, template_id: str, count: int) -> None:
        """Adds consents; 0 takes all."""
        with self.lock:
            key = (who, template_id)
            self._consents[key] = self._consents[key] + count if count else 0
            if count:
                self.refused.discard(who)

    def consents(self, who: str, template_id: str) -> int:
        with self.lock:
            return self._consents[who, template_id]

    def consents_left(self) -> dict[str, dict[str, int]]:
        """How many messages of which template each person still takes."""
        with self.lock:
            found: dict[str, dict[str, int]] = defaultdict(dict)
            for (who, template_id), count in self._consents.items():
                found[who][template_id] = count
            return found

    def deliver(self, message: Sent) -> bool:
        """Takes a consent and puts the message on the phone; False: there was none, and the
        person is one of the `refused`."""
        with self.lock:
            key = (message.openid, message.template_id)
            if self._consents[key] < 1:
                self.refused.add(message.openid)
                return False
            self._consents[key] -= 1
            self.messages.append(message)
            return True

    def fault(self, path: str, *faults: Fault) -> None:
        """The next calls of the path (`*`: of any) meet these.

        Raises ValueError for what is no fault.
        """
        for one in faults:
            if isinstance(one, str):
                known = _FAULT_WORDS.fullmatch(one) is not None
            elif isinstance(one, Mapping):
                known = set(one) == {"slow"} and isinstance(one["slow"], int | float)
            else:
                known = isinstance(one, int)
            if not known:
                raise ValueError(f"no such fault: {one!r}")
        with self.lock:
            self._faults[path] += faults

    def next_fault(self, path: str) -> Fault | None:
        with self.lock:
            for key in (path, "*"):
                if self._faults[key]:
                    return self._faults[key].pop(0)
            return None

    def verdicts(self, images: Iterable[Sequence[str | int]]) -> None:
        """The next image checks get these: a word and its label, `error`, or `silent`.

        Raises ValueError for what is no verdict.
        """
        found = [_verdict(one) for one in images]
        with self.lock:
            self._verdicts += found

    def next_verdict(self) -> Verdict:
        with self.lock:
            return self._verdicts.pop(0) if self._verdicts else ("pass", 100)

    def quota_fault(self, path: str) -> int | None:
        with self.lock:
            now = time.time()
            day, minute = (path, int(now) // 86_400), (path, -int(now) // 60)
            self._counts[day] += 1
            self._counts[minute] += 1
            if self._counts[day] > self.daily:
                return 45009
            return 45011 if self._counts[minute] > self.per_minute else None

    def note(self, path: str, errcode: int | None) -> None:
        with self.lock:
            self.calls.append({"path": path, "at": time.time(), "errcode": errcode})
