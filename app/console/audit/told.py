"""Lengths of time as audits tell them."""

from datetime import timedelta

from app.console.words import working

DAY_S, HOUR_S, MINUTE_S = 86400, 3600, 60


def worked(seconds: int) -> str:
    """Working time: 12 小时 5 分."""
    return working(timedelta(seconds=seconds))


def by_the_clock(seconds: int) -> str:
    """Clock time: 2 天 3 小时, 3 小时 20 分, 20 分."""
    days, rest = divmod(max(0, seconds), DAY_S)
    hours, minutes = rest // HOUR_S, rest % HOUR_S // MINUTE_S
    if days:
        return f"{days} 天 {hours} 小时" if hours else f"{days} 天"
    return f"{hours} 小时 {minutes} 分" if hours else f"{minutes} 分"


def minutes_worked(amount: int | None) -> str:
    return "—" if amount is None else worked(amount * MINUTE_S)


def minutes_by_the_clock(amount: int | None) -> str:
    return "—" if amount is None else by_the_clock(amount * MINUTE_S)
