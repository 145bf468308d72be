"""One made case, on which the real moves are taken in memory at made-up moments."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection

from app.services import area, assignment
from app.services.case import Handler, Turn, perform
from app.services.draft import Draft
from app.services.report import add_report
from app.services.screening import Surroundings
from benchmarks.people import People
from benchmarks.places import Site, address, description
from benchmarks.sheet import Sheet
from models.account import Actor, Role
from models.calendar import LOCAL
from models.canonical import GENESIS, text_digest
from models.case import Case
from models.facts import Facts
from models.ledger import LedgerText
from models.likeness import SKETCH_BYTES, bands
from models.photo import Photo
from models.routing import Atlas
from models.status import Action, Status
from models.submission import Source
from models.workflow import MOVES

REPORTS_PER_CASE = 4
PHOTO_SHARE = 0.1
SOURCES = (Source.RESIDENT, Source.PATROL, Source.HOTLINE, Source.PHONE)
SOURCE_WEIGHTS = (80, 12, 6, 2)
COLUMNS = tuple(Case.__table__.columns.keys())


class ThePresentError(Exception):
    """The story has come to today: the case stays as it is."""


@dataclass
class World:
    """What all stories of a process share. Draws are deterministic per `seed` and serial."""

    atlas: Atlas
    people: People
    sites: list[Site]
    sheet: Sheet
    db: Connection
    seed: int
    categories: list[str] = field(init=False)
    weights: list[float] = field(init=False)

    def __post_init__(self) -> None:
        known = [c for c in self.atlas.categories.values() if c.retired_at is None]
        self.categories = [c.code for c in known]
        frequency = [0.5 if c.emergency else 20 / (i + 4) for i, c in enumerate(known)]
        self.weights = list(accumulate(frequency))


class Life:
    """A case being lived: its draft, its moment, and what may happen to it."""

    def __init__(self, world: World, serial: int, submitted_at: datetime) -> None:
        self.world, self.atlas = world, world.atlas
        self.random = Random(f"{world.seed}:{serial}")
        self.now = submitted_at
        self.reports = 0
        self.site = self.random.choice(world.sites)
        code = self.random.choices(world.categories, cum_weights=world.weights)[0]
        self.category = self.atlas.categories[code]
        self.source = self.random.choices(SOURCES, SOURCE_WEIGHTS)[0]
        self.photographed = self.random.random() < PHOTO_SHARE
        row = dict.fromkeys(COLUMNS) | self._new_row(serial)
        self.draft = Draft(self.atlas, row, submitted_at, new=True)
        self.draft.rows = world.sheet
        self.case = self.draft.case

    def _new_row(self, serial: int) -> dict[str, Any]:
        point, where, category = self.site.near(self.random), self.site.placement, self.category
        return {
            "id": serial,
            "number": f"{self.atlas.policy.number_prefix}"
            f"{self.now.astimezone(LOCAL):%Y%m%d}{serial:06d}",
            "version": 0,
            "round": 1,
            "source": self.source.value,
            "category": category.code,
            "emergency": category.emergency,
            "public": category.public,
            "longitude": point.longitude,
            "latitude": point.latitude,
            "raw_longitude": point.longitude,
            "raw_latitude": point.latitude,
            "coord_type": "wgs84",
            "accuracy_m": float(self.random.randint(3, 40)),
            "district": where.district,
            "street": where.street,
            "community": where.community,
            "grid": where.grid,
            "overlay": where.overlay,
            "placed": where.how,
            "routed_unit": assignment.propose_unit(self.atlas, where, category.code, self.now),
            "revision": self.atlas.revision,
            "arbitrated": False,
            "flags": {},
            "reports": 1,
            "head_seq": 0,
            "head_hash": GENESIS,
            "changed_at": self.now,
            "submitted_at": self.now,
        }

    def wait(self, hours: float) -> None:
        """Lets time pass; now and then things drag on for weeks."""
        if self.random.random() < 0.08:
            hours = self.random.uniform(24, 24 * 60)
        else:
            hours *= self.random.expovariate(1.0)
        self.now += timedelta(seconds=round(hours * 3600) + 20, microseconds=self.case.id % 10**6)
        if self.now > self.world.sheet.until:
            raise ThePresentError
        self.draft.now = self.now

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def take(
        self,
        action: Action,
        actor: Actor,
        role: Role,
        handler: Handler,
        fields: Any = None,
        by: dict[str, Any] | None = None,
    ) -> bytes:
        """One move; the texts it leaves get salts that are drawn like everything else."""

        def told(turn: Turn) -> Status | None:
            target = handler(turn)
            for name, words in turn.texts.items():
                if words is not None:
                    turn.payload[name] = self._keep(name, words, actor.id)
            turn.texts = {}
            return target

        turn = Turn(self.world.db, self.draft, actor, role, Facts(), fields, by=by)
        return perform(turn, MOVES[action], told)

    def _keep(self, name: str, words: str, author: int | None) -> dict[str, str]:
        salt = self.random.randbytes(16)
        self.draft.rows.add(
            LedgerText,
            case_id=self.case.id,
            seq=self.case.head_seq + 1,
            field=name,
            salt=salt,
            content=words,
            account_id=author,
        )
        return {"sha256": text_digest(salt, words)}

    def photos(self, actor: Actor, role: str, report_id: int | None = None) -> list[Any]:
        """One photo in the next entry if this case has any; what its payload says of it."""
        if not self.photographed or actor.id is None:
            return []
        draw = self.random
        likeness = draw.getrandbits(63)
        row = {
            "id": str(uuid.UUID(int=draw.getrandbits(128), version=4)),
            "uploader_id": actor.id,
            "uploaded_at": self.now - timedelta(seconds=10),
            "sha256": draw.randbytes(32),
            "media_type": "image/jpeg",
            "width": 4000,
            "height": 3000,
            "size": draw.randint(800_000, 4_000_000),
            "sketch": draw.randbytes(SKETCH_BYTES),
            "likeness": likeness,
            "similar_to": [],
            "client_taken_at": self.now - timedelta(seconds=30),
            "client_longitude": self.case.longitude,
            "client_latitude": self.case.latitude,
            "client_accuracy_m": 10.0,
            "rendered_at": self.now,
        }
        row |= {f"band{i}": value for i, value in enumerate(bands(likeness))}
        self.draft.rows.add(Photo, **row)
        photo = SimpleNamespace(id=row["id"], sha256=row["sha256"])
        return self.draft.attach([photo], role, actor, report_id=report_id)

    def resident(self) -> Actor:
        return Actor(self.random.choice(self.world.people.residents), "市民")

    def one_of(self, role: Role) -> Actor:
        return self.random.choice(self.world.people.by_role[role])

    def report(
        self, action: Action, actor: Actor, role: Role, by: dict[str, Any] | None, handler: Handler
    ) -> Surroundings:
        """A report and the entry that records it."""
        self.reports += 1
        report_id = self.case.id * REPORTS_PER_CASE + self.reports
        given = self._given()

        def recorded(turn: Turn) -> Status | None:
            turn.payload = {
                "source": self.source.value,
                "category": given.category,
                "location": area.e7(assignment.point_of(self.case)),
                "grid": self.case.grid,
                "anonymous": given.anonymous,
                "flags": {},
                "photos": self.photos(actor, "report", report_id),
            }
            turn.texts = {"description": given.description, "address": given.address}
            return handler(turn)

        around = Surroundings(self.case.id, report_id, [], self.chance(0.1), False, False)
        receipt = self.take(action, actor, role, recorded, by=by)
        turn = Turn(self.world.db, self.draft, actor, role, Facts(), given)
        source = self.source if self.reports == 1 else Source.RESIDENT
        add_report(turn, around, source, receipt, ordinal=self.reports)
        return around

    def _given(self) -> SimpleNamespace:
        external = self.source is Source.HOTLINE and self.reports == 1
        return SimpleNamespace(
            category=self.case.category,
            description=description(self.category, self.random),
            address=address(self.atlas, self.site.placement, self.random),
            anonymous=self.chance(0.1),
            contact_phone=None,
            reporter_name=None,
            external_number=f"GD{self.case.id:010d}" if external else None,
            external_due_at=self.now + timedelta(days=5) if external else None,
        )
