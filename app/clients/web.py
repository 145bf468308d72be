"""Pictures of other people's servers: public addresses only, bounded in size and time.

The address is checked after resolution, connected to as it was checked, and again at every
redirect. What comes is hostile until it is decoded.
"""

import time
from contextlib import closing
from enum import Enum, auto

import requests
from requests_hardened import Config, Manager
from requests_hardened.ip_filter import InvalidIPAddress

CONNECT_S, READ_S, WHOLE_S = 5.0, 10.0, 30.0
MOST_REDIRECTS = 3
_CHUNK = 64 * 1024
_KINDS = ("image/", "application/octet-stream")


class PictureRefused(Exception):
    """There is no picture to be had there, ever; the message is for staff."""


class PictureAway(Exception):
    """Not now: the server is away or busy."""


class Reach(Enum):
    """Whose servers may be asked. ANYWHERE is for a server that the operator named, and follows no
    redirect; LOOPBACK_TOO for tests of what is public."""

    PUBLIC = auto()
    LOOPBACK_TOO = auto()
    ANYWHERE = auto()


class Web:
    def __init__(self, reach: Reach = Reach.PUBLIC) -> None:
        self._follows = reach is not Reach.ANYWHERE
        self._sessions = Manager(
            Config(
                ip_filter_enable=reach is not Reach.ANYWHERE,
                ip_filter_allow_loopback_ips=reach is Reach.LOOPBACK_TOO,
                never_redirect=not self._follows,
                default_timeout=(CONNECT_S, READ_S),
                user_agent_override="suishoupai",
            )
        )

    def picture(self, url: str, max_bytes: int, whole_s: float = WHOLE_S) -> bytes:
        """The bytes of a picture.

        Raises:
            PictureRefused, PictureAway.
        """
        ends = time.monotonic() + whole_s
        with self._sessions.get_session() as session:
            session.trust_env = False  # no proxy, which would resolve names by itself
            session.max_redirects = MOST_REDIRECTS
            try:
                with closing(session.get(url, stream=True)) as response:
                    _check(response)
                    return _body(response, max_bytes, ends)
            except InvalidIPAddress:
                raise PictureRefused("地址不是公网地址") from None
            except requests.TooManyRedirects:
                raise PictureRefused("重定向次数过多") from None
            except (requests.Timeout, requests.ConnectionError) as error:
                raise PictureAway(type(error).__name__) from None
            except (requests.RequestException, ValueError):
                raise PictureRefused("地址无法访问") from None


def _check(response: requests.Response) -> None:
    status = response.status_code
    if status == 429 or status >= 500:
        raise PictureAway(f"HTTP {status}")
    if status != 200:
        raise PictureRefused(f"对方回答 HTTP {status}")
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not kind.startswith(_KINDS):
        raise PictureRefused(f"不是图片：{kind[:50] or '没有类型'}")


def _body(response: requests.Response, max_bytes: int, ends: float) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > max_bytes:
            raise PictureRefused(f"图片超过 {max_bytes // 1_000_000} MB")
        if time.monotonic() > ends:
            raise PictureAway("too slow")
    return bytes(body)
