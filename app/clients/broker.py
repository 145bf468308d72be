"""The broker: rate limits that fall back to this process when it is away."""

import logging
import threading
import time

import redis

log = logging.getLogger(__name__)
RETRY_S = 1.0


class Broker:
    """A Redis-protocol server. Its absence is never an error here."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url, socket_timeout=0.5, socket_connect_timeout=0.5, health_check_interval=0
        )
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[int, float]] = {}
        self._away_until = 0.0

    def ping(self) -> bool:
        try:
            return bool(self._redis.ping())
        except redis.RedisError:
            return False

    def hit(self, name: str, limit: int, window_s: int) -> int | None:
        """Counts one use of an allowance; None while it lasts, else seconds until it is new."""
        slot, left = divmod(int(time.time()), window_s)
        key = f"limit:{name}:{slot}"
        count = self._count(key, window_s)
        return None if count <= limit else max(1, window_s - left)

    def peek(self, name: str, limit: int, window_s: int) -> int | None:
        """Like `hit`, without counting: whether the allowance is used up already."""
        slot, left = divmod(int(time.time()), window_s)
        key = f"limit:{name}:{slot}"
        try:
            used = int(self._redis.get(key) or 0) if time.monotonic() >= self._away_until else None
        except redis.RedisError:
            used = None
        if used is None:
            with self._lock:
                used = self._counts.get(key, (0, 0.0))[0]
        return None if used < limit else max(1, window_s - left)

    def _count(self, key: str, window_s: int) -> int:
        if time.monotonic() >= self._away_until:
            try:
                used = int(self._redis.incr(key))
                if used == 1:
                    self._redis.expire(key, window_s)
            except redis.RedisError as error:
                log.warning("broker away, limits per process: %s", type(error).__name__)
                self._away_until = time.monotonic() + RETRY_S
            else:
                return used
        with self._lock:
            now = time.monotonic()
            self._counts = {k: v for k, v in self._counts.items() if v[1] > now}
            count = self._counts.get(key, (0, 0.0))[0] + 1
            self._counts[key] = (count, now + window_s)
            return count
