"""A supervisor over tiny stand-ins for the service's processes; run by the tests as a script.

Each stand-in writes its pid to DATA_DIR/pids/NAME. FAKE_GRANDCHILD lets `relay` start one in a
session of its own that takes no SIGTERM; FAKE_PREPARE=fail lets the preparing step fail, and
`skip` keeps it from the database.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from deploy.child import StartFailedError, say
from deploy.processes import Command, Processes, RunSettings
from deploy.supervisor import Supervisor

NOTE = """
import os, pathlib, subprocess, sys, time
def note(name, pid):
    folder = pathlib.Path(os.environ["DATA_DIR"]) / "pids"
    folder.mkdir(exist_ok=True)
    (folder / (name + ".new")).write_text(str(pid))
    (folder / (name + ".new")).rename(folder / name)
"""
SERVE = """
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *args):
        pass
server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
note(sys.argv[2], os.getpid())
server.serve_forever()
"""
PREPARE = """
if os.environ.get("FAKE_PREPARE") == "fail":
    sys.exit("the preparing step went wrong")
if os.environ.get("FAKE_PREPARE") != "skip":
    import psycopg
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as db:
        db.execute("CREATE TABLE IF NOT EXISTS start (at timestamptz DEFAULT now())")
        db.execute("INSERT INTO start DEFAULT VALUES")
        count = db.execute("SELECT count(*) FROM start").fetchone()[0]
    (pathlib.Path(os.environ["DATA_DIR"]) / "starts").write_text(str(count))
"""
RELAY = """
stubborn = '''
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(120)
'''
if "FAKE_GRANDCHILD" in os.environ:
    child = subprocess.Popen(
        [sys.executable, "-c", stubborn], stdout=subprocess.PIPE, start_new_session=True
    )
    child.stdout.readline()
    note("grandchild", child.pid)
note("relay", os.getpid())
time.sleep(120)
"""


def script(code: str, *arguments: str) -> Command:
    return (sys.executable, "-c", NOTE + code, *arguments)


def table(port: int, standin_port: int) -> Processes:
    return Processes(
        standin=script(SERVE, str(standin_port), "standin"),
        prepare=script(PREPARE),
        lasting={"web": script(SERVE, str(port), "web"), "relay": script(RELAY)},
    )


if __name__ == "__main__":
    try:
        Supervisor(RunSettings.from_mapping(os.environ), os.environ, table).run()
    except StartFailedError as error:
        say(str(error))
        sys.exit(1)
