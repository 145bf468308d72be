"""A day in the district, played over HTTP: `python -m tools.demo http://127.0.0.1:8000`.

A resident reports garbage; the unit tries its luck with photos that prove nothing, then cleans;
the grid worker sends it back once; the resident is not content, and a second round is needed.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from urllib.error import URLError

from models.calendar import LOCAL
from models.geo import Point, wgs84_to_gcj02
from models.moment import local
from models.status import STATUS_LABELS, Status
from tools import demo_print
from tools.demo_camera import Cameras, beside, forged
from tools.demo_client import Json, Person, Refused, Server, Unexpected

CENTRE = Point(112.57, 26.90)
"""Where worker1 is on duty and unit1's company cleans (data/demo/README.md)."""
CATEGORY = "exposed-garbage"
INBOX_WAIT_S = 15
WHY_NOT_AT_ONCE = {
    "similar_case_nearby": "附近有同类未结案卷",
    "limited_reporter": "上报人被限制",
    "photo_flags": "照片有疑点",
}
FIRST_REPLY = "{day}洁净环卫公司一班清走了袋装垃圾，并用水冲洗了地面。"
SECOND_REPLY = "{day}洁净环卫公司又清走墙角剩余的菜叶，加放了一个垃圾桶，由洪环卫负责。"


class Story:
    """One run: the people, the place, and what has come of the report."""

    def __init__(self, server: Server, password: str, source: Random) -> None:
        self.lily = server.sign_in(wechat_code="demo-lily")
        self.desk, self.unit, self.worker, self.supervisor = (
            server.sign_in(username=name, password=password)
            for name in ("desk", "unit1", "worker1", "supervisor")
        )
        self.place = beside(CENTRE, 35, source)
        self.cameras = Cameras(self.place, source)
        self.before = self.cameras.shot(0, "before")
        self.report: Json = {}
        self._steps = 0

    @property
    def number(self) -> str:
        return str(self.report["case_number"])

    def tell(self, text: str) -> None:
        self._steps += 1
        print(f"{self._steps:2}. {text}", flush=True)

    def photo(self, person: Person, view: int, **given: Any) -> list[str]:
        """Uploads one shot of the place with the work done; its id, as a list."""
        return [person.upload(self.cameras.shot(view, "after", **given))]

    def expect(self, case: Json, status: Status, holder: str) -> None:
        """Raises Unexpected where the case is not there, or waits for somebody else."""
        if case["status"] != status or not case["holder"].startswith(holder):
            found = f"{case['status_label']}，责任方 {case['holder']}"
            raise Unexpected(f"案卷应为{STATUS_LABELS[status]}，责任方 {holder}，却是{found}")


def report(story: Story) -> None:
    """As the mini program sends it: WeChat strips EXIF at times, so it tells what it knows too."""
    shifted = wgs84_to_gcj02(*story.place)
    spot: Json = {"longitude": shifted.longitude, "latitude": shifted.latitude}
    spot |= {"coord_type": "gcj02", "accuracy_m": 8}
    now = datetime.now(LOCAL).isoformat()
    photo = story.lily.upload(story.before, taken_at=now, phone_time=now, **spot)
    story.report = story.lily.post(
        "reports",
        {
            "category": CATEGORY,
            "description": "路边堆了好几袋垃圾，招苍蝇，没人清理",
            "location": spot,
            "address": "示范路公交站旁",
            "photo_ids": [photo],
        },
    )
    story.tell(f"市民拍照上报“暴露垃圾”，案卷 {story.number}，回执 {story.report['receipt'][:16]}…")


def assign(story: Story) -> None:
    """At once by rule; an open case of the same category nearby sends it through the desk."""
    case = story.desk.case(story.number)
    if case["status"] == Status.SUBMITTED:
        because = case["timeline"][-1]["facts"]["because"]
        why = WHY_NOT_AT_ONCE.get(because, because)
        story.tell(f"没有自动派单（{why}），转受理台；受理派遣员{story.desk.name}立案")
        case = story.desk.act(story.number, "accept")
    story.expect(case, Status.ASSIGNED, "unit:")
    due = local(datetime.fromisoformat(case["due_at"]))
    grid, unit = case["areas"]["grid"]["name"], case["unit_name"]
    story.tell(f"定位到{grid}，派给{unit}，处置期限 {due}")


def start(story: Story) -> None:
    story.expect(story.unit.act(story.number, "start"), Status.IN_PROGRESS, "unit:")
    story.tell(f"{story.unit.name}签收，开始处置")


def fake(story: Story) -> None:
    """Four photos that prove nothing; each refusal must say why."""
    old = story.photo(story.unit, 1, taken_at=datetime.now(LOCAL) - timedelta(days=1))
    far = story.photo(story.unit, 2, at=Point(story.place.longitude + 0.02, story.place.latitude))
    copy = [story.unit.upload(forged(story.before, story.cameras.shot(3, "after")))]
    others = story.photo(story.worker, 4)
    for what, photo_ids in (
        ("昨天的照片", old),
        ("两公里外的照片", far),
        ("市民原图压缩后再用", copy),
        ("别人上传的照片", others),
    ):
        reasons = story.unit.refused(
            story.number, "resolve", outcome="fixed", comment="已清理", photo_ids=photo_ids
        )
        story.tell(f"{story.unit.name}用{what}报完成，被拒：{'；'.join(reasons)}")


