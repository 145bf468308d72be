"""The access token that every process shares: fetched once, under a lock at the broker."""

import time
from collections.abc import Callable

import orjson

from app.clients.broker import Broker
from app.clients.wechat_errors import WeChatBusy, WeChatMisconfigured

LOCK_S = 15
"""Longer than a fetch may take; a process that was killed while fetching holds up no longer."""
FORCED, FORCED_WINDOW_S = 3, 4 * 3600
"""A token that WeChat calls dead, yet hands out again, is forced anew: WeChat allows 20 a day."""
Fetch = Callable[[bool], tuple[str, float]]
"""Fetches a token and its seconds to live; True forces a new one."""


class Tokens:
    """With the broker away each process fetches for itself, which is harmless: until it expires
    WeChat gives everybody the same stable token."""

    def __init__(self, broker: Broker, app_id: str, fetch: Fetch) -> None:
        self._broker = broker
        self._name = f"wechat-token:{app_id}"
        self._fetch = fetch
        self._own: tuple[str, float] = ("", 0.0)

    def current(self) -> str:
        """A token that is good as far as is known. Raises what fetching raises."""
        token, until = self._own
        return token if time.time() < until else self.renew(token)

    def renew(self, dead: str) -> str:
        """Another token than the dead one: what another process fetched meanwhile, or a new one.

        Raises:
            WeChatBusy: others hold the lock for too long. WeChatMisconfigured: every token is
            refused. What fetching raises.
        """
        return self._known(dead) or self._fetch_locked(dead)

    def _known(self, dead: str) -> str | None:
        kept = self._broker.recall(self._name)
        if kept is None:
            return None
        token, until = orjson.loads(kept)
        if token == dead or time.time() >= until:
            return None
        self._own = token, until
        return str(token)

    def _fetch_locked(self, dead: str) -> str:
        with self._broker.lock(self._name, LOCK_S) as held:
            known = self._known(dead)
            if known is not None:
                return known
            if not held:
                raise WeChatBusy("another process is fetching the token")
            token, seconds = self._fetch(False)
            if token == dead:
                wait = self._broker.hit(f"{self._name}:forced", FORCED, FORCED_WINDOW_S)
                if wait is not None:
                    raise WeChatMisconfigured("WeChat refuses every token that it gives")
                token, seconds = self._fetch(True)
            # A stable token that was replaced is good for five more minutes.
            until = time.time() + seconds - min(300.0, seconds / 10)
            self._own = token, until
            self._broker.remember(self._name, orjson.dumps([token, until]), seconds)
            return token
