"""`flask doctor`."""

import click
from flask.cli import AppGroup

from app.auth import kit
from app.cli.work import work
from app.services import wechat_doctor
from app.services.wechat_doctor import SetUp
from config import Mode

group = AppGroup("doctor", help="What is wrong with the set-up, found out by trying it.")
_MARKS = {True: "正常", False: "有误", None: "未知"}


@group.command("wechat")
def wechat() -> None:
    """Try everything that WeChat needs; exit 1 when something is wrong."""
    here = kit()
    settings = here.settings
    token, key = settings.wechat_push
    with work() as db:
        fingerprint, templates = wechat_doctor.recorded(db)
    set_up = SetUp(
        push_token=token,
        push_key=key,
        public_url=settings.public_url,
        production=settings.app_mode is Mode.PRODUCTION,
        fingerprint=fingerprint,
        templates=templates,
    )
    faults = 0
    for found in wechat_doctor.examine(here.wechat, here.safe, set_up):
        click.echo(f"[{_MARKS[found.good]}] {found.about}：{found.said}")
        faults += found.good is False
    if faults:
        click.echo(f"共 {faults} 处需要处理", err=True)
        raise click.exceptions.Exit(1)
    click.echo("微信配置正常")
