"""`python -m tools.wechat_standin`: serves until SIGTERM or SIGINT."""

import argparse
import os
import signal
import sys
from pathlib import Path

from tools.wechat_standin.phones import BELOW, Phones
from tools.wechat_standin.platform import (
    DEMO_APP_ID,
    DEMO_APP_SECRET,
    DEMO_PUSH_KEY,
    DEMO_PUSH_TOKEN,
    DEMO_TEMPLATES,
)
from tools.wechat_standin.push import PushTo
from tools.wechat_standin.server import StandIn


def default_out() -> Path:
    return Path(os.environ.get("DATA_DIR") or "var", "phone")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.wechat_standin")
    parser.add_argument("--port", type=int, required=True, help="0: any free one")
    parser.add_argument("--host", default="127.0.0.1", help="an IPv4 loopback address")
    parser.add_argument("--app-id", default=DEMO_APP_ID)
    parser.add_argument("--app-secret", default=DEMO_APP_SECRET)
    parser.add_argument("--push-url", help="where events are pushed to; none: nowhere")
    parser.add_argument("--push-token", default=DEMO_PUSH_TOKEN)
    parser.add_argument("--push-key", default=DEMO_PUSH_KEY, help="the EncodingAESKey")
    parser.add_argument("--push-form", "--push-format", choices=["json", "xml"], default="json")
    parser.add_argument("--push-mode", choices=["plain", "safe", "compat"], default="safe")
    parser.add_argument("--token-seconds", type=float, default=7200)
    parser.add_argument("--phones", type=Path, help="the mini program's source; none: no phones")
    parser.add_argument("--phones-out", type=Path, default=default_out(), help="where it is built")
    parser.add_argument("--server", help="the service that the phones call")
    given = parser.parse_args()
    if given.phones and not given.server:
        parser.error("--phones needs --server")
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: sys.exit())
    push = PushTo(
        given.push_url, given.push_token, given.push_key, given.push_form, given.push_mode
    )
    try:
        server = StandIn(
            given.host,
            given.port,
            given.app_id,
            given.app_secret,
            push,
            token_s=given.token_seconds,
            templates=DEMO_TEMPLATES,
        )
    except (OSError, ValueError) as refused:
        parser.error(str(refused))
    if given.phones:
        server.phones = Phones(
            given.phones,
            given.phones_out,
            given.server,
            {key: title for key, (title, _) in DEMO_TEMPLATES.items()},
            os.environ.get("DEMO_PASSWORD") or "suishoupai-demo",
        )
        print(f"phones {server.url}{BELOW}/", flush=True)
    with server:
        print(f"WeChat stand-in {server.url}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
