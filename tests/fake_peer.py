"""Another city's GeoReport v2 system, as far as the standard and mySociety's updates go."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import xmltodict
from werkzeug.wrappers import Request, Response


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass
class FakePeer:
    """`loses_answers` take what is sent and answer 500; `refuses` is the status of a refusal;
    `gives_tokens` answers tokens, whose numbers are there from the second asking on."""

    requests: list[dict[str, Any]] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)
    said: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    loses_answers: int = 0
    away: bool = False
    refuses: int = 0
    gives_tokens: bool = False
    has_updates: bool = True

    def say(self, number: str, status: str, words: str = "", **more: Any) -> dict[str, Any]:
        """An update of a request."""
        update = {
            "update_id": str(len(self.said) + 1),
            "service_request_id": number,
            "status": status,
            "updated_datetime": now(),
            "description": words,
        } | more
        self.said.append(update)
        return update

    def __call__(self, request: Request) -> Response:
        self.asked.append(f"{request.method} {request.path}")
        call = request.path.strip("/").removesuffix(".xml")
        if self.away:
            return Response("busy", 503)
        if request.method == "POST":
            return self._take(request)
        if call.startswith("tokens/"):
            known = self.asked.count(f"GET {request.path}") > 1
            number = call.removeprefix("tokens/t") if known else None
            row = {"token": call.removeprefix("tokens/"), "service_request_id": number}
            return self._answer("service_requests", "request", [row])
        if call == "servicerequestupdates" and self.has_updates:
            return self._answer("service_requests_updates", "request_update", self.said)
        if call == "requests":
            wanted = request.args.get("service_request_id", "")
            rows = [
                one
                for one in self.requests
                if not wanted or one["service_request_id"] in wanted.split(",")
            ]
            return self._answer("service_requests", "request", rows)
        return Response("<html>nothing here</html>", 404)

    def _take(self, request: Request) -> Response:
        if self.refuses:
            rows = [{"code": str(self.refuses), "description": "service_code unknown"}]
            return self._answer("errors", "error", rows, self.refuses)
        number = str(len(self.requests) + 1)
        sent = request.form.to_dict() | {
            "service_request_id": number,
            "status": "open",
            "status_notes": "",
            "requested_datetime": now(),
            "updated_datetime": now(),
        }
        self.requests.append(sent)
        self.files += [file.read() for file in request.files.getlist("media")]
        if self.loses_answers:
            self.loses_answers -= 1
            return Response("broken", 500)
        row = {"token": f"t{number}"} if self.gives_tokens else {"service_request_id": number}
        return self._answer("service_requests", "request", [row])

    def _answer(
        self, root: str, item: str, rows: list[dict[str, Any]], status: int = 200
    ) -> Response:
        shown = [{k: v for k, v in row.items() if "[" not in k} for row in rows]
        return Response(xmltodict.unparse({root: {item: shown}}), status, mimetype="text/xml")
