"""What a case's ledger says about its present round, and the conditions built on it.

A guard answers None when the action is possible, else why not, in Chinese. Guards see the case
row, the facts, the actor and the present moment; they read nothing else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from models.account import Actor, Role
from models.calendar import OFFICE, PLAIN, WorkingCalendar
from models.status import Action, Status

REOPEN_WINDOW = timedelta(days=15)
APPEAL_WINDOW = "3wd"
REPORTER_REOPENS = 2


@dataclass(frozen=True, slots=True)
class Facts:
    """Derived from the ledger entries of one case; accounts are ids.

    `handlers` started, resolved or were delegated this round, `checkers` closed it; `reporters`
    reported the case.
    `on_site` tells why the next check must be on site, or is empty. `contractors` are the codes of
    the firms under the holding unit. `suspended` are the times from suspension to resumption in
    this round, `extended_to` the due time granted in it; `office` counts the time to appeal.
    `order_open`: a supervisor's order waits for its answer.
    """

    handlers: frozenset[int] = frozenset()
    checkers: frozenset[int] = frozenset()
    reporters: frozenset[int] = frozenset()
    hand_backs: int = 0
    extension_asked: bool = False
    extension_granted: bool = False
    suspension_asked: bool = False
    suspensions: int = 0
    reporter_reopens: int = 0
    appeal_open: bool = False
    appealable_since: datetime | None = None
    involved: frozenset[int] = frozenset()
    start_due_at: datetime | None = None
    on_site: str = ""
    contractors: frozenset[str] = frozenset()
    rejected_at: datetime | None = None
    last_suspension: dict[str, Any] = field(default_factory=dict)
    suspended: tuple[tuple[datetime, datetime], ...] = ()
    extended_to: datetime | None = None
    office: WorkingCalendar = PLAIN[OFFICE]
    order_open: bool = False


def gather(
    entries: Sequence[Any],
    round_: int,
    reporters: frozenset[int] = frozenset(),
    start_due_at: datetime | None = None,
) -> Facts:
    """Reads the facts off the entries (rows with action, actor, round, at, payload, hash),
    oldest first."""
    now_round = [entry for entry in entries if entry.round == round_]
    actions = [entry.action for entry in now_round]
    marks = [entry.at for entry in entries if is_mark(entry)]
    return Facts(
        handlers=_accounts(now_round, Action.START, Action.CONTROL, Action.RESOLVE),
        checkers=_accounts(now_round, *_CLOSING),
        reporters=reporters,
        hand_backs=actions.count(Action.HAND_BACK),
        extension_asked=_pending(
            actions, Action.ASK_EXTENSION, Action.GRANT_EXTENSION, Action.REFUSE_EXTENSION
        ),
        extension_granted=Action.GRANT_EXTENSION in actions,
        suspension_asked=_pending(
            actions, Action.ASK_SUSPENSION, Action.GRANT_SUSPENSION, Action.REFUSE_SUSPENSION
        ),
        suspensions=actions.count(Action.GRANT_SUSPENSION),
        reporter_reopens=sum(
            entry.action == Action.REOPEN and "reporter" in entry.actor for entry in entries
        ),
        appeal_open=_pending(
            [entry.action for entry in entries], Action.APPEAL, Action.UPHOLD, Action.DISMISS
        ),
        appealable_since=max(marks, default=None),
        involved=_accounts(now_round, *(set(Action) - {Action.REMARK})),
        start_due_at=start_due_at,
        on_site=_on_site(now_round),
        rejected_at=max((e.at for e in entries if e.action == Action.REJECT), default=None),
        last_suspension=_last_payload(now_round, Action.ASK_SUSPENSION),
        suspended=_suspended(now_round),
        extended_to=_extended_to(now_round),
        order_open=_pending([entry.action for entry in entries], Action.SUPERVISE, *_ORDER_ENDS),
    )


_CLOSING = (Action.PASS, Action.SELF_HANDLE, Action.TRANSFER_BACK)


def is_mark(entry: Any) -> bool:
    """Whether an entry tells something against the unit that it may appeal against: rework,
    lateness, a bad rating."""
    if entry.action == Action.FEEDBACK:
        return int(entry.payload["rating"]) <= 2
    return entry.action == Action.REWORK or bool(entry.payload.get("late"))


def _accounts(entries: Sequence[Any], *actions: Action) -> frozenset[int]:
    return frozenset(
        int(entry.actor["account"])
        for entry in entries
        if entry.action in actions and "account" in entry.actor
    )


def _pending(actions: Sequence[str], asked: Action, *answered: Action) -> bool:
    for action in reversed(actions):
        if action in answered:
            return False
        if action == asked:
            return True
    return False


_ORDER_ENDS = (Action.ANSWER_ORDER, Action.REJECT, Action.WITHDRAW, Action.MERGE)


def _suspended(entries: Sequence[Any]) -> tuple[tuple[datetime, datetime], ...]:
    began = [entry.at for entry in entries if entry.action == Action.GRANT_SUSPENSION]
    ended = [entry.at for entry in entries if entry.action == Action.RESUME]
    return tuple(zip(began, ended, strict=False))


def _extended_to(entries: Sequence[Any]) -> datetime | None:
    granted = _last_payload(entries, Action.GRANT_EXTENSION).get("due_at")
    return datetime.fromisoformat(granted) if granted else None


def _last_payload(entries: Sequence[Any], action: Action) -> dict[str, Any]:
    return next((entry.payload for entry in reversed(entries) if entry.action == action), {})


def _on_site(entries: Sequence[Any]) -> str:
    """A check must be on site after rework, for unproven evidence, and for a random fifth.

    The fifth is drawn by the hash of the resolving entry: nobody can choose it, anyone can
    check it.
    """
    if any(entry.action == Action.REWORK for entry in entries):
        return "本轮曾返工，须现场核查"
    resolved = next((e for e in reversed(entries) if e.action == Action.RESOLVE), None)
    if resolved is None:
        return ""
    if resolved.payload.get("unproven"):
        return "处置照片没有可核对的时间或位置，须现场核查"
    if resolved.hash[0] % 5 == 0:
        return "本案抽中现场核查"
    return ""


Guard = Callable[[Any, Facts, Actor, datetime], str | None]
"""(case row, facts, actor, now) to None or the reason why not."""


def unit_path(case: Any) -> tuple[str, ...]:
    """Codes of the unit that answers for the case and of its ancestors, root first."""
    return tuple(code for code in (case.unit_1, case.unit_2, case.unit_3) if code)


def desk_or_arbiter(case: Any, _facts: Facts, actor: Actor, _now: datetime) -> str | None:
    if case.arbitrated and not actor.holds(Role.SUPERVISOR):
        return "本案已进入督查裁定，只能由督查员决定"
    if not case.arbitrated and not actor.holds(Role.DISPATCHER):
        return "由受理派遣员决定"
    return None


def not_arbitrated(case: Any, _facts: Facts, _actor: Actor, _now: datetime) -> str | None:
    return "本案已进入督查裁定" if case.arbitrated else None


def has_reporter(case: Any, facts: Facts, _actor: Actor, _now: datetime) -> str | None:
    if case.holder == "reporter":
        return "已请市民补充，正在等待答复"
    return None if facts.reporters else "没有可联系的上报人"


def waits_for_reporter(case: Any, _facts: Facts, _actor: Actor, _now: datetime) -> str | None:
    return None if case.holder == "reporter" else "现在不需要补充答复"


def is_verifier(case: Any, _facts: Facts, actor: Actor, _now: datetime) -> str | None:
    if case.holder in (f"worker:{actor.id}", f"unit:{actor.unit}"):
        return None
    return "核实任务派给了其他人"


def of_holding_unit(case: Any, _facts: Facts, actor: Actor, _now: datetime) -> str | None:
    if actor.unit in unit_path(case) or _staff_of(case, actor):
        return None
    return "只有责任单位的人员可以操作"


def _staff_of(case: Any, actor: Actor) -> bool:
    path = unit_path(case)
    return any(
        grant.role is Role.UNIT_STAFF and (grant.code in path or not grant.code)
        for grant in actor.grants
    )


def within_start_limit(_case: Any, facts: Facts, _actor: Actor, now: datetime) -> str | None:
    if facts.start_due_at is not None and now > facts.start_due_at:
        return "已过签收时限，不能退回"
    return None


def is_emergency(case: Any, _facts: Facts, _actor: Actor, _now: datetime) -> str | None:
    return None if case.emergency else "只有突发险情需要先期处置"


def extension_possible(_case: Any, facts: Facts, _actor: Actor, _now: datetime) -> str | None:
    if facts.extension_granted:
        return "本轮已延期一次"
    return "延期申请正在审批" if facts.extension_asked else None


def extension_asked(_case: Any, facts: Facts, _actor: Actor, _now: datetime) -> str | None:
    return None if facts.extension_asked else "没有待审批的延期申请"


def suspension_possible(_case: Any, facts: Facts, _actor: Actor, _now: datetime) -> str | None:
    if facts.suspensions:
        return "本轮已挂账一次"
    return "挂账申请正在审批" if facts.suspension_asked else None


def suspension_asked(_case: Any, facts: Facts, _actor: Actor, _now: datetime) -> str | None:
    return None if facts.suspension_asked else "没有待审批的挂账申请"


def may_suspend(_case: Any, facts: Facts, _actor: Actor, _now: datetime) -> str | None:
    if facts.suspension_asked or facts.suspensions == 1:
        return None
    return "没有待审批的挂账申请" if facts.suspensions == 0 else "本轮已挂账两次"


def uninvolved_checker(case: Any, facts: Facts, actor: Actor, _now: datetime) -> str | None:
    """Nobody who reported, started or resolved this round, or belongs to the holding unit or
    its contractors."""
    if actor.id in facts.reporters:
        return "上报人不能核查自己上报的案卷"
    if actor.id in facts.handlers:
        return "本轮处置人不能核查"
    if actor.unit is not None and actor.unit in {*unit_path(case), *facts.contractors}:
        return "责任单位及其下属单位的人员不能核查"
    if _staff_of(case, actor):
        return "责任单位及其下属单位的人员不能核查"
    return None


def uninvolved_inspector(case: Any, facts: Facts, actor: Actor, now: datetime) -> str | None:
    """Who may not check a case may not inspect it afterwards, nor may who closed it."""
    if actor.id in facts.checkers:
        return "本案由您核查结案，请由其他督查员抽查"
    reason = uninvolved_checker(case, facts, actor, now)
    return reason and reason.replace("核查", "抽查")


def appealable(_case: Any, facts: Facts, _actor: Actor, now: datetime) -> str | None:
    if facts.appeal_open:
        return "申诉正在审理"
    since = facts.appealable_since
    if since is None or now > facts.office.add_working_time(since, APPEAL_WINDOW):
        return "返工、超期或差评后三个工作日内可以申诉"
    return None


def judges_appeal(_case: Any, facts: Facts, actor: Actor, _now: datetime) -> str | None:
    if not facts.appeal_open:
        return "没有待审理的申诉"
    return "参与过本案的人不能审理申诉" if actor.id in facts.involved else None


def no_order_open(_case: Any, facts: Facts, _actor: Actor, _now: datetime) -> str | None:
    return "已有督办待回复" if facts.order_open else None


def owes_answer(case: Any, facts: Facts, actor: Actor, now: datetime) -> str | None:
    """The unit that answers for the case answers the order; the desk where there is none."""
    if not facts.order_open:
        return "没有待回复的督办"
    if case.unit is None:
        return None if actor.holds(Role.DISPATCHER) else "案卷在受理台，由受理派遣员回复"
    return of_holding_unit(case, facts, actor, now)


def reopenable(case: Any, facts: Facts, actor: Actor, now: datetime) -> str | None:
    if actor.holds(Role.SUPERVISOR):
        return None
    ended = case.closed_at or facts.rejected_at or case.changed_at
    if now - ended > REOPEN_WINDOW:
        return "结案或答复已超过十五天，请重新上报"
    if facts.reporter_reopens >= REPORTER_REOPENS:
        return "本案已重新办理两次，请拨打 12345"
    return None


def not_final(case: Any, _facts: Facts, _actor: Actor, _now: datetime) -> str | None:
    return None if case.status != Status.MERGED else "案卷已并入其他案卷"
