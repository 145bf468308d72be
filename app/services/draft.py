"""A case being written: its row, its ledger entries and all that goes with them, saved at once."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, case, update
from sqlalchemy.exc import IntegrityError

from models import moment
from models.account import Actor, Role
from models.audit import AuditQueue
from models.canonical import entry_hash, text_digest
from models.case import Case
from models.content import ContentCheck, ContentState
from models.db import Rows
from models.errors import FieldFault, PhotoUnusable
from models.ledger import LedgerEntry, LedgerText
from models.moment import rfc3339
from models.outbox import Outbox
from models.photo import Attachment
from models.routing import Atlas
from models.status import Action, Status
from models.timer import Clock, Timer, upcoming


def staff(actor: Actor, role: Role) -> dict[str, Any]:
    """The ledger's form of a member of staff."""
    return {"account": actor.id, "role": role.value, "unit": actor.unit}


def reporter(ordinal: int) -> dict[str, Any]:
    """The ledger's form of a resident: a number within this case, no person."""
    return {"reporter": ordinal, "role": Role.CITIZEN.value}


SYSTEM: dict[str, Any] = {"role": Role.SYSTEM.value}
TOLD = (
    "category",
    "district",
    "street",
    "community",
    "grid",
    "overlay",
    "unit_1",
    "unit_2",
    "unit_3",
    "due_at",
)
"""Columns of a case whose every change stands in its ledger, so that figures need nothing else."""


SHOWN = frozenset({"report", "supplement", "after", "check"})
"""Roles of photos that others than staff may come to see: each is checked first."""


_USED_UP = ("pk_attachment", "uq_content_check_photo_id")