def resolve(story: Story, view: int, comment: str) -> None:
    case = story.unit.act(
        story.number,
        "resolve",
        outcome="fixed",
        comment=comment,
        photo_ids=story.photo(story.unit, view),
    )
    story.expect(case, Status.RESOLVED, "worker:")
    story.tell(f"{story.unit.name}现场拍照报处置完成：{comment}")


def rework(story: Story) -> None:
    reason = "墙角还有散落的菜叶和塑料袋，请清理干净"
    case = story.worker.act(story.number, "rework", reason=reason)
    story.expect(case, Status.IN_PROGRESS, "unit:")
    story.tell(f"网格员{story.worker.name}核查未通过，返工：{reason}")


def check(story: Story, view: int, reply: str) -> None:
    photo_ids = story.photo(story.worker, view)
    case = story.worker.act(
        story.number, "pass", method="on_site", reply=reply, photo_ids=photo_ids
    )
    story.expect(case, Status.CLOSED, "none")
    story.tell(f"网格员{story.worker.name}到现场核查通过，结案，答复市民：{reply}")


def bare_formula(story: Story) -> None:
    reasons = story.worker.refused(story.number, "pass", method="on_site", reply="已处理")
    story.tell(f"网格员{story.worker.name}想用“已处理”答复，被拒：{'；'.join(reasons)}")


def feedback(story: Story, rating: int, comment: str, *, solved: bool) -> None:
    story.lily.post(
        f"reports/{story.report['id']}/feedback",
        {"solved": solved, "rating": rating, "comment": comment},
    )
    story.tell(f"市民评价：{'已' if solved else '未'}解决，{rating} 星，“{comment}”")
    case = story.supervisor.case(story.number)
    if solved:
        story.expect(case, Status.CLOSED, "none")
        return
    story.expect(case, Status.ASSIGNED, "unit:")
    story.tell(f"案卷重新办理，进入第 {case['round']} 轮，仍由{case['unit_name']}负责")


def play(story: Story) -> None:
    day = f"{datetime.now(LOCAL):%-m月%-d日}"
    report(story)
    assign(story)
    start(story)
    fake(story)
    resolve(story, 0, "袋装垃圾已全部清走")
    rework(story)
    resolve(story, 5, "墙角已清扫，地面已冲洗")
    bare_formula(story)
    check(story, 6, FIRST_REPLY.format(day=day))
    feedback(story, 2, "墙根又堆上了，味道还是大", solved=False)
    start(story)
    resolve(story, 7, "清走剩余菜叶，加放垃圾桶一个")
    check(story, 8, SECOND_REPLY.format(day=day))
    feedback(story, 5, "这次干净了，谢谢", solved=True)


def show(story: Story) -> None:
    case = story.supervisor.case(story.number)
    print(f"\n案卷 {story.number} 的全过程\n{demo_print.timeline(case)}")
    print(f"\n市民收到的消息\n{demo_print.inbox(_inbox(story))}")
    entries = story.supervisor.get(f"cases/{story.number}/ledger")["items"]
    fault = demo_print.first_fault(entries)
    if fault is not None:
        raise Unexpected(f"台账第 {fault} 条与哈希不符")
    kept = next((e["seq"] for e in entries if e["hash"] == story.report["receipt"]), None)
    if kept is None:
        raise Unexpected("台账里没有市民的回执")
    print(f"\n台账 {len(entries)} 条，逐条重算哈希，首尾相连，没有改动；市民的回执是第 {kept} 条")


def _inbox(story: Story) -> list[Json]:
    """The resident's notices of this case, oldest first; they are written by a worker, so the
    last one may take a moment."""
    until = time.monotonic() + INBOX_WAIT_S
    while time.monotonic() < until:
        notices = story.lily.get("notices?limit=50")["items"]
        found = [one for one in notices if one["case_number"] == story.number]
        if sum("结案" in one["title"] for one in found) == 2:
            return found[::-1]
        time.sleep(0.2)
    raise Unexpected(f"{INBOX_WAIT_S} 秒内没有收到结案消息，后台任务可能没有运行")


def main(arguments: Sequence[str] | None = None) -> int:
    """Plays the story; the exit status is 1 when an answer is not what it should be."""
    parser = argparse.ArgumentParser(prog="python -m tools.demo")
    parser.add_argument("url", help="the service, http://127.0.0.1:8000")
    known = os.environ.get("DEMO_PASSWORD") or "suishoupai-demo"
    parser.add_argument("--password", default=known, help="of the demo accounts (DEMO_PASSWORD)")
    given = parser.parse_args(arguments)
    began = time.monotonic()
    problem = _told(lambda: _run(given.url, given.password))
    if problem:
        print(f"\n演示中断\n{problem}", file=sys.stderr)
        return 1
    print(f"\n演示完成，用时 {time.monotonic() - began:.1f} 秒")
    return 0


def _run(url: str, password: str) -> None:
    story = Story(Server(url), password, Random())
    play(story)
    show(story)


def _told(run: Callable[[], None]) -> str:
    """What went wrong in words; empty when nothing did."""
    try:
        run()
    except Refused as refusal:
        return demo_print.problem(refusal.problem)
    except Unexpected as fault:
        return f"  {fault}"
    except URLError as fault:
        return f"  服务没有应答（{fault.reason}），请先运行 make run"
    return ""


if __name__ == "__main__":
    sys.exit(main())
