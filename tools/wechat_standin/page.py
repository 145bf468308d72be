"""The page of phones: what residents would have received."""

from collections.abc import Mapping
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from tools.wechat_standin.platform import DEMO_TEMPLATES, Platform, Sent

Titles = Mapping[str, tuple[str, dict[str, str]]]
_LOCAL = ZoneInfo("Asia/Shanghai")
_STYLE = """
body { margin: 0; font: 16px/1.5 sans-serif; background: #ededed; color: #1a1a1a; }
header { background: #0b5d3b; color: #fff; padding: 12px 20px; }
h1 { font-size: 20px; margin: 0; }
header p { margin: 4px 0 0; }
main { display: grid; gap: 20px; padding: 20px; align-items: start;
       grid-template-columns: repeat(auto-fill, minmax(min(320px, 100%), 1fr)); }
section { background: #f7f7f7; border: 1px solid #c8c8c8; border-radius: 18px; overflow: hidden; }
section h2 { font-size: 17px; margin: 0; padding: 12px 16px; background: #fff;
             border-bottom: 1px solid #ddd; overflow-wrap: anywhere; }
form { padding: 12px 16px; background: #fff; border-bottom: 1px solid #ddd; }
button { font: inherit; padding: 8px 16px; min-height: 44px; border: 0; border-radius: 8px;
         background: #0b5d3b; color: #fff; }
article { background: #fff; margin: 12px; border-radius: 8px; padding: 12px 14px; }
article h3 { font-size: 16px; margin: 0 0 2px; }
time { color: #595959; font-size: 14px; }
dl { margin: 8px 0; display: grid; grid-template-columns: auto 1fr; gap: 4px 12px; }
dt { color: #595959; }
dd { margin: 0; overflow-wrap: anywhere; }
article p { margin: 8px 0 0; padding-top: 8px; border-top: 1px solid #eee; color: #595959;
            font-size: 14px; overflow-wrap: anywhere; }
.none { padding: 4px 16px; color: #595959; }
.missed { margin: 0 0 10px; padding: 8px 12px; border-radius: 8px; background: #fff3d6;
          color: #6b4100; }
form p { margin: 8px 0 0; color: #595959; font-size: 14px; overflow-wrap: anywhere; }
"""


def page(platform: Platform) -> str:
    """HTML of every phone, the newest messages first; everything that came in is escaped."""
    with platform.lock:
        people = dict(platform.names)
        messages = list(platform.messages)
        refused = set(platform.refused)
        left = platform.consents_left()
    for one in messages:
        people.setdefault(one.openid, f"{one.openid[:8]}…")
    for who in left:
        people.setdefault(who, f"{who[:8]}…")
    titles = DEMO_TEMPLATES | dict(platform.templates)
    known = list(platform.templates or DEMO_TEMPLATES)
    seen = [template_id for counts in left.values() for template_id in counts]
    offered = list(dict.fromkeys([*known, *seen]))
    phones = "".join(
        _head(who, name, offered, _left(left.get(who, {}), titles), missed=who in refused)
        + _body([m for m in messages if m.openid == who], titles)
        for who, name in people.items()
    )
    empty = "<p class=none>还没有人登录。用登录码 demo-名字 登录后，这里会出现他的手机。</p>"
    return (
        "<!doctype html><html lang=zh-CN><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width, initial-scale=1'>"
        "<meta http-equiv=refresh content=5><title>演示手机 · 微信替身</title>"
        f"<style>{_STYLE}</style><header><h1>演示手机（微信替身）</h1>"
        f"<p>不是真的微信：这里显示市民和工作人员的手机会收到的服务通知。</p></header>"
        f"<main>{phones or empty}</main></html>"
    )


def _head(who: str, name: str, templates: list[str], left: str, *, missed: bool) -> str:
    """Whose phone it is, what it takes, and the button that has it take more."""
    hint = "<p class=missed>有消息没有送达：还没有允许接收，或者次数用完了。请点下面的按钮。</p>"
    return (
        f"<section><h2>{escape(name)} 的手机</h2>"
        f"<form method=post action=/_standin/consents>{hint if missed else ''}"
        f"<input type=hidden name=openid value='{escape(who, quote=True)}'>"
        f"<input type=hidden name=templates value='{escape(' '.join(templates), quote=True)}'>"
        f"<button>允许接收消息（每种一条）</button><p>{left}</p></form>"
    )


def _left(counts: Mapping[str, int], titles: Titles) -> str:
    """How many messages of each kind are taken yet."""
    some = {template_id: count for template_id, count in counts.items() if count > 0}
    if not some:
        return "现在不接收消息：每允许一次，每种消息只能收到一条。"
    listed = (f"{titles.get(one, (one,))[0]} {count}\u00a0条" for one, count in some.items())
    return f"还可以收到：{escape('、'.join(listed))}"


def _body(messages: list[Sent], titles: Titles) -> str:
    cards = "".join(_card(one, titles) for one in reversed(messages))
    none = "<p class=none>还没有消息。允许接收消息后，案卷有进展就会收到。</p>"
    return f"{cards or none}</section>"


def _card(message: Sent, titles: Titles) -> str:
    at = datetime.fromtimestamp(message.at, _LOCAL)
    title, names = titles.get(message.template_id, (message.template_id, {}))
    order = sorted(message.data, key=[*names, *message.data].index)
    rows = "".join(
        f"<dt>{escape(names.get(key, key))}</dt><dd>{escape(message.data[key])}</dd>"
        for key in order
    )
    opens = f"<p>打开 {escape(message.page)}</p>" if message.page else ""
    return (
        f"<article><h3>{escape(title)}</h3><time>{at:%m月%d日 %H:%M:%S}</time>"
        f"<dl>{rows}</dl>{opens}</article>"
    )
