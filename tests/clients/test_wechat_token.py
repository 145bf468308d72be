"""One token for every process, whatever happens to the one that fetches it."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.clients.broker import Broker
from app.clients.wechat_errors import WeChatBusy
from app.clients.wechat_token import Tokens
from tests.clients.scripted import NO_BROKER, SECRET, answering, client
from tests.conftest import Servers

PASS = {"errcode": 0, "result": {"suggest": "pass", "label": 100}}
ASK = """
import sys
from app.clients.broker import Broker
from app.clients.wechat import WeChat
url, broker, secret = sys.argv[1:]
sys.stdin.readline()  # so that all start together
WeChat("demo-appid", secret, Broker(broker), base_url=url).check_text("o1", "hello")
"""


@pytest.fixture
def broker(servers: Servers) -> str:
    """The session's broker, in a number of its own, empty."""
    url = f"{servers[1].url.rpartition('/')[0]}/7"
    Broker(url).remember("wechat-token:demo-appid", b'["",0]', 0.001)
    time.sleep(0.01)
    return url


def test_eight_processes_that_start_cold_fetch_one_token(broker: str) -> None:
    with answering(PASS, broker=broker, token_after_s=0.3) as (_, script):
        command = [sys.executable, "-c", ASK, script.url, broker, SECRET]
        started = [
            subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603
            for _ in range(8)
        ]
        time.sleep(1.5)
        for process in started:
            assert process.stdin
            process.stdin.write(b"go\n")
            process.stdin.flush()
        assert [process.wait(timeout=60) for process in started] == [0] * 8
        for process in started:
            assert process.stdin
            process.stdin.close()
    assert script.tokens == [False]
    assert len(script.asked) == 8


def test_a_dead_token_is_renewed_once_for_all(broker: str) -> None:
    """Eight clients meet the dead token together; one renews it, the others take what it got."""
    with answering(PASS, broker=broker) as (first, script):
        first.check_text("o1", "x")
        others = [client(script.url, broker=broker) for _ in range(8)]
        for one in others:
            one.check_text("o1", "x")
        script.dead.add("T1")
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda one: one.check_text("o1", "x"), others))
    assert script.tokens == [False, False]


def test_without_a_broker_each_process_fetches_for_itself() -> None:
    with answering(PASS, broker=NO_BROKER) as (wechat, script):
        wechat.check_text("o1", "x")
        wechat.check_text("o1", "x")
        client(script.url).check_text("o1", "x")
    assert script.tokens == [False, False]


def test_a_token_that_is_about_to_expire_is_fetched_anew(broker: str) -> None:
    fetched = []

    def fetch(forced: bool) -> tuple[str, float]:
        fetched.append(forced)
        return f"T{len(fetched)}", 0.2

    tokens = Tokens(Broker(broker), "demo-appid", fetch)
    assert tokens.current() == tokens.current() == "T1"
    time.sleep(0.25)
    assert tokens.current() == "T2"


def test_who_was_killed_while_fetching_holds_nobody_up_for_long(broker: str) -> None:
    """The lock of a dead process frees itself; until then the others come back later."""
    holder = Broker(broker)
    with holder.lock("wechat-token:demo-appid", 0.5) as held:
        assert held
        with Broker(broker).lock("wechat-token:demo-appid", 0.1) as second:
            assert not second
    # A holder that is killed never comes to release it.
    lost = holder.lock("wechat-token:demo-appid", 0.3)
    lost.__enter__()
    tokens = Tokens(Broker(broker), "demo-appid", lambda _: ("T1", 60.0))
    assert tokens.current() == "T1"
    lost.__exit__(None, None, None)


def test_a_failed_fetch_is_no_token(broker: str) -> None:
    def fails(_forced: bool) -> tuple[str, float]:
        raise WeChatBusy("no")

    tokens = Tokens(Broker(broker), "demo-appid", fails)
    with pytest.raises(WeChatBusy):
        tokens.current()
    assert Tokens(Broker(broker), "demo-appid", lambda _: ("T1", 60.0)).current() == "T1"
