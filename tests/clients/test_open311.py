"""The client of other cities' systems: what it sends, and what it makes of their answers."""

from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.wrappers import Request, Response

from app.clients.open311 import Peer, PeerAway, PeerLacks, PeerRefused
from tests.fake_peer import FakePeer
from tests.little_server import Answers, serving

SENT = {"service_code": "001", "lat": "26.9", "long": "112.57", "description": "井盖坏了 HY1"}
NOW = datetime.now(UTC)


def told(answer: Answers, ask: str, *given: object) -> object:
    with serving(answer) as url:
        return getattr(Peer(f"{url}/v2", "a key", "city"), ask)(*given)


def xml(body: str, status: int = 200) -> Answers:
    return lambda _request: Response(body, status, mimetype="text/xml")


def test_a_request_is_sent_with_key_jurisdiction_and_pictures() -> None:
    asked: list[Request] = []

    def answer(request: Request) -> Response:
        request.form, request.files  # noqa: B018  (read before the connection goes)
        asked.append(request)
        body = "<service_requests><request><service_request_id>7</service_request_id></request>"
        return Response(f"{body}</service_requests>", 201, mimetype="text/xml")

    assert told(answer, "send", SENT, [("a.jpg", b"picture")]) == ("7", None)
    (request,) = asked
    assert request.path == "/v2/requests.xml"
    assert request.form.to_dict() == SENT | {"jurisdiction_id": "city", "api_key": "a key"}
    assert [file.filename for file in request.files.getlist("media")] == ["a.jpg"]


def test_without_pictures_it_is_a_plain_form() -> None:
    kinds = []

    def answer(request: Request) -> Response:
        kinds.append(request.mimetype)
        return Response("<service_requests/>", mimetype="text/xml")

    assert told(answer, "send", SENT, []) == (None, None)
    assert kinds == ["application/x-www-form-urlencoded"]


def test_a_token_is_asked_with_until_there_is_a_number() -> None:
    peer = FakePeer(gives_tokens=True)
    with serving(peer) as url:
        client = Peer(url, None, None)
        assert client.send(SENT, []) == (None, "t1")
        assert [client.number_of("t1") for _ in range(2)] == [None, "1"]


def test_what_was_sent_is_found_by_its_mark() -> None:
    peer = FakePeer()
    with serving(peer) as url:
        client = Peer(url, None, None)
        client.send(SENT | {"description": "another"}, [])
        client.send(SENT, [])
        assert client.find("001", NOW, "HY1") == "2"
        assert client.find("001", NOW, "HY2") is None


def test_updates_are_read_as_fixmystreet_writes_them() -> None:
    peer = FakePeer()
    peer.say("7", "IN_PROGRESS", "on it", media_url=["https://a.example/1.jpg", ""])
    peer.say("7", "Action Scheduled")
    peer.said.append({"service_request_id": "7", "status": "OPEN"})
    peer.say("7", "OPEN", updated_datetime="yesterday")
    peer.say("7", "OPEN", updated_datetime="2026-11-25T08:00:00")
    with serving(peer) as url:
        first, second = Peer(url, "k", None).updates(NOW - timedelta(hours=1), NOW)
    assert (first.number, first.status, first.words) == ("7", "in_progress", "on it")
    assert first.media == ["https://a.example/1.jpg"]
    assert (second.status, second.words, second.media) == ("action_scheduled", "", [])


def test_no_updates_is_an_empty_list() -> None:
    for body in ("<service_request_updates/>", "<a><b>text</b></a>"):
        assert told(xml(body), "updates", NOW, NOW) == []


def test_states_stand_in_for_updates() -> None:
    peer = FakePeer(has_updates=False)
    with serving(peer) as url:
        client = Peer(url, None, None)
        client.send(SENT, [])
        with pytest.raises(PeerLacks):
            client.updates(NOW, NOW)
        peer.requests[0] |= {"status": "closed", "status_notes": "mended"}
        (state,) = client.states(["1"])
    assert (state.status, state.words) == ("closed", "mended")
    assert state.update_id.startswith("closed 20")


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_busy_system_is_away(status: int) -> None:
    with pytest.raises(PeerAway, match=str(status)):
        told(xml("<a/>", status), "send", SENT, [])


def test_nobody_there_is_away() -> None:
    with pytest.raises(PeerAway):
        Peer("http://127.0.0.1:9", None, None).send(SENT, [])


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ("<errors><error><code>403</code><description>bad key</description></error></errors>", 403,
         "bad key"),
        ("<html>", 403, "HTTP 403"),
        ("<errors><error><code>404</code><description>no service</description></error></errors>",
         404, "no service"),
        ("not xml", 200, "XML"),
        ("", 302, "HTTP 302"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 200, "XML"),
    ],
)  # fmt: skip
def test_a_refusal_is_told_in_its_words(body: str, status: int, words: str) -> None:
    with pytest.raises(PeerRefused, match=words):
        told(xml(body, status), "send", SENT, [])
