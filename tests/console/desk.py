"""Somebody at a desk, with a browser's cookie."""

import re
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient

from tests.drive import Answer, Drive

PASSWORD = "suishoupai-demo"


@dataclass
class Desk:
    client: FlaskClient

    def answer(self, method: str, path: str, **kwargs: Any) -> Answer:
        return self.client.open(path, method=method, **kwargs)

    def get(self, path: str, status: int = 200) -> str:
        answer = self.answer("GET", path)
        assert answer.status_code == status, answer.text
        return str(answer.text)

    def act(
        self, number: str, action: str, status: int = 200, version: int | None = None, **fields: Any
    ) -> str:
        """Sends an action's form as the case's page has it; follows to the page behind it."""
        page = self.get(f"/console/cases/{number}")
        form = {"csrf": csrf_of(page), "version": version or version_of(page)} | fields
        answer = self.client.post(
            f"/console/cases/{number}/{action}", data=form, follow_redirects=True
        )
        assert answer.status_code == status, answer.text
        return str(answer.text)


def csrf_of(page: str) -> str:
    return str(re.findall(r'name="csrf" value="([0-9a-f]+)"', page)[0])


def version_of(page: str) -> str:
    found = re.findall(r'name="version" value="(\d+)"', page)
    return str(found[0]) if found else "1"


def sign_in(drive: Drive, username: str) -> Desk:
    """A browser of its own, signed in with the demo's password."""
    client = drive.client.application.test_client()
    given = {"username": username, "password": PASSWORD, "next": "/console/cases"}
    answer = client.post("/console/sign-in", data=given)
    assert answer.status_code == 302, answer.text
    return Desk(client)
