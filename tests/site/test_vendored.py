"""Somebody else's files, which all pages share."""

from app.browser import version_of
from app.vendor.views import PACKAGES
from tests.drive import Drive


def test_a_package_is_kept_for_good_under_its_version_only(drive: Drive) -> None:
    tag = version_of(PACKAGES)
    for path in ("leaflet/leaflet.js", "echarts/echarts.common.min.js", "zrender/LICENSE"):
        with drive.client.get(f"/vendor/{tag}/{path}") as answer:
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        with drive.client.get(f"/vendor/before/{path}") as answer:
            assert answer.headers["Cache-Control"] == "no-cache"


def test_nothing_else_is_given(drive: Drive) -> None:
    for path in ("leaflet/none.js", "../views.py", "%2e%2e/views.py", "leaflet/"):
        assert drive.client.get(f"/vendor/before/{path}").status_code == 404, path