class Draft:
    """Collects changes to one case under its lock.

    `case` holds the columns of the case table; set what changes. `now` is read after the lock
    and never lies before the previous entry.
    """

    def __init__(self, atlas: Atlas, row: Mapping[str, Any], now: datetime, *, new: bool) -> None:
        self.atlas = atlas
        self.case = SimpleNamespace(**row)
        self.rows = Rows()
        self.now = now if new else max(now, row["changed_at"])
        self._new = new
        self._before = dict(row)
        self._met: set[str] = set()
        self._cleared: set[str] = set()
        self._starting: dict[Clock, dict[str, Any]] = {}
        self._entries: list[int] = []
        self._to_check: set[int] = set()
        self._told_start: dict[str, Any] | None = None
        self._told = dict.fromkeys(TOLD) if new else {name: row[name] for name in TOLD}

    @classmethod
    def of(cls, atlas: Atlas, row: Any) -> "Draft":
        """A draft of a case whose locked row was just read."""
        return cls(atlas, dict(row._mapping), moment.now(), new=False)  # noqa: SLF001

    def news(self) -> dict[str, Any]:
        """What the ledger has not been told yet: columns of TOLD that changed, and the due time
        of a start clock that begins."""
        found = {n: getattr(self.case, n) for n in TOLD if getattr(self.case, n) != self._told[n]}
        self._told |= found
        starting = self._starting.get(Clock.START)
        if starting is not None and starting is not self._told_start:
            found["start_due_at"], self._told_start = starting["due_at"], starting
        return found

    def record(
        self,
        action: Action,
        by: Mapping[str, Any],
        *,
        came_from: str | None,
        payload: Mapping[str, Any] | None = None,
        texts: Mapping[str, str | None] | None = None,
        author: int | None = None,
    ) -> bytes:
        """Appends a ledger entry for the case as it now stands; returns the entry's hash.

        `texts` stand in the payload as salted digests; `author` owns them for erasure.
        """
        seq = self.case.head_seq + 1
        body = dict(payload or {})
        for field, text in (texts or {}).items():
            if text is not None:
                body[field] = self._keep(seq, field, text, author)
        outside = "reporter" in by or (action is Action.SUBMIT and by["role"] == Role.SYSTEM)
        if outside and any((texts or {}).values()):
            self._check(seq, None, author)
        self.case.version += 1
        previous = self.case.head_hash
        entry = {
            "case": self.case.number,
            "seq": seq,
            "round": self.case.round,
            "at": rfc3339(self.now),
            "actor": dict(by),
            "action": action.value,
            "from": came_from,
            "to": self.case.status,
            "holder": self.case.holder,
            "payload": body,
            "previous": previous.hex(),
        }
        own = entry_hash(entry)
        self.rows.add(
            LedgerEntry,
            case_id=self.case.id,
            seq=seq,
            round=self.case.round,
            at=self.now,
            actor=dict(by),
            action=action.value,
            from_status=came_from,
            to_status=self.case.status,
            holder=self.case.holder,
            payload=body,
            previous=previous,
            hash=own,
        )
        self.case.head_seq, self.case.head_hash, self.case.changed_at = seq, own, self.now
        self._entries.append(seq)
        return own

    def _keep(self, seq: int, field: str, text: str, author: int | None) -> dict[str, str]:
        salt = secrets.token_bytes(16)
        self.rows.add(
            LedgerText,
            case_id=self.case.id,
            seq=seq,
            field=field,
            salt=salt,
            content=text,
            account_id=author,
        )
        return {"sha256": text_digest(salt, text)}

    def attach(
        self, photos: Sequence[Any], role: str, actor: Actor, *, report_id: int | None = None
    ) -> list[dict[str, str]]:
        """Uses photos (rows) up in the next entry; returns what its payload says of them."""
        # By id, so that two requests with the same photos never wait for each other in a circle.
        for position, photo in sorted(enumerate(photos), key=lambda pair: str(pair[1].id)):
            self.rows.add(
                Attachment,
                photo_id=photo.id,
                case_id=self.case.id,
                seq=self.case.head_seq + 1,
                report_id=report_id,
                role=role,
                position=position,
                longitude=self.case.longitude,
                latitude=self.case.latitude,
                account_id=actor.id,
                unit=actor.unit,
                unproven=getattr(photo, "unproven", False),
                attached_at=self.now,
            )
            if role in SHOWN:
                self._check(self.case.head_seq + 1, photo.id, actor.id)
        return [{"id": photo.id, "sha256": photo.sha256.hex()} for photo in photos]

    def _check(self, seq: int, photo_id: str | None, author: int | None) -> None:
        """Words of a reporter or of another system, or a photo, must be checked before they may
        be published."""
        if moment.is_played():
            return
        self._to_check.add(seq)
        self.rows.add(
            ContentCheck,
            case_id=self.case.id,
            seq=seq,
            photo_id=photo_id,
            account_id=author,
            state=ContentState.WAITING,
            created_at=self.now,
        )

    def start(
        self, clock: Clock, due_at: datetime, calendar: str, *, since: datetime | None = None
    ) -> None:
        """Starts a clock of this round, counted in the named calendar; one of the same name that
        runs is cleared."""
        started = since or self.now
        self._cleared.add(clock)
        step, next_at = upcoming(self.atlas.calendars[calendar], started, due_at, self.now)
        self._starting[clock] = {
            "case_id": self.case.id,
            "round": self.case.round,
            "clock": clock,
            "calendar": calendar,
            "started_at": started,
            "due_at": due_at,
            "step": step - 1,
            "next_at": next_at,
            "met_at": None,
            "cleared_at": None,
        }

    def meet(self, clock: Clock) -> None:
        """The clock's stage is done."""
        self._end(clock, "met_at", self._met)

    def clear(self, clock: Clock) -> None:
        """The clock no longer applies."""
        self._end(clock, "cleared_at", self._cleared)

    def _end(self, clock: Clock, how: str, running: set[str]) -> None:
        if clock in self._starting:
            self._starting[clock] |= {how: self.now, "next_at": None}
        else:
            running.add(clock)

    def save(self, db: Connection) -> None:
        """Writes everything: two statements for a change, one more where clocks end.

        Raises:
            PhotoUnusable: another request used one of the photos at the same time.
        """
        after = vars(self.case)
        for timer in self._starting.values():
            self.rows.add(Timer, **timer)
        self.rows.add(
            Outbox,
            job="notice.spread",
            args={"case_id": self.case.id, "seqs": self._entries},
            created_at=self.now,
            due_at=self.now,
        )
        if self._to_check:
            self.rows.add(
                Outbox,
                job="content.check",
                args={"case_id": self.case.id, "seqs": sorted(self._to_check)},
                created_at=self.now,
                due_at=self.now,
            )
        if self._is_forwarded():
            self.rows.add(
                Outbox,
                job="forwarding.send",
                args={"case_id": self.case.id, "round": self.case.round},
                created_at=self.now,
                due_at=self.now,
            )
        self.rows.add(AuditQueue, case_id=self.case.id, at=self.now)
        if self._new:
            self.rows.add(Case, **after)
        else:
            changed = {k: v for k, v in after.items() if v != self._before[k]}
            db.execute(update(Case).where(Case.id == self.case.id).values(**changed))
            self._end_clocks(db)
        try:
            self.rows.insert(db)
        except IntegrityError as error:
            if not any(name in str(error.orig) for name in _USED_UP):
                raise
            message = "这张照片刚刚已被使用，请另拍一张"
            raise PhotoUnusable(message, [FieldFault("/photo_ids", message)]) from error

    def _is_forwarded(self) -> bool:
        """Whether it just came to a unit that has a system of its own."""
        if self.case.unit not in self.atlas.forwarded or moment.is_played():
            return False
        if self.case.status not in (Status.ASSIGNED, Status.IN_PROGRESS):
            return False
        if self._new or self.case.status == Status.ASSIGNED != self._before["status"]:
            return True
        return any(getattr(self.case, name) != self._before[name] for name in ("unit", "round"))

    def _end_clocks(self, db: Connection) -> None:
        ended = self._met | self._cleared
        if not ended:
            return
        met = Timer.clock.in_(self._met)
        db.execute(
            update(Timer)
            .where(
                Timer.case_id == self.case.id,
                Timer.clock.in_(ended),
                Timer.met_at.is_(None),
                Timer.cleared_at.is_(None),
            )
            .values(met_at=case((met, self.now)), cleared_at=case((~met, self.now)), next_at=None)
        )
