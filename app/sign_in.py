"""Signing in by password, for programs and for pages: guessing is bounded by name and address."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.kit import Kit
from app.services import account, staff, totp
from app.services.account import SignedIn
from models.db import transaction
from models.errors import SignInRefused, TooMany

WINDOW_S = 600
SECOND_STEP, SECOND_STEP_S = "second-step", 300
TOO_LATE = "两步验证等待太久，请重新输入密码"
CODE_MISSING = "这个账号开启了两步验证，请同时提供验证码（code）"


class FirstStepOverError(SignInRefused):
    """The password was given too long ago, or is another by now."""


@dataclass(frozen=True, slots=True)
class HalfIn:
    """The password was right, and a code is due: `token` proves it for a few minutes."""

    token: str


def by_password(
    here: Kit, address: str | None, username: str, password: str, code: str | None = None
) -> SignedIn:
    """In one step. Raises SignInRefused, also for a code that is due and not given; TooMany."""
    half = first_step(here, address, username, password)
    if isinstance(half, SignedIn):
        return half
    if code is None:
        raise SignInRefused(CODE_MISSING)
    return second_step(here, address, half.token, code)


def first_step(here: Kit, address: str | None, username: str, password: str) -> SignedIn | HalfIn:
    """Raises SignInRefused, TooMany."""
    with failures_bounded(here, "sign-in", username, address), transaction(here.engine) as db:
        account_id = account.check_password(db, username, password)
        if not totp.is_on(db, account_id):
            return account.open_session(db, account_id, by_password=True)
        key = staff.key_version(db, account_id)
    return HalfIn(here.safe.sign(SECOND_STEP, f"{account_id} {key}"))


def second_step(here: Kit, address: str | None, token: str, code: str) -> SignedIn:
    """Raises SignInRefused, FirstStepOverError, TooMany."""
    account_id, key = _proven(here, token)
    bounded = failures_bounded(here, "sign-in-code", str(account_id), address)
    with bounded, transaction(here.engine) as db:
        if staff.key_version(db, account_id) != key:
            raise FirstStepOverError(TOO_LATE)
        totp.check(db, here.safe, account_id, code)
        return account.open_session(db, account_id, by_password=True)


def _proven(here: Kit, token: str) -> tuple[int, str]:
    found = here.safe.read(SECOND_STEP, token, SECOND_STEP_S)
    if found is None:
        raise FirstStepOverError(TOO_LATE)
    account_id, _, key = found.partition(" ")
    return int(account_id), key


@contextmanager
def failures_bounded(here: Kit, what: str, name: str, address: str | None) -> Iterator[None]:
    """Bounds failed tries by name and by address, so that nobody guesses for long."""
    settings = here.settings
    allowances = (
        (f"{what}-name:{name}", settings.sign_in_failures_per_name),
        (f"{what}-address:{address}", settings.sign_in_failures_per_address),
    )
    for key, limit in allowances:
        wait = here.broker.peek(key, limit, WINDOW_S)
        if wait is not None:
            raise TooMany("错误次数过多，请稍后再试", retry_after=wait)
    try:
        yield
    except SignInRefused:
        for key, limit in allowances:
            here.broker.hit(key, limit, WINDOW_S)
        raise
