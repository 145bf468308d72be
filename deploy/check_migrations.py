"""`python -m deploy.check_migrations`: the migrations run up, down and up again, and their
head equals the models. On a throw-away PostgreSQL."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from deploy.child import say
from deploy.embedded import temporary_servers
from deploy.processes import RunSettings, environment
from deploy.supervisor import ROOT

STEPS = (("upgrade",), ("check",), ("downgrade", "base"), ("upgrade",), ("check",))


def main() -> int:
    """0 if every step passes, otherwise the exit code of the first that fails."""
    with tempfile.TemporaryDirectory() as folder, temporary_servers() as (postgres, valkey):
        settings = RunSettings.from_mapping({"DATA_DIR": str(Path(folder))})
        urls = environment(
            settings,
            database_url=postgres.app_url,
            database_owner_url=postgres.owner_url,
            redis_url=valkey.url,
            standin_port=1,
        )
        for step in STEPS:
            say(f"migrations: {' '.join(step)}")
            command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", *step]
            done = subprocess.run(command, cwd=ROOT, env={**os.environ, **urls}, check=False)
            if done.returncode != 0:
                return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
