"""Signing in by password, for programs and for pages: guessing is bounded by name and address."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.kit import Kit
from app.services import account
from app.services.account import SignedIn
from models.db import transaction
from models.errors import SignInRefused, TooMany

WINDOW_S = 600


def by_password(here: Kit, address: str | None, username: str, password: str) -> SignedIn:
    """Raises SignInRefused, TooMany."""
    with failures_bounded(here, "sign-in", username, address), transaction(here.engine) as db:
        account_id = account.check_password(db, username, password)
        return account.open_session(db, account_id)


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
