"""People who use the service over HTTP, as the demo plays them."""

import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

TIMEOUT_S = 20
Json = dict[str, Any]


class Refused(Exception):
    """An answer other than 2xx; `problem` is its RFC 9457 body."""

    def __init__(self, problem: Json) -> None:
        super().__init__(problem.get("detail", ""))
        self.problem = problem

    def reasons(self) -> list[str]:
        """What was wrong, fault by fault; the detail where no fault is named."""
        told = [fault["message"] for fault in self.problem.get("errors", [])]
        return list(dict.fromkeys(told)) or [str(self)]


class Unexpected(Exception):
    """The service did what it should not have done."""


class Server:
    """One service. Loopback is never asked of a web proxy."""

    def __init__(self, url: str) -> None:
        if urlsplit(url).scheme not in {"http", "https"}:
            raise ValueError(f"not a web address: {url}")
        self._url = url.rstrip("/")
        self._opener = build_opener(ProxyHandler({}))

    def call(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Json:
        """The answer's JSON object, empty for a 204; OSError where nobody answers, else Refused."""
        request = Request(self._url + path, body, headers, method=method)  # noqa: S310  (checked)
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                found: Json = json.loads(answer.read() or b"{}")
                return found
        except HTTPError as error:
            raise Refused(_problem(error)) from None

    def sign_in(self, **credentials: str) -> "Person":
        """`wechat_code`, or `username` and `password`."""
        answer = self.call("POST", "/api/v1/sessions", _bytes(credentials), _JSON)
        return Person(self, answer["token"], answer["account"]["display_name"])


_JSON = {"Content-Type": "application/json"}


def _bytes(body: Json) -> bytes:
    return json.dumps(body).encode()


def _problem(error: HTTPError) -> Json:
    with error:
        text = error.read()
    try:
        problem: Json = json.loads(text)
    except ValueError:
        problem = {"title": error.reason, "detail": text[:200].decode(errors="replace")}
    return {"status": error.code} | problem


@dataclass(frozen=True)
class Person:
    """Somebody signed in."""

    server: Server
    token: str
    name: str

    def get(self, path: str) -> Json:
        return self._call("GET", path, None)

    def post(self, path: str, body: Json) -> Json:
        return self._call("POST", path, _bytes(body), **_JSON)

    def _call(self, method: str, path: str, body: bytes | None, **headers: str) -> Json:
        headers = {"Authorization": f"Bearer {self.token}"} | headers
        if method == "POST":
            headers["Idempotency-Key"] = secrets.token_hex(16)
        return self.server.call(method, f"/api/v1/{path}", body, headers)

    def upload(self, photo: bytes, **known: str | float) -> str:
        """Uploads a photo with what the phone knows of it; returns its id."""
        boundary = secrets.token_hex(16)
        part = f"--{boundary}\r\nContent-Disposition: form-data; name="
        body = "".join(f'{part}"{name}"\r\n\r\n{value}\r\n' for name, value in known.items())
        body += f'{part}"file"; filename="photo.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        whole = body.encode() + photo + f"\r\n--{boundary}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return str(self._call("POST", "photos", whole, **kind)["id"])

    def case(self, number: str) -> Json:
        return self.get(f"cases/{number}")

    def act(self, number: str, action: str, **fields: Any) -> Json:
        """Takes an action on the newest version of a case; the case after it."""
        body = {"action": action, "version": self.case(number)["version"]}
        return self.post(f"cases/{number}/actions", body | fields)

    def refused(self, number: str, action: str, **fields: Any) -> list[str]:
        """Why an action is refused for what it brings along; Unexpected when it is not."""
        try:
            self.act(number, action, **fields)
        except Refused as refusal:
            if refusal.problem["status"] != 422:
                raise
            return refusal.reasons()
        raise Unexpected(f"“{action}”本应被拒绝，却成功了")
