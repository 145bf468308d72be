"""Another city system that speaks GeoReport v2, as its client: in XML, which the standard demands
of every server; what is absent there is absent here, and a refusal is told in its own words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from xml.parsers.expat import ExpatError

import requests
import xmltodict

TIMEOUT_S = (5.0, 20.0)
_LISTS = ("request", "request_update", "error", "service")
_MOST_BYTES = 20_000_000


class PeerAway(Exception):
    """No answer, or a busy one: whether what was sent arrived is unknown."""


class PeerRefused(Exception):
    """A refusal, in the other system's words."""


class PeerLacks(Exception):
    """The other system has no such call."""


@dataclass(frozen=True, slots=True)
class PeerUpdate:
    """`status` in lower case with underscores; `media` are addresses of pictures."""

    number: str
    update_id: str
    status: str
    words: str
    at: datetime
    media: Sequence[str]


@dataclass(frozen=True, slots=True)
class Peer:
    """One endpoint, `url` ending where `/requests.xml` begins."""

    url: str
    api_key: str | None
    jurisdiction: str | None

    def send(
        self, fields: Mapping[str, str], media: Sequence[tuple[str, bytes]]
    ) -> tuple[str | None, str | None]:
        """Posts a request; the number it got, or the token to ask for it by.

        Raises:
            PeerAway, PeerRefused.
        """
        files = [("media", (name, data, "image/jpeg")) for name, data in media]
        answer = self._call("POST", "requests", dict(fields), files)
        return _number_of(_first(answer, "service_requests", "request"))

    def number_of(self, token: str) -> str | None:
        """The number behind a token, None: not yet. Raises PeerAway, PeerRefused."""
        answer = self._call("GET", f"tokens/{quote(token, safe='')}", {})
        return _number_of(_first(answer, "service_requests", "request"))[0]

    def find(self, service_code: str, since: datetime, mark: str) -> str | None:
        """The number of a request of the service since the moment whose description holds the
        mark. Raises PeerAway, PeerRefused."""
        wanted = {"service_code": service_code, "start_date": _w3c(since)}
        for row in _rows(self._call("GET", "requests", wanted), "service_requests", "request"):
            if mark in str(row.get("description") or ""):
                return _number_of(row)[0]
        return None

    def updates(self, since: datetime, until: datetime) -> list[PeerUpdate]:
        """Updates between the moments. Raises PeerAway, PeerRefused, PeerLacks."""
        end = until + timedelta(seconds=1)  # moments travel in whole seconds
        wanted = {"start_date": _w3c(since), "end_date": _w3c(end)}
        if self.api_key:
            wanted["api_key"] = self.api_key
        answer = self._call("GET", "servicerequestupdates", wanted)
        root = next(iter(answer), "")
        found = [_update(row) for row in _rows(answer, root, "request_update")]
        return [one for one in found if one is not None]

    def states(self, numbers: Sequence[str]) -> list[PeerUpdate]:
        """How requests stand, as updates: for systems that have no updates. The number of such an
        update is the status with its moment. Raises PeerAway, PeerRefused."""
        answer = self._call("GET", "requests", {"service_request_id": ",".join(numbers)})
        found = []
        for row in _rows(answer, "service_requests", "request"):
            status, at = row.get("status") or "", row.get("updated_datetime") or ""
            made = {"update_id": f"{status} {at}", "description": row.get("status_notes")}
            found.append(_update(dict(row) | made))
        return [one for one in found if one is not None]

    def _call(
        self, method: str, call: str, given: dict[str, str], files: Any = None
    ) -> dict[str, Any]:
        fields = dict(given)
        if self.jurisdiction:
            fields["jurisdiction_id"] = self.jurisdiction
        if method == "POST" and self.api_key:
            fields["api_key"] = self.api_key
        sent: dict[str, Any] = {"params": fields}
        if method == "POST":
            sent = {"data": fields, "files": files or None}
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.request(
                    method,
                    f"{self.url}/{call}.xml",
                    timeout=TIMEOUT_S,
                    allow_redirects=False,
                    **sent,
                )
        except requests.RequestException as error:
            raise PeerAway(type(error).__name__) from None
        return _read(answer)


def _read(answer: requests.Response) -> dict[str, Any]:
    if answer.status_code == 429 or answer.status_code >= 500:
        raise PeerAway(f"HTTP {answer.status_code}")
    parsed: Any = None
    if len(answer.content) <= _MOST_BYTES:
        try:
            parsed = xmltodict.parse(answer.content, force_list=_LISTS)
        except (ExpatError, ValueError):
            parsed = None
    if answer.status_code in (404, 405, 501) and not _said(parsed):
        raise PeerLacks(f"HTTP {answer.status_code}")
    if answer.status_code >= 300:
        raise PeerRefused(_said(parsed) or f"HTTP {answer.status_code}")
    if not isinstance(parsed, dict):
        raise PeerRefused("对方的回答不是 GeoReport v2 的 XML")
    return parsed


def _said(parsed: Any) -> str:
    found = [str(row.get("description") or "") for row in _rows(parsed, "errors", "error")]
    return "；".join(filter(None, found))[:500]


def _rows(parsed: Any, root: str, item: str) -> list[dict[str, Any]]:
    top = parsed.get(root) if isinstance(parsed, dict) else None
    rows = top.get(item) if isinstance(top, dict) else None
    return [row for row in rows or [] if isinstance(row, dict)]


def _first(parsed: dict[str, Any], root: str, item: str) -> dict[str, Any]:
    return next(iter(_rows(parsed, root, item)), {})


def _number_of(row: Mapping[str, Any]) -> tuple[str | None, str | None]:
    found = (row.get(name) for name in ("service_request_id", "token"))
    number, token = (str(value) if isinstance(value, str) else None for value in found)
    return number, token


def _update(row: Mapping[str, Any]) -> PeerUpdate | None:
    """None for an update that names no request or has no number or moment of its own."""
    try:
        at = datetime.fromisoformat(str(row.get("updated_datetime")))
    except ValueError:
        return None
    number, update_id = row.get("service_request_id"), row.get("update_id")
    if not number or not update_id or at.tzinfo is None:
        return None
    media = row.get("media_url") or []
    return PeerUpdate(
        number=str(number),
        update_id=str(update_id)[:200],
        status="_".join(str(row.get("status") or "").lower().split()),
        words=str(row.get("description") or "").strip(),
        at=at,
        media=[str(one) for one in (media if isinstance(media, list) else [media]) if one],
    )


def _w3c(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
