"""Pictures that a report names by their address: fetched by a worker, with guards."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from werkzeug.wrappers import Request, Response

from app.clients.web import Reach, Web
from models.exchange import MediaLink
from models.photo import Photo
from tests.drive import Drive
from tests.little_server import serving
from tests.open311.calls import key_of, number_of, post, send
from tools.pictures import make_photo
from workers.media import fetch

PICTURE = make_photo(41, size=(480, 360))


class Pictures:
    """`/N.jpg` answers as `answers` says, the last again and again."""

    def __init__(self) -> None:
        self.answers: list[Response] = [Response(PICTURE, mimetype="image/jpeg")]
        self.asked = 0

    def __call__(self, _request: Request) -> Response:
        self.asked += 1
        return self.answers[min(self.asked, len(self.answers)) - 1]


@pytest.fixture
def pictures() -> Pictures:
    return Pictures()


@pytest.fixture
def url(drive: Drive, pictures: Pictures) -> Iterator[str]:
    """A picture on this machine, which the application may ask in these tests."""
    drive.kit = replace(drive.kit, web=Web(Reach.LOOPBACK_TOO))
    with serving(pictures) as address:
        yield f"{address}/1.jpg"


def links(drive: Drive) -> list[Any]:
    return list(drive.db.execute(select(MediaLink.__table__).order_by(MediaLink.id)))


def received(drive: Drive, number: str) -> dict[str, Any]:
    found: dict[str, Any] = drive.staff("desk").case(number)["reports_received"][0]
    return found


def test_a_picture_is_fetched_once_and_joins_the_case(
    drive: Drive, url: str, pictures: Pictures
) -> None:
    number = number_of(send(drive, key_of(drive), media_url=[url, f"{url}?again", url]))
    assert pictures.asked == 0, "nobody waits for other people's servers"
    assert [one["error"] for one in received(drive, number)["missing_photos"]] == [None, None]
    pictures.answers = [
        Response(make_photo(seed, size=(480, 360)), mimetype="image/jpeg") for seed in (42, 43)
    ]
    assert drive.work("media.fetch") == []
    report = received(drive, number)
    assert (len(report["photos"]), report["missing_photos"]) == (2, [])
    case = drive.staff("desk").case(number)
    assert [one["action"] for one in case["timeline"]].count("supplement") == 2
    owners = set(drive.db.execute(select(Photo.uploader_id)).scalars())
    assert len(owners) == 1
    assert pictures.asked == 2


def test_a_job_that_runs_twice_adds_nothing(drive: Drive, url: str) -> None:
    number = number_of(send(drive, key_of(drive), media_url=url))
    (link,) = links(drive)
    for _ in range(3):
        fetch(drive.kit, {"report_id": link.report_id})
    assert len(received(drive, number)["photos"]) == 1


def test_a_replay_names_them_once(drive: Drive, url: str) -> None:
    key, sent = key_of(drive), {"attribute[external_id]": "5", "media_url": url}
    assert len({number_of(send(drive, key, **sent)) for _ in range(3)}) == 1
    assert len(links(drive)) == 1


def test_a_closed_case_takes_them_as_well(drive: Drive, url: str) -> None:
    number = number_of(send(drive, key_of(drive), media_url=url))
    drive.staff("desk").done(
        number, "transfer_out", to="城管", reason="不属本区", review_at=_soon(), reply="已转城管"
    )
    drive.staff("desk").done(
        number, "transfer_back", outcome="answered", comment="已办", reply="城管已经处理"
    )
    assert drive.work("media.fetch") == []
    event = drive.staff("desk").case(number)["timeline"][-1]
    assert (event["action"], len(event["photos"])) == ("remark", 1)


def _soon() -> str:
    return (datetime.now(UTC) + timedelta(days=3)).isoformat()


def test_an_updates_pictures_are_fetched_too(drive: Drive, url: str) -> None:
    key = key_of(drive)
    number = number_of(send(drive, key))
    said = {"service_request_id": number, "update_id": "1", "media_url": url}
    answer = post(drive, "servicerequestupdates.json", key, description="看图", **said)
    assert answer.status_code == 201, answer.text
    drive.work("media.fetch")
    assert len(received(drive, number)["photos"]) == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Response("not here", 404), "404"),
        (Response("<html>", mimetype="text/html"), "不是图片"),
        (Response(b"MZ nonsense", mimetype="image/jpeg"), ""),
        (Response(b"x" * 16_000_000, mimetype="image/jpeg"), "MB"),
        (Response("", 302, {"Location": "http://10.0.0.1/a.jpg"}), "公网"),
        (Response("", 302, {"Location": "http://169.254.169.254/latest/meta-data"}), "公网"),
        (Response("", 302, {"Location": "file:///etc/passwd"}), ""),
        (Response("", 302, {"Location": "/round-and-round"}), "重定向"),
    ],
    ids=["gone", "html", "nonsense", "large", "private", "metadata", "file", "loop"],
)
def test_what_is_no_picture_is_given_up_and_staff_read_why(
    drive: Drive, url: str, pictures: Pictures, answer: Response, words: str
) -> None:
    pictures.answers = [answer]
    number = number_of(send(drive, key_of(drive), media_url=url))
    assert drive.work("media.fetch") == []
    report = received(drive, number)
    assert report["photos"] == []
    (missing,) = report["missing_photos"]
    assert missing["url"] == url
    assert missing["error"]
    assert words in missing["error"]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_is_away_is_waited_for(
    drive: Drive, url: str, pictures: Pictures, status: int
) -> None:
    pictures.answers = [Response("busy", status), Response(PICTURE, mimetype="image/jpeg")]
    number = number_of(send(drive, key_of(drive), media_url=url))
    (wait,) = drive.work("media.fetch")
    assert str(status) in str(wait)
    assert drive.work("media.fetch") == []
    assert len(received(drive, number)["photos"]) == 1


def test_it_is_not_waited_for_for_ever(drive: Drive, url: str, pictures: Pictures) -> None:
    pictures.answers = [Response("busy", 503)]
    number = number_of(send(drive, key_of(drive), media_url=url))
    long_ago = datetime.now(UTC) - timedelta(days=1, minutes=1)
    drive.db.execute(update(MediaLink).values(created_at=long_ago))
    assert drive.work("media.fetch") == []
    assert "没有响应" in received(drive, number)["missing_photos"][0]["error"]


def test_one_that_is_away_holds_up_no_other(drive: Drive, url: str, pictures: Pictures) -> None:
    pictures.answers = [Response("busy", 503), Response(PICTURE, mimetype="image/jpeg")]
    number = number_of(send(drive, key_of(drive), media_url=[url, f"{url}?2"]))
    assert len(drive.work("media.fetch")) == 1
    report = received(drive, number)
    assert (len(report["photos"]), len(report["missing_photos"])) == (1, 1)


def test_nothing_on_this_machine_is_asked(
    drive: Drive, pictures: Pictures, refuse_pictures: Callable[[str], str]
) -> None:
    with serving(pictures) as address:
        assert "公网" in refuse_pictures(f"{address}/1.jpg")
    assert pictures.asked == 0


@pytest.fixture
def refuse_pictures(drive: Drive) -> Callable[[str], str]:
    """Why the application, as it is in production, does not fetch an address."""

    def refuse(url: str) -> str:
        number = number_of(send(drive, key_of(drive), media_url=url))
        assert drive.work("media.fetch") == []
        return str(received(drive, number)["missing_photos"][0]["error"])

    return refuse
