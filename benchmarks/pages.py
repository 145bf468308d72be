"""How long Open311, public data and the staff's pages take the server, at many cases."""

import gc
import statistics as stats
import time
from collections.abc import Iterator, Mapping

from flask.testing import FlaskClient
from sqlalchemy import select

from app.auth import COOKIE
from app.factory import create_app
from app.kit import Kit
from app.services import account, audit_feed
from benchmarks.figures import Figure
from config import Settings
from models.account import Account
from models.case import Case
from models.db import transaction
from models.status import OPEN_STATUSES

TIMES = 9
Pages = Mapping[str, tuple[str, int | None]]
"""What it is, its address, and how many milliseconds it may take."""
PUBLIC: Pages = {
    "requests.json, 1,000 rows": ("/open311/v2/requests.json", 40),
    "requests.json, 1,000 open rows": ("/open311/v2/requests.json?status=open", 40),
    "requests.xml, 1,000 rows": ("/open311/v2/requests.xml", None),
    "cases.geojson, 5,000 cases": ("/public/cases.geojson", 60),
    "cases.geojson, all open cases": ("/public/cases.geojson?status=open", 60),
    "servicerequestupdates.json, 1,000 of a day": ("/open311/v2/servicerequestupdates.json", None),
    "cases.atom": ("/public/feeds/cases.atom", None),
    "figures.json": ("/public/figures.json", None),
}
DAILY: Pages = {
    "desk": ("/console/desk", 100),
    "desk, the queue alone": ("/console/desk/queue", 100),
    "cases, the newest": ("/console/cases", 100),
    "cases in hand, by due time": ("/console/cases?sort=due_at", 100),
    "cases overdue": ("/console/cases?overdue=true&sort=due_at", 100),
    "cases of a category": ("/console/cases?category=exposed-garbage", 100),
    "cases found by words": ("/console/cases?q=垃圾", 100),
    "recording": ("/console/report", 100),
    "map, its page": ("/console/map", 100),
    "map, 10,000 cases in hand": ("/console/map/cases.json", 100),
    "map, 10,000 cases of thirty days": ("/console/map/cases.json?period=30", 100),
    "map, a community's thirty days": (
        "/console/map/cases.json?period=30&area=439900001001",
        100,
    ),
    "map, who answers where": ("/console/map/units.json?category=group:environment", 100),
    "wall, its page": ("/console/wall", 100),
    "wall, its figures": ("/console/wall.json", 100),
    "orders": ("/console/supervision/orders", 100),
    "call-backs": ("/console/supervision/call-backs", 100),
    "moderation": ("/console/supervision/moderation", 100),
}
AUDITS: Pages = {
    "supervision": ("/console/supervision", 100),
    "spot checks": ("/console/supervision/spot-checks", 100),
    "appeals": ("/console/supervision/appeals", 100),
    "limits": ("/console/supervision/limits", 100),
    "audit, figures of units": ("/console/audit", 100),
    "audit, figures of categories": ("/console/audit?group_by=category", 100),
    "audit, comparison of communities": ("/console/audit/comparison?group_by=community", 100),
    "audit, response times": ("/console/audit/times", 100),
    "audit, late cases": ("/console/audit/late", 100),
    "audit, cases behind a number": ("/console/audit/cases?count=due", 100),
    "audit, months": ("/console/audit/months", 100),
}
ADMINISTRATION: Pages = {
    "overview": ("/console/admin", 100),
    "accounts": ("/console/admin/accounts", 100),
    "keys": ("/console/admin/keys", 100),
    "health": ("/console/admin/health", 100),
    "logs": ("/console/admin/logs", 100),
    "areas": ("/console/district/areas", 100),
    "units": ("/console/district/units", 100),
    "responsibilities": ("/console/district/responsibilities", 100),
    "duties": ("/console/district/duties", 100),
    "catalogue": ("/console/district/catalogue", 100),
    "calendar": ("/console/district/calendar", 100),
    "templates": ("/console/district/templates", 100),
}
CONSOLE: Mapping[str, Pages] = {
    "desk": DAILY,
    "supervisor": {**DAILY, **AUDITS},
    "admin": ADMINISTRATION,
}
"""Pages by who looks at them; all three have the whole district in their scope."""


def measure_public(settings: Settings) -> Iterator[Figure]:
    app = create_app(settings)
    yield from _measured(app.test_client(), PUBLIC)
    app.extensions["kit"].close()


def measure_console(settings: Settings) -> Iterator[Figure]:
    """Each page of the staff, and a case that is in hand."""
    app = create_app(settings)
    kit: Kit = app.extensions["kit"]
    _catch_up(kit)
    for username, pages in CONSOLE.items():
        client = app.test_client()
        with transaction(kit.engine) as db:
            known = select(Account.id).where(Account.username == username)
            token = account.open_session(db, db.execute(known).scalar_one()).token
            waiting = select(Case.number).where(Case.status.in_(OPEN_STATUSES))
            number = db.execute(waiting.order_by(Case.id.desc()).limit(1)).scalar_one()
        client.set_cookie(COOKIE, token, path="/console")
        shown = {**pages, "one case": (f"/console/cases/{number}", 100)}
        yield from _measured(client, {f"{username}: {name}": page for name, page in shown.items()})
    kit.close()


def _catch_up(kit: Kit) -> None:
    """Brings the audit up to the last case, as the clock does all the time."""
    done = audit_feed.BATCH
    while done:
        with transaction(kit.engine) as db:
            done = audit_feed.follow(db, kit.atlas())


def _measured(client: FlaskClient, pages: Pages) -> Iterator[Figure]:
    """Milliseconds of each page in this process, database included: median of TIMES, the slowest
    behind it."""
    gc.freeze()  # as wsgi.py does
    for name, (path, limit) in pages.items():
        taken, size = [], 0
        for _ in range(TIMES + 1):
            began = time.perf_counter()
            answer = client.get(path)
            taken.append((time.perf_counter() - began) * 1000)
            size = len(answer.data)
            if answer.status_code != 200:
                raise RuntimeError(f"{path}: {answer.status_code}")
        median = stats.median(taken[1:])
        yield Figure(
            f"{name} ({size / 1000:,.0f} kB)",
            f"{median:.0f} ms (slowest {max(taken[1:]):.0f})",
            f"< {limit} ms" if limit else "",
            ok=median < limit if limit else None,
        )
