"""The parts of administration, as a menu that all of its pages show."""

from typing import Any

from flask import Response, request

from app.console.pages import render
from models.account import Actor

HOME = "/console/admin"
MENU: tuple[tuple[str, str], ...] = (
    (HOME, "总览"),
    ("/console/district/areas", "区域"),
    ("/console/district/units", "单位"),
    ("/console/district/responsibilities", "权责"),
    ("/console/district/duties", "排班"),
    ("/console/district/catalogue", "类别与时限"),
    ("/console/district/calendar", "日历"),
    ("/console/district/templates", "回复模板"),
    ("/console/admin/accounts", "账号"),
    ("/console/admin/keys", "接口密钥"),
    ("/console/admin/health", "运行"),
    ("/console/admin/logs", "日志"),
)


def admin_page(name: str, status: int, actor: Actor, **shown: Any) -> Response:
    """A page of administration; its template extends `console/admin/layout.html`."""
    return render(name, status, actor, menu=_menu(request.path), **shown)


def _menu(path: str) -> list[tuple[str, str, bool]]:
    """Path, label, and whether the page at hand belongs to it."""
    return [
        (own, label, path == own or (own != HOME and path.startswith(f"{own}/")))
        for own, label in MENU
    ]
