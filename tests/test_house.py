"""Rules of the house that a machine can check."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.auth import Access
from app.errors import PROBLEMS
from app.factory import App
from app.services.actions import HANDLERS
from models import errors
from models.account import Role
from models.errors import DomainError
from models.status import ACTION_LABELS, STATUS_LABELS, Action, Status
from models.workflow import MOVES
from workers.registry import JOBS

ROOT = Path(__file__).resolve().parents[1]
CODE = [path for folder in ("app", "models", "workers") for path in (ROOT / folder).rglob("*.py")]


def _nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text()))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_every_route_declares_who_may_call_it(app: App) -> None:
    views = {rule.endpoint for rule in app.url_map.iter_rules()} - {"static"}
    undeclared = [
        name
        for name in views
        if not isinstance(getattr(app.view_functions[name], "__access__", None), Access)
    ]
    assert views
    assert undeclared == []


def test_only_the_database_module_commits() -> None:
    found = {
        f"{_name(path)}:{node.lineno}"
        for path in CODE
        for node in _nodes(path)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "begin"}
    }
    assert {place.split(":")[0] for place in found} == {"models/db.py"}


def test_only_the_case_service_writes_a_case_status() -> None:
    found = {
        _name(path)
        for path in CODE
        for node in _nodes(path)
        if isinstance(node, ast.Attribute)
        and node.attr == "status"
        and isinstance(node.ctx, ast.Store)
    }
    assert found == {"app/services/case.py"}


def test_every_posted_job_is_registered() -> None:
    posted = set()
    for path in CODE:
        for node in _nodes(path):
            if isinstance(node, ast.keyword) and node.arg == "job":
                if isinstance(node.value, ast.Constant):
                    posted.add(node.value.value)
            elif (
                isinstance(node, ast.Call)
                and ast.unparse(node.func).endswith("outbox.post")
                and isinstance(node.args[1], ast.Constant)
            ):
                posted.add(node.args[1].value)
    assert posted == set(JOBS)


def _concrete_errors() -> list[type[DomainError]]:
    return [
        found
        for found in vars(errors).values()
        if isinstance(found, type) and issubclass(found, DomainError) and found is not DomainError
    ]


def test_every_domain_error_is_mapped() -> None:
    assert set(_concrete_errors()) == set(PROBLEMS)


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=lambda found: found.name)
def test_every_problem_is_described(problem: object) -> None:
    described = (ROOT / "docs" / "problems.md").read_text()
    assert f"## {getattr(problem, 'name')}\n" in described  # noqa: B009


def test_every_move_that_staff_send_has_its_function() -> None:
    assert set(HANDLERS) == {move.action for move in MOVES.values() if move.offered}


def test_every_action_and_status_has_its_move_and_its_words() -> None:
    assert set(MOVES) == set(Action) == set(ACTION_LABELS)
    assert set(STATUS_LABELS) == set(Status)


def test_no_move_is_open_to_nobody_or_to_an_unknown_role() -> None:
    for move in MOVES.values():
        assert move.roles
        assert set(move.roles) <= set(Role)
