"""The processes of the service: the one table of commands.

`make run` starts these; the units in `deploy/systemd` and the services in
`deploy/compose.yaml` name the same commands.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.child import StartFailedError

Command = tuple[str, ...]


@dataclass(frozen=True)
class RunSettings:
    """What `make run` takes from its environment, where an empty variable counts as unset.
    An empty URL here asks for the embedded server."""

    port: int
    data_dir: Path
    database_url: str
    database_owner_url: str
    redis_url: str
    photo_store: str
    wechat_base_url: str = ""
    public_url: str = ""

    @classmethod
    def from_mapping(cls, variables: Mapping[str, str]) -> "RunSettings":
        """Read PORT, DATA_DIR, DATABASE_URL, DATABASE_OWNER_URL, REDIS_URL, PHOTO_STORE,
        WECHAT_BASE_URL, PUBLIC_URL. StartFailedError names a variable that makes no sense."""
        port = variables.get("PORT") or "8000"
        if not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
            raise StartFailedError(f"PORT must be a number from 1 to 65535, not {port!r}")
        data_dir = Path(variables.get("DATA_DIR") or "var").expanduser().resolve()
        database_url = variables.get("DATABASE_URL", "")
        return cls(
            port=int(port),
            data_dir=data_dir,
            database_url=database_url,
            database_owner_url=variables.get("DATABASE_OWNER_URL") or database_url,
            redis_url=variables.get("REDIS_URL", ""),
            photo_store=variables.get("PHOTO_STORE") or f"file://{data_dir}/photos",
            wechat_base_url=variables.get("WECHAT_BASE_URL", ""),
            public_url=variables.get("PUBLIC_URL") or f"http://127.0.0.1:{port}",
        )


@dataclass(frozen=True)
class Processes:
    """Command lines by what they are for. `standin` is started first and must listen on its
    port, `prepare` runs to its end, then the `lasting` ones start together."""

    standin: Command
    prepare: Command
    lasting: Mapping[str, Command]


def processes(port: int, standin_port: int) -> Processes:
    """The real table, for the ports given."""
    python = sys.executable
    return Processes(
        standin=(
            *(python, "-m", "tools.wechat_standin", "--port", str(standin_port)),
            *("--push-url", f"http://127.0.0.1:{port}/wechat/push"),
            *("--phones", "miniprogram", "--server", f"http://127.0.0.1:{port}"),
        ),
        prepare=(python, "-m", "flask", "--app", "wsgi", "prepare"),
        lasting={
            "web": (
                *(python, "-m", "granian", "--interface", "wsgi", "wsgi:app"),
                *("--host", "127.0.0.1", "--port", str(port)),
                *("--workers", "3", "--blocking-threads", "4"),
                # Backpressure counts connections, idle ones included, in each worker.
                *("--backlog", "1024", "--backpressure", "512"),
                *("--respawn-failed-workers", "--respawn-interval", "1"),
                *("--workers-kill-timeout", "5", "--no-access-log"),
            ),
            "relay": (python, "-m", "workers.relay"),
            "worker": (python, "-m", "workers.worker"),
            "clock": (python, "-m", "workers.clock"),
        },
    )


def environment(
    settings: RunSettings,
    *,
    database_url: str,
    database_owner_url: str,
    redis_url: str,
    standin_port: int,
) -> dict[str, str]:
    """The variables that every process of the demo gets on top of the caller's own."""
    return {
        "APP_MODE": "demo",
        "DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": database_url,
        "DATABASE_OWNER_URL": database_owner_url,
        "REDIS_URL": redis_url,
        "PHOTO_STORE": settings.photo_store,
        "ANCHOR_DIR": str(settings.data_dir / "anchors"),
        "WECHAT_BASE_URL": settings.wechat_base_url or f"http://127.0.0.1:{standin_port}",
        "PUBLIC_URL": settings.public_url,
        "PYTHONUNBUFFERED": "1",  # a log shows what happened before a crash
    }


def without_proxy(variables: Mapping[str, str]) -> dict[str, str]:
    """The same variables, but loopback is never asked of a web proxy."""
    known = variables.get("no_proxy") or variables.get("NO_PROXY")
    exempt = f"{known},127.0.0.1" if known else "127.0.0.1"
    return {**variables, "no_proxy": exempt, "NO_PROXY": exempt}
