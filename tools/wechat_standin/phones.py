"""Phones in the browser: the mini program as `tools/mp-runner` builds it, and its way out.

Below `/phone/`: the files of the build, which is made anew when the source changed; `config.json`,
which tells the phones where things are; `bind`, which binds a member of staff; and `server/`, which
hands requests on to the service, as the platform's own network would.
"""

import http.client
import json
import mimetypes
import re
import shutil
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

BELOW = "/phone"
ROOT = Path(__file__).resolve().parents[2]
RUNNER = ROOT / "tools" / "mp-runner"
_OF_THE_BUILD = ("allow.json", "build", "build.mjs", "page", "runtime", "units.mjs")
_NOT_HANDED_ON = {"host", "connection", "content-length", "transfer-encoding", "keep-alive"}
_PERSON = re.compile(r"[\w.-]{1,40}", re.ASCII)


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes
    kind: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


def _is_staff(told: Mapping[str, Any]) -> bool:
    """Whether an answer to a sign-in is of a member of staff."""
    roles = told.get("account", {}).get("roles", [])
    return bool(roles) and roles[0]["role"] != "citizen"


def _json(status: int, told: Any) -> Reply:
    return Reply(status, json.dumps(told, ensure_ascii=False).encode(), "application/json")


class Phones:
    """`source` is the mini program, `out` where its build goes, `server` the service's address,
    `titles` the platform's templates by id, `password` that of the demo's accounts."""

    def __init__(
        self, source: Path, out: Path, server: str, titles: Mapping[str, str], password: str
    ) -> None:
        self.source, self.out, self.titles, self.password = source, out, titles, password
        self.server = urlsplit(server)
        self._building = threading.Lock()

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """What a request below `/phone` gets."""
        path = urlsplit(target).path.removeprefix(BELOW)
        if path == "":
            return Reply(301, b"", headers={"Location": f"{BELOW}/"})
        if path.startswith("/server/"):
            rest = target.split("/server", 1)[1]
            return self._handed_on(method, rest, headers, body)
        if path == "/bind" and method == "POST":
            return self._bind(body)
        if path == "/config.json":
            found = {"server": f"{BELOW}/server", "consents": "/_standin/consents"}
            return _json(200, found | {"templates": dict(self.titles)})
        return self._file(unquote(path))

    def _file(self, path: str) -> Reply:
        name = path.lstrip("/") or "index.html"
        if name.endswith(".html"):
            wrong = self.build()
            if wrong is not None:
                return Reply(500, _PAGE.format(escape(wrong)).encode(), "text/html; charset=utf-8")
        found = (self.out / name).resolve()
        if not found.is_relative_to(self.out.resolve()) or not found.is_file():
            return Reply(404, b"no such file")
        kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
        text = kind.startswith("text/") or kind == "application/json"
        kept = {"Cache-Control": "no-cache"}
        return Reply(200, found.read_bytes(), f"{kind}; charset=utf-8" if text else kind, kept)

    def build(self) -> str | None:
        """Builds where the source is newer than the build; why that cannot be done, else None."""
        with self._building:
            stamp = self.out / "built"
            newest = self._newest()
            if stamp.exists() and stamp.read_text() == newest:
                return None
            node = shutil.which("node")
            if node is None or not (RUNNER / "node_modules").is_dir():
                return "没有 Node 20，或者还没有安装它的包：make node"
            stamp.unlink(missing_ok=True)
            command = [node, str(RUNNER / "build.mjs"), "--source", str(self.source)]
            done = subprocess.run(  # noqa: S603  (our own script)
                [*command, "--out", str(self.out)], check=False, capture_output=True, text=True
            )
            if done.returncode != 0:
                return done.stderr
            stamp.write_text(newest)
            return None

    def _newest(self) -> str:
        """A word that is another one after any change of what is built, or of what builds."""
        files = [RUNNER / name for name in _OF_THE_BUILD]
        for folder in (self.source, *files):
            files += [
                path
                for path in folder.rglob("*")
                if "node_modules" not in path.relative_to(folder).parts
            ]
        times = [path.stat().st_mtime_ns for path in files if path.is_file()]
        return f"{len(times)} {max(times)}"

    def _handed_on(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Reply:
        given = {
            name: value for name, value in headers.items() if name.lower() not in _NOT_HANDED_ON
        }
        try:
            status, found, data = self._asked(method, target, given, body)
        except (OSError, http.client.HTTPException):
            return Reply(502, b"the service does not answer")
        kind = found.get("content-type", "application/octet-stream")
        rest = {
            name: value
            for name, value in found.items()
            if name not in _NOT_HANDED_ON | {"content-type", "server", "date"}
        }
        return Reply(status, data, kind, rest)

    def _asked(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(
            self.server.hostname or "127.0.0.1", self.server.port, timeout=60
        )
        try:
            connection.request(method, target, body or None, dict(headers))
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, found, answer.read()
        finally:
            connection.close()

    def _bind(self, body: bytes) -> Reply:
        """Binds the phone of a member of staff, with the code that the account asks for itself."""
        try:
            person = json.loads(body)["person"]
        except (ValueError, KeyError, TypeError):
            person = ""
        if not isinstance(person, str) or not _PERSON.fullmatch(person):
            return _json(400, {"said": "没有说是谁"})
        try:
            return self._bound(person)
        except (OSError, http.client.HTTPException):
            return _json(502, {"said": "服务没有应答"})

    def _bound(self, person: str) -> Reply:
        phone = {"wechat_code": f"demo-{person}"}
        status, told = self._posted("/api/v1/sessions", phone)
        if status == 201 and _is_staff(told):
            return _json(200, {"said": f"{told['account']['display_name']}，已经绑定"})
        account = {"username": person, "password": self.password}
        status, told = self._posted("/api/v1/sessions", account)
        if status == 201:
            status, told = self._posted("/api/v1/me/binding-code", {}, told.get("token", ""))
        if status == 201:
            code = {"binding_code": told.get("code", "")}
            status, told = self._posted("/api/v1/sessions", phone | code)
        if status != 201 or not _is_staff(told):
            why = told.get("detail") or told.get("title") or status
            return _json(409, {"said": f"没有绑定成功：{why}"})
        return _json(200, {"said": f"{told['account']['display_name']}，刚刚绑定"})

    def _posted(self, path: str, body: Any, token: str = "") -> tuple[int, dict[str, Any]]:
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        status, _, data = self._asked("POST", path, headers, json.dumps(body).encode())
        try:
            told = json.loads(data)
        except ValueError:
            told = {}
        return status, told if isinstance(told, dict) else {}


_PAGE = """<!doctype html><html lang=zh-CN><meta charset=utf-8><title>演示手机</title>
<style>body{{font:16px/1.6 sans-serif;margin:24px}}pre{{white-space:pre-wrap}}</style>
<h1>小程序没有构建成功</h1><pre>{}</pre></html>"""
