"""How the installation runs; failed jobs are sent again here."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Response, redirect, request

from app import readiness
from app.auth import Access, Work, access, kit
from app.console import words
from app.console.admin.menu import admin_page
from app.console.pages import pages, render, work
from app.kit import Kit
from app.services import admin_log, calendar, outbox
from app.services import health as running
from app.services.health import Health
from models.calendar import LOCAL
from models.errors import NotFound

HEALTH = "/console/admin/health"
GOOD, WARN, BAD = "good", "warn", "bad"
PARTS = {
    "database": ("数据库", "上报和办理都停了：请检查数据库服务"),
    "migrations": ("数据表结构", "程序比数据库新：请运行 flask db upgrade"),
    "photo_store": ("照片存储", "照片传不上来：请检查存储空间和权限"),
    "broker": ("任务队列", "上报照常，通知和照片处理会晚一些：请检查 Valkey 服务"),
}
SOON, LATE = timedelta(minutes=1), timedelta(minutes=5)
LITTLE = 0.10
JOB_LABELS = {
    "area.unplace": "网格消失后退回案卷",
    "content.check": "内容审核",
    "forwarding.fetch": "查询外部系统进展",
    "forwarding.send": "转送外部系统",
    "media.fetch": "取外部照片",
    "message.send": "微信消息",
    "notice.spread": "发送通知",
    "photo.render": "照片处理",
    "photo.erase": "清除照片原件",
    "push.work": "微信推送",
    "report.index": "建立检索",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is looked at: how it stands, and what to do about it."""

    label: str
    state: str
    text: str
    advice: str = ""


@pages.get("/admin/health")
@access(Access.ADMIN)
def health() -> Response:
    return _page()


@pages.get("/admin/health/now")
@access(Access.ADMIN)
def health_now() -> Response:
    """The same without its frame, for a page that renews itself."""
    with work(kit().autocommit) as here:
        shown = _shown(here)
    return render("admin/health_now.html", 200, here.actor, **shown)


def _page(status: int = 200, message: str | None = None) -> Response:
    with work(kit().autocommit) as here:
        shown = _shown(here)
    again = request.args.get("again", "")
    told = f"已重新安排 {again} 个任务" if again.isdecimal() and len(again) < 9 else None
    return admin_page("admin/health.html", status, here.actor, **shown, done=told, message=message)


def _shown(here: Work) -> dict[str, Any]:
    found = running.look(here.db)
    now = datetime.now(UTC)
    parts = _parts(here.kit)
    size = Line("数据库大小", GOOD, f"{found.database_bytes / 1e9:.2f} GB")
    lines = [*parts, *_work(found, now), *_ledger(found), *_disks(here.kit), size]
    notes = calendar.warnings(here.atlas, datetime.now(LOCAL).date())
    lines += [Line("日历", WARN, note) for note in notes]
    order = (BAD, WARN, GOOD)
    return {
        "lines": sorted(lines, key=lambda line: order.index(line.state)),
        "wrong": sum(line.state != GOOD for line in lines),
        "failed": found.failed_jobs,
        "failed_in_all": found.failed,
        "jobs": JOB_LABELS,
        "now": now,
    }


def _parts(here: Kit) -> list[Line]:
    states = readiness.parts(here)
    return [
        Line(label, GOOD, "正常")
        if states[name] == "ok"
        else Line(label, WARN if name == "broker" else BAD, "不可用", advice)
        for name, (label, advice) in PARTS.items()
    ]


def _work(found: Health, now: datetime) -> list[Line]:
    checks = f"待人工 {found.held} 项，等微信 {found.unasked} 项"
    held = Line("内容审核", GOOD, checks)
    if found.held:
        held = Line("内容审核", WARN, checks, "请受理派遣员在“督查 › 内容审核”里处理")
    failed = Line("失败的任务", GOOD, "没有")
    if found.failed:
        failed = Line("失败的任务", BAD, f"{found.failed} 个", "见下面的列表")
    return [
        _late("时钟", found.timer_due, now, "到期提醒和超期不会发出：请检查 workers.clock"),
        _late("后台任务", found.job_due, now, "请检查 workers.relay 和 workers.worker"),
        Line("等待的任务", GOOD, f"{found.waiting} 个"),
        failed,
        held,
    ]


def _late(label: str, due: datetime | None, now: datetime, advice: str) -> Line:
    """What should have been done at `due`, by its delay."""
    behind = now - due if due is not None else timedelta(0)
    if behind < SOON:
        return Line(label, GOOD, "没有积压")
    text = f"最早的一项已等了 {words.working(behind)}"
    return Line(label, BAD if behind >= LATE else WARN, text, advice)


def _ledger(found: Health) -> list[Line]:
    anchored = words.moment(found.anchored_at) if found.anchored_at else "还没有"
    lines = [Line("台账锚定", GOOD, f"最近一次：{anchored}")]
    last = found.verified
    if last is None:
        advice = "建议每天用定时任务运行 flask ledger verify"
        return [*lines, Line("台账核对", WARN, "还没有全面核对过", advice)]
    when = words.moment(last["at"])
    if last["bad"]:
        return [*lines, Line("台账核对", BAD, f"{when} 发现 {last['bad']}", "台账可能被改动过")]
    counts = f"{last['rows']} 条记录、{last['anchors']} 个锚定"
    return [*lines, Line("台账核对", GOOD, f"{when}，{counts}，全部相符")]


def _disks(here: Kit) -> list[Line]:
    settings = here.settings
    folders = {"数据目录": settings.data_dir, "锚定目录": settings.anchor_dir}
    store = urlsplit(settings.photo_store)
    if store.scheme == "file":
        folders["照片目录"] = Path(unquote(store.path))
    return [line for line in (_disk(*one) for one in folders.items()) if line is not None]


def _disk(label: str, folder: Path) -> Line | None:
    try:
        space = shutil.disk_usage(folder)
    except OSError:
        return None
    text = f"剩余 {space.free / 1e9:.1f} GB，共 {space.total / 1e9:.1f} GB"
    if space.free < LITTLE * space.total:
        return Line(label, WARN, text, "空间不多了，请清理或扩容")
    return Line(label, GOOD, text)


@pages.post("/admin/health/retry")
@access(Access.ADMIN)
def retry_jobs() -> Response:
    """Sends a failed job again, or all of them."""
    job = request.form.get("job", "")
    chosen = [int(job) if job.isdecimal() and len(job) < 19 else 0] if job else None
    try:
        with work(kit().engine) as here:
            sent = outbox.retry(here.db, chosen)
            if sent:
                admin_log.record(here.db, here.actor, "jobs.retry", job or "all", count=sent)
    except NotFound:
        return _page(404, "这个任务已经重新安排过，或已完成")
    return redirect(f"{HEALTH}?again={sent}")  # type: ignore[return-value]
