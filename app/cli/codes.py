"""`flask codes`."""

from pathlib import Path

import click
from flask.cli import AppGroup

from app.auth import kit
from app.cli.area import FILE
from app.cli.work import refusals, say, work
from app.clients.wechat_errors import WeChatError, WeChatRefused
from app.services import code_sheet, place_code
from app.services.code_sheet import Labelled
from models.errors import WeChatNotConfigured, WeChatUnavailable

group = AppGroup("codes", help="Mini program codes of places.")


@group.command("import")
@click.argument("file", type=FILE)
def import_command(file: Path) -> None:
    """Make or change the places in FILE (CSV); others stay, their codes keep working."""
    with work() as db:
        summary = place_code.import_places(db, kit().atlas(), file.read_bytes(), file.name)
    say(summary)


@group.command("list")
def list_command() -> None:
    """Print code and name of every place."""
    with work() as db:
        for row in place_code.listed(db, ()):
            click.echo(f"{row.code}\t{row.name}")


@group.command("make")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--code", "codes", multiple=True, help="Only this place; may be repeated.")
@click.option("--font", type=FILE, help="Another font than Noto Sans SC.")
@click.option(
    "--unpublished", is_flag=True, help="Do not let WeChat check that the page is published."
)
def make(file: Path, codes: tuple[str, ...], font: Path | None, unpublished: bool) -> None:
    """Write a sheet of codes to print to FILE (.pdf or .png), each with its place's name."""
    with refusals():
        code_sheet.check(file, font)
    with work() as db:
        places = place_code.listed(db, codes)
    if not places:
        click.echo("还没有地点，请先运行 flask codes import", err=True)
        raise click.exceptions.Exit(1)
    with (
        refusals(),
        click.progressbar(places, label="向微信获取小程序码") as bar,
    ):
        labelled = [
            Labelled(row.name, row.code, _image(row.code, checked=not unpublished)) for row in bar
        ]
    with refusals():
        written = code_sheet.write(labelled, file, font)
    for path in written:
        click.echo(f"已生成 {path}")


def _image(code: str, *, checked: bool) -> bytes:
    wechat = kit().wechat
    if wechat is None:
        raise WeChatNotConfigured("没有配置微信小程序，请设置 WECHAT_APP_ID 和 WECHAT_APP_SECRET")
    try:
        return wechat.place_code(code, place_code.REPORT_PAGE, check_path=checked)
    except WeChatRefused as refused:
        raise WeChatUnavailable(
            f"微信不能生成地点码 {code}（{refused.errcode}）；页面尚未发布时请加 --unpublished"
        ) from None
    except WeChatError as error:
        raise WeChatUnavailable(f"微信没有给出小程序码（{error.errcode}），请稍后再试") from None
