"""Making the virtual environment: once, and again when a requirements file changes."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "deploy" / "bootstrap.py"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout whose requirements files list nothing, so that no registry is asked."""
    tmp_path = tmp_path_factory.mktemp("checkout")
    (tmp_path / "deploy").mkdir()
    shutil.copy(SOURCE, tmp_path / "deploy")
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    (tmp_path / "requirements-dev.txt").write_text("-r requirements.txt\n")
    return tmp_path


def bootstrap(checkout: Path, name: str) -> str:
    """Run it; its messages."""
    command = [sys.executable, "deploy/bootstrap.py", name]
    done = subprocess.run(  # noqa: S603 - our own script
        command, cwd=checkout, capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout == ""
    return done.stderr


def test_requirements_are_installed_once_per_content(checkout: Path) -> None:
    assert "installing requirements-dev.txt" in bootstrap(checkout, "requirements-dev.txt")
    assert (checkout / ".venv" / "bin" / "python").exists()
    assert bootstrap(checkout, "requirements-dev.txt") == ""
    assert bootstrap(checkout, "requirements.txt") == ""  # came with the others
    (checkout / "requirements.txt").write_text("# still nothing\n")
    assert "making" not in bootstrap(checkout, "requirements-dev.txt")
    (checkout / "requirements.txt").write_text("# nothing again\n")
    assert "installing requirements.txt" in bootstrap(checkout, "requirements.txt")


def test_a_failed_installation_is_tried_again(checkout: Path) -> None:
    (checkout / "requirements.txt").write_text("./not-there\n")
    for _ in range(2):
        with pytest.raises(subprocess.CalledProcessError) as failure:
            bootstrap(checkout, "requirements.txt")
        assert "failed: " in failure.value.stderr
