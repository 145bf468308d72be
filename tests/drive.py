"""Driving the application in tests: people who sign in, photos, reports, actions."""

import io
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast

from flask.testing import FlaskClient
from sqlalchemy import Connection, delete, select

from app.kit import Kit
from app.services import account, area
from app.services.area import CurrentAtlas
from app.services.outbox import PutOff
from models.account import Account
from models.geo import Point
from models.outbox import Outbox
from models.routing import Atlas
from tools.pictures import make_photo
from workers.registry import JOBS

CENTRE = Point(112.57, 26.90)
"""In the grid where worker1 is always on duty and unit1's unit answers for exposed garbage."""
_seeds = itertools.count(1)
Answer = Any
"""A werkzeug TestResponse, whose `json` may be taken apart."""


def place(point: Point = CENTRE, **more: Any) -> dict[str, Any]:
    return {"longitude": point.longitude, "latitude": point.latitude, "coord_type": "wgs84"} | more


@dataclass
class Person:
    """Somebody signed in."""

    client: FlaskClient
    account_id: int
    token: str

    def request(self, method: str, path: str, **kwargs: Any) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}"} | kwargs.pop("headers", {})
        return self.client.open(path, method=method, headers=headers, **kwargs)

    def get(self, path: str, **kwargs: Any) -> Answer:
        return self.request("GET", path, **kwargs)

    def post(self, path: str, body: Any = None, **kwargs: Any) -> Answer:
        return self.request("POST", path, json={} if body is None else body, **kwargs)

    def upload(self, data: bytes, name: str = "photo.jpg", **fields: Any) -> Answer:
        form = {key: str(value) for key, value in fields.items()}
        return self.request(
            "POST", "/api/v1/photos", data=form | {"file": (io.BytesIO(data), name)}
        )

    def photo(
        self,
        *,
        scene: int | None = None,
        at: Point | None = CENTRE,
        taken_at: datetime | None = None,
        timed: bool = True,
        **kwargs: Any,
    ) -> str:
        """Uploads a made photo taken now at the place, and returns its id."""
        seed = next(_seeds)
        data = make_photo(
            seed,
            scene=scene if scene is not None else seed,
            taken_at=(taken_at or datetime.now(UTC)) if timed else None,
            location=at,
            size=(480, 360),
            **kwargs,
        )
        answer = self.upload(data)
        assert answer.status_code == 201, answer.text
        photo_id: str = answer.json["id"]
        return photo_id

    def report(self, category: str | None = "exposed-garbage", **more: Any) -> dict[str, Any]:
        """Reports with one photo unless `photo_ids` says otherwise; the answer must be 201."""
        body = {"description": "路边一堆垃圾没人清理", "location": place()} | more
        if category is not None:
            body["category"] = category
        if "photo_ids" not in body:
            body["photo_ids"] = [self.photo()]
        answer = self.post("/api/v1/reports", body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json
        return made

    def case(self, number: str) -> dict[str, Any]:
        answer = self.get(f"/api/v1/cases/{number}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json
        return found

    def act(self, number: str, action: str, *, version: int | None = None, **fields: Any) -> Answer:
        """Sends an action with the newest version unless another is given."""
        seen = self.case(number)["version"] if version is None else version
        body = {"action": action, "version": seen} | fields
        return self.post(f"/api/v1/cases/{number}/actions", body)

    def done(self, number: str, action: str, **fields: Any) -> dict[str, Any]:
        """An action that must succeed; the case after it."""
        answer = self.act(number, action, **fields)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json
        return found


@dataclass
class Drive:
    client: Any
    db: Connection
    kit: Kit
    _people: dict[str, Person] = field(default_factory=dict)

    def staff(self, username: str) -> Person:
        """A demo account, signed in."""
        if username not in self._people:
            account_id = self.db.execute(
                select(Account.id).where(Account.username == username)
            ).scalar_one()
            self._people[username] = self._sign_in(account_id)
        return self._people[username]

    def resident(self, name: str = "lily") -> Person:
        key = f"openid-{name}"
        if key not in self._people:
            self._people[key] = self._sign_in(account.account_of_openid(self.db, key))
        return self._people[key]

    def _sign_in(self, account_id: int) -> Person:
        return Person(self.client, account_id, account.open_session(self.db, account_id).token)

    def forget_sessions(self) -> None:
        """Everybody signs in anew when next asked for."""
        self._people.clear()

    def read_set_up(self) -> None:
        """Makes what the test changed of the district's set-up known to the application."""
        atlas = area.load(self.db, self.kit.settings.policy)
        self.kit = replace(self.kit, atlas=cast("CurrentAtlas", ReadAtlas(atlas)))
        self.client.application.extensions["kit"] = self.kit

    def spread_notices(self) -> None:
        """Does the notice jobs that wait in the outbox."""
        self._do("notice.spread")

    def index_words(self) -> None:
        """Does the jobs in the outbox that make words findable."""
        self._do("report.index")

    def work(self, job: str) -> list[PutOff]:
        """Does the jobs of that name that wait; those that must wait longer stay, and are
        returned."""
        put_off = []
        for row in self.db.execute(select(Outbox.id, Outbox.args).where(Outbox.job == job)).all():
            try:
                JOBS[job](self.kit, row.args)
            except PutOff as wait:
                put_off.append(wait)
            else:
                self.db.execute(delete(Outbox).where(Outbox.id == row.id))
        return put_off

    def _do(self, job: str) -> None:
        waiting = select(Outbox.args).where(Outbox.job == job).order_by(Outbox.id)
        for args in self.db.execute(waiting).scalars().all():
            JOBS[job](self.kit, args)


@dataclass
class ReadAtlas:
    """An atlas that stays as it was read, whatever revision is asked for."""

    atlas: Atlas

    def __call__(self) -> Atlas:
        return self.atlas

    def at_least(self, _wanted: int) -> Atlas:
        return self.atlas


def problem(answer: Answer, status: int, name: str) -> dict[str, Any]:
    """Asserts a problem+json of that status and name, and returns it."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    body: dict[str, Any] = answer.json
    assert body["type"] == f"/problems/{name}", body
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["request_id"]
    return body


def pointers(body: dict[str, Any]) -> Iterable[str]:
    return [fault["pointer"] for fault in body["errors"]]
