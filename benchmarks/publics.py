"""How long Open311 and the map of public cases take the server, at many cases."""

import gc
import statistics as stats
import time
from collections.abc import Iterator

from app.factory import create_app
from benchmarks.figures import Figure
from config import Settings

TIMES = 9
PAGES = {
    "requests.json, 1,000 rows": ("/open311/v2/requests.json", 40),
    "requests.json, 1,000 open rows": ("/open311/v2/requests.json?status=open", 40),
    "requests.xml, 1,000 rows": ("/open311/v2/requests.xml", None),
    "cases.geojson, 5,000 cases": ("/public/cases.geojson", 60),
    "cases.geojson, all open cases": ("/public/cases.geojson?status=open", 60),
    "servicerequestupdates.json, 1,000 of a day": ("/open311/v2/servicerequestupdates.json", None),
    "cases.atom": ("/public/feeds/cases.atom", None),
    "figures.json": ("/public/figures.json", None),
}


def measure(settings: Settings) -> Iterator[Figure]:
    """Milliseconds of each page in this process, database included: median of TIMES, the slowest
    behind it."""
    app = create_app(settings)
    gc.freeze()  # as wsgi.py does
    client = app.test_client()
    for name, (path, limit) in PAGES.items():
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
    app.extensions["kit"].close()
