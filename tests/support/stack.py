"""The stack of script/stack, for tests: several machines on this one, and what may happen to them."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

import httpx
import psycopg
from psycopg.rows import dict_row

from support.program import CHECKOUT, NO_LIMITS, binary, release_binary
from support.waiting import eventually

PROGRAM = CHECKOUT / "deploy/ha/stack"


class Stack:
    """`with Stack("--fast") as stack:` ready, in a folder of its own that is gone afterwards.
    Settings go to the services. `client` is one of the balancer before both APIs."""

    def __init__(self, *options, **settings):
        self.options, self.client, self.output = options, None, None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="personaworlds-tests-"))
        self.folder.chmod(0o711)  # who runs the engines must get in
        self.place = self.folder / "stack"
        self.environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment |= {"PERSONAWORLDS_BINARY": str(release_binary() or binary())}
        self.environment |= {name: str(value) for name, value in (NO_LIMITS | settings).items()}

    # ---- from its first process to its last ----

    def launch(self):
        self._close()
        self.output = open(self.folder / "output", "w+")
        self.process = subprocess.Popen([sys.executable, "-B", PROGRAM, "up", "--folder", self.place, *self.options],
                                        env=self.environment, stdout=self.output, stderr=self.output,
                                        start_new_session=True)
        return self

    def is_ready(self):
        assert self.process.poll() is None, f"script/stack ended with {self.process.returncode}\n{self.said()}"
        said = self.read("stack.json") or {}
        return said.get("ready") and said["pid"] == self.process.pid

    def start(self, within=120):
        self.launch()
        try:
            eventually(self.is_ready, within=within, pause=0.05)
        except BaseException:  # Ctrl-C, too: nothing stays
            print(self.said())
            self._end()
            raise
        self.chosen = self.read("chosen.json")
        self.port = self.chosen["ports"]["clients"]
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30, trust_env=False)
        return self

    def stop(self, number=signal.SIGTERM, within=60):
        self.process.send_signal(number)
        self.process.wait(within)
        return self.process.returncode

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self._end()

    def _end(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)
        self._close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _close(self):
        """What an earlier start has left open."""
        for open_one in (self.client, self.output):
            if open_one:
                open_one.close()
        self.client = self.output = None

    # ---- what it says ----

    def read(self, name):
        try:
            return json.loads((self.place / name).read_text())
        except (OSError, ValueError):
            return None

    def said(self):
        self.output.flush()
        self.output.seek(0)
        return self.output.read()

    def log_of(self, part):
        return (self.place / "log" / f"{part}.log").read_text(errors="replace")

    def ask(self, *words):
        """A further script/stack, about this one."""
        return subprocess.run([sys.executable, "-B", PROGRAM, *words, "--folder", self.place], env=self.environment,
                              capture_output=True, text=True, timeout=60)

    def command(self, *words):
        done = self.ask(*words)
        assert done.returncode == 0, done
        return done.stdout

    def at(self, part):
        return f"http://127.0.0.1:{self.chosen['ports'][part]}"

    def processes(self):
        """Whatever works in its folder, by whoever it was started."""
        found = {}
        for place in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if (place / "cwd").resolve().is_relative_to(self.place.resolve()):
                    found[int(place.name)] = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        return found

    # ---- its engines ----

    def members(self):
        """Of Postgres, as Patroni knows them, by name."""
        for n in (1, 2, 3):
            try:
                answer = httpx.get(f"{self.at(f'patroni{n}')}/cluster", timeout=2, trust_env=False)
                return {member["name"]: member for member in answer.json()["members"]}
            except httpx.TransportError:
                continue
        return {}

    def is_whole(self):
        """Every part runs, and the primary has two standbys, one of which commits wait for."""
        members = self.members()
        assert sorted(member["role"] for member in members.values()) == ["leader", "replica", "sync_standby"], members
        assert all(member["state"] in ("running", "streaming") for member in members.values()), members
        running = self.read("stack.json")["parts"]
        gone = [name for name in self.parts() if name not in running]
        assert not gone, gone
        for name in ("api1", "api2", "worker1", "worker2", "worker3", "clients"):
            assert httpx.get(f"{self.at(name)}/readyz", timeout=2, trust_env=False).status_code == 200, name
        return True

    def parts(self):
        return sorted(path.stem for path in (self.place / "log").glob("*.log"))

    def url(self, port="primary"):
        password = self.chosen["passwords"]["superuser"]
        return f"postgres://postgres:{password}@127.0.0.1:{self.chosen['ports'][port]}/personaworlds"

    def rows(self, sql, *parameters, port="primary"):
        with psycopg.connect(self.url(port), row_factory=dict_row, autocommit=True, connect_timeout=5) as connection:
            return connection.execute(sql, parameters or None).fetchall()
