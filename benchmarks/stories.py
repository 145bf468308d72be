"""What happened to made cases: the real workflow, lived through in memory.

A story takes the real moves (`app.services.case.perform`) at made-up moments, and stops where the
present begins; so the rows of a case agree with each other as those of a real one do.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection

from app.services import area, assignment, handling, intake, screening
from app.services.case import Handler, Turn, perform
from app.services.draft import SYSTEM, Draft, reporter
from app.services.report import add_report
from app.services.screening import Surroundings
from benchmarks.people import People
from benchmarks.places import DONE, NOT_OURS, REPLIES, Site, address, description
from benchmarks.sheet import Sheet
from models.account import Actor, Role
from models.calendar import LOCAL, parse_limit
from models.canonical import GENESIS, text_digest
from models.case import Case
from models.facts import Facts
from models.ledger import LedgerText
from models.likeness import bands
from models.moment import rfc3339
from models.photo import Photo
from models.report import Feedback
from models.routing import Atlas
from models.status import Action, Status
from models.submission import ON_BEHALF, Source
from models.workflow import MOVES

REPORTS_PER_CASE = 4
PHOTO_SHARE = 0.1
SKETCH_BYTES = 48 * 48
HOURS = {"h": 1, "wh": 1, "wd": 24}
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
    """One case from its submission on."""

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

    def live(self) -> str:
        """Tells the story and leaves its rows on the sheet; returns the status at its end."""
        try:
            self._submit()
            while (then := _NEXT.get(self.case.status)) is not None:
                then(self)
        except ThePresentError:
            pass
        self.draft.save(self.world.db)
        return str(self.case.status)

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

    def _submit(self) -> None:
        on_behalf = self.source in ON_BEHALF
        role = Role.CITIZEN
        if on_behalf:
            role = Role.DISPATCHER
        elif self.source is Source.PATROL:
            role = Role.GRID_WORKER
        actor = self.resident() if role is Role.CITIZEN else self.one_of(role)
        self.reporter = actor
        by = reporter(1) if role is Role.CITIZEN else None
        around = self._report(Action.SUBMIT, actor, role, by, lambda _: Status.SUBMITTED)
        self.take(
            Action.SCREEN,
            Actor(None, "系统"),
            Role.SYSTEM,
            lambda turn: screening.screen(turn, around),
            by=SYSTEM,
        )

    def _report(
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

        around = Surroundings(self.case.id, report_id, self.chance(0.1), False, False)
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

    def joined(self) -> None:
        """Now and then somebody else meets the same thing."""
        while self.case.public and self.reports < REPORTS_PER_CASE and self.chance(0.12):
            self.wait(1)
            self.case.reports = self.reports + 1
            by = reporter(self.case.reports)
            self._report(Action.JOIN, self.resident(), Role.CITIZEN, by, lambda _: None)

    def at_desk(self) -> None:
        self.wait(1)
        desk = self.one_of(Role.DISPATCHER)
        draw = self.random.random()
        if draw < 0.06 and self.source is Source.RESIDENT and self.reports == 1:
            self._withdraw()
        elif draw < 0.2 or self.case.routed_unit is None:
            fields = SimpleNamespace(reason="out_of_scope", reply=NOT_OURS)
            self.take(Action.REJECT, desk, Role.DISPATCHER, intake.reject, fields)
        elif draw < 0.25 and self.atlas.on_duty(self.site.placement, self.now).worker:
            fields = SimpleNamespace(worker=None)
            self.take(
                Action.ASK_VERIFICATION, desk, Role.DISPATCHER, intake.ask_verification, fields
            )
        else:
            fields = SimpleNamespace(category=None, unit=None, worker=None, paraphrase=None)
            self.take(Action.ACCEPT, desk, Role.DISPATCHER, intake.accept, fields)

    def _withdraw(self) -> None:
        self.world.sheet.tables["report"][-1]["withdrawn_at"] = self.now
        by = reporter(1)
        self.take(Action.WITHDRAW, self.reporter, Role.CITIZEN, lambda _: Status.WITHDRAWN, by=by)

    def verifying(self) -> None:
        self.wait(3)
        code = self.case.holder.removeprefix("worker:")
        known = self.world.people.by_id.get(int(code)) if code.isdigit() else None
        worker = known or self.one_of(Role.GRID_WORKER)
        exists = self.chance(0.85) and self.case.routed_unit is not None

        def verify(turn: Turn) -> Status:
            turn.payload["finding"] = "exists" if exists else "absent"
            turn.texts["comment"] = "现场确有此情况" if exists else "现场未发现"
            turn.payload["photos"] = self.photos(worker, "verify")
            if not exists:
                return Status.SUBMITTED
            assignment.give_to(turn.draft, turn.case.routed_unit)
            assignment.accept_round(turn.draft)
            turn.payload["unit"] = turn.case.routed_unit
            return Status.ASSIGNED

        self.take(Action.VERIFY, worker, Role.GRID_WORKER, verify)

    def assigned(self) -> None:
        self.joined()
        self.wait(0.5)
        unit = self.world.people.answering_for(self.atlas, self.case.unit)
        if self.case.round == 1 and not self.case.arbitrated and self.chance(0.02):
            self._hand_back(unit)
        else:
            self.take(Action.START, unit, Role.UNIT_STAFF, handling.start)

    def _hand_back(self, unit: Actor) -> None:
        def hand_back(turn: Turn) -> Status:
            target = intake.hand_back(turn)
            turn.case.arbitrated = False
            return target

        fields = SimpleNamespace(reason="不属于本单位职责")
        self.take(Action.HAND_BACK, unit, Role.UNIT_STAFF, hand_back, fields)

    def in_progress(self) -> None:
        amount, unit = parse_limit(self.category.handle_limit)
        self.wait(0.4 * amount * HOURS[unit])
        staff = self.world.people.answering_for(self.atlas, self.case.unit)
        if self.case.suspended_at is None and self.case.round == 1 and self.chance(0.012):
            self._suspend(staff)
            return

        def resolve(turn: Turn) -> Status:
            turn.payload |= {
                "outcome": "fixed",
                "unproven": False,
                "photos": self.photos(staff, "after"),
                "late": turn.case.due_at is not None and turn.now > turn.case.due_at,
            }
            turn.texts["comment"] = self.random.choice(DONE)
            turn.case.resolved_at = turn.now
            return Status.RESOLVED

        self.take(Action.RESOLVE, staff, Role.UNIT_STAFF, resolve)

    def _suspend(self, staff: Actor) -> None:
        review = self.now + timedelta(days=self.random.randint(10, 80))
        payload = {"reason": "funding", "review_at": rfc3339(review), "photos": []}

        def ask(turn: Turn) -> None:
            turn.payload |= payload

        def grant(turn: Turn) -> Status:
            turn.payload |= payload
            turn.case.review_at, turn.case.suspended_at = review, turn.now
            return Status.SUSPENDED

        self.take(Action.ASK_SUSPENSION, staff, Role.UNIT_STAFF, ask)
        self.wait(8)
        supervisor = self.one_of(Role.SUPERVISOR)
        self.take(Action.GRANT_SUSPENSION, supervisor, Role.SUPERVISOR, grant)

    def suspended(self) -> None:
        self.wait(24 * 30)
        self.take(Action.RESUME, self.one_of(Role.SUPERVISOR), Role.SUPERVISOR, handling.resume)

    def resolved(self) -> None:
        self.wait(4)
        desk = self.one_of(Role.DISPATCHER)
        if self.chance(0.04):

            def rework(turn: Turn) -> Status:
                turn.texts["reason"] = "现场仍有遗留，请继续处理"
                turn.case.evidence_since, turn.case.resolved_at = turn.now, None
                return Status.IN_PROGRESS

            self.take(Action.REWORK, desk, Role.DISPATCHER, rework)
            return

        def close(turn: Turn) -> Status:
            turn.payload |= {"method": "desk", "photos": []}
            turn.texts |= {"reply": self.random.choice(REPLIES), "reason": None}
            turn.case.closed_at = turn.now
            return Status.CLOSED

        self.take(Action.PASS, desk, Role.DISPATCHER, close)
        self._rated()

    def _rated(self) -> None:
        if self.source is not Source.RESIDENT or not self.chance(0.3):
            return
        self.wait(12)
        rating = self.random.choices((5, 4, 3, 2), (60, 25, 10, 5))[0]

        def rate(turn: Turn) -> None:
            turn.payload = {"solved": True, "rating": rating, "photos": []}

        self.take(Action.FEEDBACK, self.reporter, Role.CITIZEN, rate, by=reporter(1))
        self.draft.rows.add(
            Feedback,
            report_id=self.case.id * REPORTS_PER_CASE + 1,
            round=self.case.round,
            solved=True,
            rating=rating,
            by_staff=False,
            at=self.now,
        )


_NEXT: dict[str, Callable[[Life], None]] = {
    Status.SUBMITTED: Life.at_desk,
    Status.VERIFYING: Life.verifying,
    Status.ASSIGNED: Life.assigned,
    Status.IN_PROGRESS: Life.in_progress,
    Status.SUSPENDED: Life.suspended,
    Status.RESOLVED: Life.resolved,
}
