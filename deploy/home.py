"""Where the embedded servers keep their files, and as whom they run."""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from deploy.child import Account, StartFailedError, say

FALLBACK = Path("/var/lib/suishoupai-demo")


def server_account() -> Account | None:
    """The user for the servers: `nobody` for root, otherwise None, which means ourselves.

    A bare number would not do: initdb insists on a user that has a name.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise StartFailedError(
            "PostgreSQL refuses to run as root, and this machine has no user `nobody`: "
            "start this as an ordinary user"
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)


def reachable(path: Path, account: Account | None) -> bool:
    """Whether the account may enter (a folder) or execute (a file) `path`.

    Asked of the kernel, as that user, so that every parent folder and ACL counts.
    """
    if account is None:
        return os.access(path, os.X_OK)
    done = subprocess.run(
        ["/bin/sh", "-c", 'test -x "$0"', str(path)],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        check=False,
    )
    return done.returncode == 0


def make_folder(path: Path, mode: int, account: Account | None = None) -> Path:
    """Create the folder unless it exists; an existing one keeps its mode and owner."""
    if not path.exists():
        path.mkdir(parents=True)
        path.chmod(mode)  # whatever the umask
        if account:
            os.chown(path, account.uid, account.gid)
    owner = account.uid if account else os.geteuid()
    if path.stat().st_uid != owner:
        raise StartFailedError(f"{path} does not belong to uid {owner}: set another DATA_DIR")
    return path


def choose_home(data_dir: Path, account: Account | None) -> Path:
    """The servers' folder: DATA_DIR/servers, as a resolved path.

    When root's data folder lies where `nobody` cannot go (below /root, say), `servers` becomes
    a link to a folder below /var/lib; permissions of parent folders are never changed.
    """
    home = data_dir / "servers"
    if home.is_symlink() and not home.exists():
        home.unlink()  # its target was removed by hand
    if not home.exists():
        make_folder(home, 0o711 if account else 0o700)
        if not reachable(home, account):
            home.rmdir()
            make_folder(FALLBACK, 0o711)
            target = Path(tempfile.mkdtemp(dir=FALLBACK))
            target.chmod(0o711)
            home.symlink_to(target)
            say(f"user nobody cannot enter {data_dir}: the servers keep their data in {target}")
    home = home.resolve()
    if not reachable(home, account):
        raise StartFailedError(
            f"{home} is closed to the servers' user `nobody`, as when another user made it: "
            "run this as that user, or set another DATA_DIR"
        )
    return home


def wheel_folder(package: str) -> Path:
    """The folder of an installed package, without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise StartFailedError(f"the package {package} is not installed: run `make install`")
    return Path(spec.submodule_search_locations[0])


def reachable_wheel(package: str, probe: str, home: Path, account: Account | None) -> Path:
    """The package's folder, or a copy of it in `home` if the account cannot execute `probe`
    (a path inside it) where it is. Libraries beside it (`package.libs`) come along."""
    source = wheel_folder(package)
    if reachable(source / probe, account):
        return source
    version = importlib.metadata.version(package)
    target = home / f"{package}-{version}"
    if not target.exists():
        partial = target.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        for folder in (source, source.with_name(f"{package}.libs")):
            if folder.exists():
                shutil.copytree(folder, partial / folder.name, symlinks=True)
        for path in (partial, *partial.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755)
        partial.rename(target)
    return target / package
