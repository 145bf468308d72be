"""A local stand-in of WeChat's server, over real HTTP, for demonstrations and tests.

It behaves as the platform does where it matters: tokens expire, codes are good once, messages need
consents, verdicts are pushed. `server.py` says what can be asked of it beside that. It knows no
secret worth keeping, and so listens on loopback only.
"""

from tools.wechat_standin.platform import (
    DEMO_APP_ID,
    DEMO_APP_SECRET,
    DEMO_PUSH_KEY,
    DEMO_PUSH_TOKEN,
    openid,
)
from tools.wechat_standin.push import PushTo, make_push
from tools.wechat_standin.server import StandIn

__all__ = [
    "DEMO_APP_ID",
    "DEMO_APP_SECRET",
    "DEMO_PUSH_KEY",
    "DEMO_PUSH_TOKEN",
    "PushTo",
    "StandIn",
    "make_push",
    "openid",
]
