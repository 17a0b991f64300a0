"""An HAProxy of the tests' own, with the configuration that is shipped; gone afterwards."""
import csv
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

from support.ports import free_port
from support.program import CHECKOUT
from support.waiting import eventually

CONFIGURATION = CHECKOUT / "deploy" / "ha" / "haproxy.cfg"


class HAProxy:
    """`with HAProxy(one, other, HAPROXY_CHECK_EVERY="100ms") as balancer:`"""

    def __init__(self, *apis, **settings):
        self.port, self.process, self.folder = free_port(), None, None
        self.names = [f"api{i + 1}" for i in range(len(apis))]
        places = {f"API_{i + 1}": f"127.0.0.1:{api.port}" for i, api in enumerate(apis)}
        self.environment = {"HAPROXY_BIND": f"127.0.0.1:{self.port}"} | places | settings

    def start(self):
        program = shutil.which("haproxy") or "/usr/sbin/haproxy"
        assert os.access(program, os.X_OK), "no haproxy: run script/bootstrap --tests"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="personaworlds-tests-"))
        own = self.folder / "stats.cfg"
        own.write_text(f"global\n    stats socket {self.folder}/stats level user\n")
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen([program, "-db", "-f", CONFIGURATION, "-f", own], env=self.environment,
                                            stdout=log, stderr=log)
        eventually(lambda: all(self.is_up(name) for name in self.names), within=20)
        return self

    def states(self):
        """Of each API: UP, DOWN, or on its way there, like "UP 1/2"."""
        try:
            with socket.socket(socket.AF_UNIX) as stats:
                stats.settimeout(5)
                stats.connect(str(self.folder / "stats"))
                stats.sendall(b"show stat\n")
                table = b"".join(iter(lambda: stats.recv(65536), b"")).decode().removeprefix("# ")
        except OSError:
            return {}
        return {row["svname"]: row["status"] for row in csv.DictReader(table.splitlines())
                if row["svname"] in self.names}

    def is_up(self, name):
        return self.states().get(name) == "UP"

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
