"""The broker: rate limits, values and locks that fall back to this process when it is away."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from redis.exceptions import LockError

log = logging.getLogger(__name__)
RETRY_S = 1.0


class Broker:
    """A Redis-protocol server. Its absence is never an error here."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url, socket_timeout=0.5, socket_connect_timeout=0.5, health_check_interval=0
        )
        self._lock = threading.Lock()
        self._alone = threading.Lock()
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

    def recall(self, key: str) -> bytes | None:
        """What was remembered under the key; None as well when the broker is away."""
        try:
            found = self._redis.get(key)
        except redis.RedisError:
            return None
        return found if isinstance(found, bytes) else None

    def remember(self, key: str, value: bytes, seconds: float) -> None:
        try:
            self._redis.set(key, value, px=max(1, int(seconds * 1000)))
        except redis.RedisError as error:
            log.warning("broker away, nothing is remembered: %s", type(error).__name__)

    @contextmanager
    def lock(self, name: str, seconds: float) -> Iterator[bool]:
        """One holder among all processes (of this one only, with the broker away); whether it was
        got within so many seconds. It frees itself after them, should its holder be killed."""
        held = self._redis.lock(f"lock:{name}", timeout=seconds, blocking_timeout=seconds)
        try:
            got: bool | None = held.acquire()
        except redis.RedisError:
            got = None
        if got is None:
            with self._alone:
                yield True
            return
        try:
            yield got
        finally:
            if got:
                try:
                    held.release()
                except (LockError, redis.RedisError) as error:
                    log.warning("a lock freed itself: %s", type(error).__name__)
