"""What the code knows of itself, as Markdown: moves, words, settings, commands, decisions."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

import click
from flask import Flask

from app.cli import register
from app.services.case_forms import CHOICES
from config import Settings
from models.account import ROLE_LABELS
from models.area import LEVEL_LABELS
from models.measures import FIGURES
from models.policy import Policy
from models.status import ACTION_LABELS, OPEN_STATUSES, STATUS_LABELS, Status
from models.submission import SOURCE_LABELS
from models.timer import CLOCK_LABELS
from models.workflow import MOVES, Move

DECISIONS = Path(__file__).resolve().parents[1] / "docs" / "adr"
WIDTH = 88  # characters of a command's help


def table(heading: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table; `|` in a cell is escaped."""
    columns = list(heading)
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(
        f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in line)} |"
        for line in lines
    )


def diagram() -> str:
    """The moves that change the status, as a Mermaid state diagram."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f'    state "{STATUS_LABELS[one]} {one}" as {one}' for one in Status]
    edges: dict[tuple[str, str], list[str]] = {}
    for move in MOVES.values():
        for source in move.sources or ("[*]",):
            for target in move.targets:
                if source != target:
                    edges.setdefault((source, target), []).append(move.label)
    lines += [f"    {a} --> {b}: {'、'.join(labels)}" for (a, b), labels in edges.items()]
    return "\n".join([*lines, "```"])


def _statuses(given: tuple[Status, ...]) -> str:
    if set(given) == set(Status):
        return "any"
    if set(given) == OPEN_STATUSES:
        return "any open"
    return ", ".join(given)


def _needs(move: Move) -> str:
    return ", ".join(
        f"`{name}`" if field.is_required() else f"`{name}`?"
        for name, field in move.needs.model_fields.items()
    )


def _moves(*, offered: bool) -> str:
    rows = (
        (
            f"`{move.action}`",
            move.label,
            _statuses(move.sources) or "—",
            _statuses(move.targets) or "the same",
            "、".join(ROLE_LABELS[role] for role in move.roles),
            _needs(move) or "—",
            ", ".join(f"`{guard.__name__}`" for guard in move.guards) or "—",
        )
        for move in MOVES.values()
        if move.offered is offered
    )
    return table(("action", "动作", "from", "to", "who", "fields (? optional)", "guards"), rows)


def staff_moves() -> str:
    return _moves(offered=True)


def other_moves() -> str:
    return _moves(offered=False)


def _labels(labels: Mapping[Any, str]) -> str:
    return table(("code", "中文"), ((f"`{code}`", label) for code, label in labels.items()))


def choices() -> str:
    """The listed values of the fields of actions."""
    rows = (
        (f"`{action}`: `{field}`", "、".join(f"`{code}` {label}" for code, label in listed.items()))
        for (action, field), listed in CHOICES.items()
    )
    return table(("where", "values"), rows)


def _default(field: Field[object]) -> str:
    if field.default is MISSING:
        return "**required**"
    if field.default == "":
        return "empty"
    return f"`{field.metadata['default'] or field.default}`"


def settings() -> str:
    rows = (
        (f"`{field.name.upper()}`", _default(field), field.metadata["doc"])
        for field in fields(Settings)
    )
    return table(("variable", "default", "meaning"), rows)


def policy() -> str:
    rows = ((f"`{field.name}`", f"`{field.default}`") for field in fields(Policy))
    return table(("number", "value"), rows)


def _commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(group.commands.items()):
        here = f"{path} {name}"
        if isinstance(command, click.Group):
            yield from _commands(command, here)
        else:
            yield here, command


def commands() -> str:
    """The help of every command of ours, in the order of their names."""
    app = Flask("docs")
    register(app)
    return "\n\n".join(
        f"## {path}\n\n```text\n{_help(path, command)}\n```"
        for path, command in _commands(app.cli, "flask")
    )


def _help(path: str, command: click.Command) -> str:
    context = click.Context(command, info_name=path, terminal_width=WIDTH)
    return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


def decisions() -> str:
    """The numbered pages beside the index, by number."""
    rows = []
    for page in sorted(DECISIONS.glob("[0-9]*.md")):
        number, _, title = page.read_text().partition("\n")[0].removeprefix("# ").partition(" ")
        rows.append((int(number.rstrip(".")), f"[{title}]({page.name})"))
    return table(("number", "decision"), rows)


def figures() -> str:
    """Every figure with the counts that it is made of."""
    rows = (
        (
            f"`{name}`",
            one.label,
            f"`{one.numerator}`",
            f"`{one.denominator}`" + (f" − `{one.less}`" if one.less else ""),
        )
        for name, one in FIGURES.items()
    )
    return table(("figure", "中文", "of", "in"), rows)


PARTS: dict[str, Callable[[], str]] = {
    "diagram": diagram,
    "staff-moves": staff_moves,
    "other-moves": other_moves,
    "statuses": lambda: _labels(STATUS_LABELS),
    "actions": lambda: _labels(ACTION_LABELS),
    "roles": lambda: _labels(ROLE_LABELS),
    "clocks": lambda: _labels(CLOCK_LABELS),
    "levels": lambda: _labels(LEVEL_LABELS),
    "sources": lambda: _labels(SOURCE_LABELS),
    "choices": choices,
    "figures": figures,
    "settings": settings,
    "policy": policy,
    "commands": commands,
    "decisions": decisions,
}
"""Every part by its name in the pages."""
