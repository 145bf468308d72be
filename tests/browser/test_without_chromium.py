"""A machine without Chromium: the tests are skipped, and in CI they fail."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ONE = "tests/browser/test_visitors.py::test_visitors_share_nothing"


@pytest.mark.parametrize(
    ("variables", "code", "outcome"),
    [({}, 0, "1 skipped"), ({"CI": "true"}, 1, "1 error")],
    ids=["elsewhere", "CI"],
)
def test_its_absence_is_told(
    tmp_path: Path, variables: dict[str, str], code: int, outcome: str
) -> None:
    given = {name: value for name, value in os.environ.items() if name != "CI"}
    environment = given | {"PATH": str(tmp_path)} | variables
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", "0", "-rsE", ONE]
    done = subprocess.run(  # noqa: S603  (our own tests)
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert outcome in done.stdout
    assert "no Chromium: `make browser`" in done.stdout
