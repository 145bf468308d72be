"""What `make run` promises about processes, shown with small stand-ins on real servers."""

import json
import os
import shlex
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from tests.deploy.running_service import SERVERLESS, Service


def outcome(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a supervisor that ends by itself."""
    output, errors = process.communicate(timeout=60)
    return process.returncode, output, errors


def test_termination_leaves_no_process(service: Service) -> None:
    supervisor = service.start()
    pids = service.pids()
    assert len(pids) == 4
    assert all(service.running(pid) for pid in pids)
    supervisor.send_signal(signal.SIGTERM)
    code, rest, _ = outcome(supervisor)
    assert (code, rest) == (0, "")  # the one line of standard output was read before
    assert service.all_gone(pids)


def test_how_to_reach_the_service_is_there_for_its_owner_while_it_runs(service: Service) -> None:
    supervisor = service.start()
    path = service.data_dir / "environment"
    assert path.stat().st_mode & 0o777 == 0o600
    assert "\nDATABASE_URL=postgresql://" in f"\n{path.read_text()}"
    supervisor.send_signal(signal.SIGTERM)
    assert outcome(supervisor)[0] == 0
    assert not path.exists()


def test_nothing_outlives_a_killed_supervisor_and_its_next_start_and_data_stay(
    service: Service,
) -> None:
    supervisor = service.start(FAKE_GRANDCHILD="1")
    assert (service.data_dir / "starts").read_text() == "1"
    pids, deaf = service.pids(), service.pid("grandchild")
    supervisor.kill()
    supervisor.communicate(timeout=10)
    assert service.eventually(lambda: service.all_gone(pids - {deaf}))
    assert service.running(deaf)  # it takes no SIGTERM, and the kernel tells children only
    service.start()
    assert not service.running(deaf)
    assert (service.data_dir / "starts").read_text() == "2"


def test_a_second_supervisor_on_the_same_data_is_refused(service: Service) -> None:
    first = service.start(**SERVERLESS)
    code, output, errors = outcome(service.launch(PORT="1"))
    assert (code, output) == (1, "")
    assert f"another `make run` (process {first.pid}) uses {service.data_dir}" in errors
    assert service.answers()


def test_a_taken_port_is_named_before_anything_starts(service: Service) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", service.port))
        holder.listen()
        code, output, errors = outcome(service.launch())
    assert (code, output) == (1, "")
    assert f"port {service.port} on 127.0.0.1 cannot be used" in errors
    assert not (service.data_dir / "servers" / "postgres").exists()


def start_again(service: Service, name: str) -> None:
    """Kill the process and wait until another one took its place."""
    before = service.pid(name)
    os.kill(before, signal.SIGKILL)

    def replaced() -> bool:
        now = service.pid(name)
        return now not in {0, before} and service.running(now)

    assert service.eventually(replaced)


def test_a_killed_process_is_started_again_without_what_it_had_started(service: Service) -> None:
    supervisor = service.start(FAKE_GRANDCHILD="1", **SERVERLESS)
    deaf = service.pid("grandchild")
    start_again(service, "relay")
    assert not service.running(deaf)
    supervisor.send_signal(signal.SIGTERM)
    assert "relay ended with code -9, restarting" in outcome(supervisor)[2]


def test_a_killed_postgres_is_started_again_and_the_rest_stays(service: Service) -> None:
    supervisor = service.start()
    others = service.pids() - {service.pid("postgres")}
    start_again(service, "postgres")
    assert all(service.running(pid) for pid in others)
    supervisor.send_signal(signal.SIGTERM)
    assert "postgres ended with code -9, restarting" in outcome(supervisor)[2]


def test_a_failing_preparation_ends_the_start_and_shows_its_log(service: Service) -> None:
    code, output, errors = outcome(service.launch(FAKE_PREPARE="fail"))
    assert (code, output) == (1, "")
    assert "the preparing step went wrong" in errors
    assert service.pid("postgres") == 0  # its pid file goes with it
    assert service.all_gone(service.pids())


def test_servers_given_by_url_are_not_started(service: Service) -> None:
    service.start(**SERVERLESS)
    assert list((service.data_dir / "servers").iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_to_make_alone_stops_everything(service: Service, number: signal.Signals) -> None:
    makefile = Path(service.data_dir, "Makefile")
    makefile.write_text(f"run:\n\t@exec {shlex.join(service.command)}\n")
    make = service.start("make", "-f", str(makefile), "run", **SERVERLESS)
    pids = service.pids()
    make.send_signal(number)
    make.communicate(timeout=60)
    assert make.returncode == -number
    assert service.eventually(lambda: service.all_gone(pids))


def test_passwords_are_for_the_owner_of_the_data_only(service: Service) -> None:
    service.start()
    passwords = service.data_dir / "servers" / "postgres-passwords.json"
    assert passwords.stat().st_mode & 0o777 == 0o600
    assert set(json.loads(passwords.read_text())) >= {"suishoupai_owner", "suishoupai_app"}


def test_a_port_that_is_no_port_is_refused(service: Service) -> None:
    code, _, errors = outcome(service.launch(PORT="80O0"))
    assert code == 1
    assert "PORT must be a number" in errors
