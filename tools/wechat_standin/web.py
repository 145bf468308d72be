"""How the stand-in goes out itself, to fetch pictures and to push."""

import ipaddress
import time
from urllib.parse import urlsplit

import requests

MOST_BYTES = 10 << 20
_CHUNK = 1 << 16


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def may_fetch(url: str) -> bool:
    """Whether a picture may lie there: behind https anywhere, behind http on this machine."""
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and parts.port != 0 and parts.username is None
    except ValueError:
        return False
    return named and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url)))


def session(url: str) -> requests.Session:
    """What asks the URL; no web proxy comes between where it is on this machine."""
    found = requests.Session()
    found.trust_env = not is_loopback(url)
    return found


def fetched(url: str, timeout_s: float) -> bool:
    """Whether a whole picture of at most 10 MB came in time, without a redirect."""
    until, size = time.monotonic() + timeout_s, 0
    try:
        with (
            session(url) as asking,
            asking.get(url, timeout=timeout_s, allow_redirects=False, stream=True) as answer,
        ):
            if answer.status_code != 200:
                return False
            for chunk in answer.iter_content(_CHUNK):
                size += len(chunk)
                if size > MOST_BYTES or time.monotonic() > until:
                    return False
            image = answer.headers.get("Content-Type", "").startswith("image/")
    except (requests.RequestException, ValueError):
        return False
    return image and size > 0
