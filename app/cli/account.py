"""`flask accounts`."""

import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from app.cli.area import FILE
from app.cli.work import say, work
from app.services import account, binding, staff, totp
from app.services.district_import import import_accounts
from models.moment import local

group = AppGroup("accounts", help="Accounts of staff, and erasing those of residents.")


def _ask_password() -> str:
    """From the terminal twice, unseen; or one line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    asked: str = click.prompt("密码", hide_input=True, confirmation_prompt="再输入一次")
    return asked


@group.command("import")
@click.argument("file", type=FILE)
def import_command(file: Path) -> None:
    """Make or change the accounts in FILE (CSV); others stay."""
    with work() as db:
        summary = import_accounts(db, file.read_bytes(), file.name)
    say(summary)
    for name in summary.new_names:
        click.echo(f"新账号 {name}：请用 flask accounts password {name} 设置密码")


@group.command("create")
@click.argument("username")
@click.option("--name", required=True, help="The person's name.")
@click.option("--unit", help="Code of the person's unit.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    help="`role@all`, `role@area:CODE` or `role@unit:CODE`; may be repeated.",
)
def create(username: str, name: str, unit: str | None, roles: tuple[str, ...]) -> None:
    """Make an account for a member of staff."""
    password = _ask_password()
    with work() as db:
        account_id = staff.create(db, username, name, unit, roles, password)
    click.echo(f"已创建账号 {username}（编号 {account_id}）")


@group.command("password")
@click.argument("username")
def password_command(username: str) -> None:
    """Set a password; sessions of the account end."""
    password = _ask_password()
    with work() as db:
        staff.set_password(db, username, password)
    click.echo(f"已更新 {username} 的密码，原有登录已失效")


@group.command("bind")
@click.argument("username")
def bind(username: str) -> None:
    """Make a code that binds a WeChat identity to an account, once."""
    with work() as db:
        code, expires_at = binding.issue(db, binding.staff_account(db, username))
    click.echo(f"绑定码 {code}，{local(expires_at)} 前有效：请 {username} 在小程序里输入")


@group.command("unbind")
@click.argument("username")
def unbind(username: str) -> None:
    """Take the WeChat identity off an account (a lost phone); its sessions end."""
    with work() as db:
        bound = binding.unbind(db, binding.staff_account(db, username), None)
    said = "已解绑微信" if bound else "没有绑定微信"
    click.echo(f"{username} {said}，原有登录已失效")


@group.command("disable")
@click.argument("username")
def disable(username: str) -> None:
    """Disable an account; its sessions end, and its WeChat identity is free again."""
    with work() as db:
        staff.disable(db, username)
    click.echo(f"已停用 {username}，原有登录已失效")


@group.command("reset-totp")
@click.argument("username")
def reset_totp(username: str) -> None:
    """Turn off an account's second factor (a lost phone); the password alone signs in again."""
    with work() as db:
        was_on = totp.reset(db, None, username)
    click.echo(f"已关闭 {username} 的两步验证" if was_on else f"{username} 没有开启两步验证")


@group.command("erase")
@click.argument("account_id", type=int)
def erase(account_id: int) -> None:
    """Erase a resident's personal data; cases and their ledgers stay."""
    with work() as db:
        account.erase(db, account_id)
    click.echo(f"已注销账号 {account_id}，个人信息已清除")
