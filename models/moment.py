"""Moments as text."""

from datetime import UTC, datetime

from models.calendar import LOCAL


def rfc3339(moment: datetime) -> str:
    """UTC with microseconds, `2026-11-23T01:02:03.123456Z`: the ledger's form."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def local(moment: datetime) -> str:
    """As people read it, `11月23日 09:02`, in local time."""
    there = moment.astimezone(LOCAL)
    return f"{there.month}月{there.day}日 {there:%H:%M}"
