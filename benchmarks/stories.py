"""What happened to made cases: the real workflow, lived through in memory.

A story takes the real moves (`app.services.case.perform`) at made-up moments, and stops where the
present begins; so the rows of a case agree with each other as those of a real one do.
"""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

from app.services import assignment, handling, intake, screening
from app.services.case import Turn
from app.services.draft import SYSTEM, reporter
from benchmarks.life import REPORTS_PER_CASE, Life, ThePresentError
from benchmarks.places import DONE, NOT_OURS, REPLIES
from models.account import Actor, Role
from models.calendar import parse_limit
from models.moment import rfc3339
from models.report import Feedback
from models.status import Action, Status
from models.submission import ON_BEHALF, Source

HOURS = {"h": 1, "wh": 1, "wd": 24}


class Story(Life):
    """One case from its submission on."""

    def live(self) -> str:
        """Tells the story and leaves its rows on the sheet; returns the status at its end."""
        try:
            self._submit()
            while (then := _NEXT.get(self.case.status)) is not None:
                then(self)
        except ThePresentError:
            pass
        self.draft.save(self.world.db)
        self.world.sheet.audit(self.case.id, self.atlas.calendar_of)
        return str(self.case.status)

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
        around = self.report(Action.SUBMIT, actor, role, by, lambda _: Status.SUBMITTED)
        self.take(
            Action.SCREEN,
            Actor(None, "系统"),
            Role.SYSTEM,
            lambda turn: screening.screen(turn, around),
            by=SYSTEM,
        )

    def joined(self) -> None:
        """Now and then somebody else meets the same thing."""
        while self.case.public and self.reports < REPORTS_PER_CASE and self.chance(0.12):
            self.wait(1)
            self.case.reports = self.reports + 1
            by = reporter(self.case.reports)
            self.report(Action.JOIN, self.resident(), Role.CITIZEN, by, lambda _: None)

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


_NEXT: dict[str, Callable[[Story], None]] = {
    Status.SUBMITTED: Story.at_desk,
    Status.VERIFYING: Story.verifying,
    Status.ASSIGNED: Story.assigned,
    Status.IN_PROGRESS: Story.in_progress,
    Status.SUSPENDED: Story.suspended,
    Status.RESOLVED: Story.resolved,
}
