"""Where everything of a stack is: its folder, ports, passwords, and what finds it again."""
import json
import os
import pathlib
import random
import secrets
import shutil
import socket
import subprocess
import tempfile

from processes import kill_all, started_at, state, stray_postgres, unprivileged

PORTS = [*(f"{kind}{number}" for kind in ("etcd", "etcd_peer", "pg", "patroni", "sentinel") for number in (1, 2, 3)),
         "redis1", "redis2", "primary", "replicas", "redis", "pgbouncer", "clients", "api1", "api2",
         "worker1", "worker2", "worker3"]
PASSWORDS = ["superuser", "replication", "rewind", "restapi", "owner", "api", "worker", "ops", "jwt"]


def default_folder():
    return pathlib.Path(tempfile.gettempdir()) / f"personaworlds-stack-{os.getuid()}"


def free_ports(names):
    """Of loopback, below those that the kernel gives to whoever connects."""
    ports, sockets = {}, []
    candidates = iter(random.sample(range(12000, 32000), 2000))
    for name in names:
        for port in candidates:
            probe = socket.socket()
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                probe.close()
                continue
            sockets.append(probe)
            ports[name] = port
            break
    for probe in sockets:
        probe.close()
    return ports


class Layout:
    """A stack's folder. What was chosen once stays: etcd and Postgres remember their ports."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()
        self.state_file = self.folder / "stack.json"

    # ---- whoever starts the stack ----

    def prepare(self, keep):
        """Takes the folder, and clears up what an earlier stack that was killed has left in it."""
        self._make()
        if self.folder.stat().st_uid != os.geteuid():
            raise SystemExit(f"script/stack: {self.folder} is somebody else's: choose another by --folder")
        if self.running():
            raise SystemExit(f"script/stack: one runs in {self.folder} already (pid {self.read()['pid']}): "
                             "choose another by --folder")
        if not self.state_file.exists() and any(self.folder.iterdir()) and not (self.folder / "chosen.json").exists():
            raise SystemExit(f"script/stack: {self.folder} has something else in it: choose another by --folder")
        kill_all(lambda: stray_postgres(self.folder))
        self.state_file.unlink(missing_ok=True)
        if not keep:
            shutil.rmtree(self.folder)
            self._make()
        self._check_reach()
        self._choose()

    def _make(self):
        """Others may pass through it, as the engines are another user's, and look at nothing."""
        try:
            self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        except OSError as failed:
            raise SystemExit(f"script/stack: can't make {self.folder}: {failed.strerror}") from None

    def _check_reach(self):
        owner = unprivileged()
        if owner and subprocess.run(["setpriv", f"--reuid={owner[0]}", f"--regid={owner[1]}", "--clear-groups",
                                     "test", "-x", self.folder]).returncode:
            raise SystemExit(f"script/stack: the user who runs Postgres can't reach {self.folder}: "
                             "choose another by --folder")

    def _choose(self):
        chosen = self.folder / "chosen.json"
        if not chosen.exists():
            write_private(chosen, {"ports": free_ports(PORTS),
                                   "passwords": {name: secrets.token_hex(16) for name in PASSWORDS}})
        self.recall()

    def recall(self):
        read = json.loads((self.folder / "chosen.json").read_text())
        self.ports, self.passwords = read["ports"], read["passwords"]

    def place(self, *names, of_engine=True):
        """A folder in the stack's, of whoever runs the part."""
        path = self.folder.joinpath(*names)
        path.mkdir(mode=0o700, exist_ok=True)
        owner = unprivileged() if of_engine else None
        if owner:
            os.chown(path, *owner)
        return path

    def file(self, path, text):
        """A part's file, which it alone reads."""
        path.write_text(text)
        path.chmod(0o600)
        owner = unprivileged()
        if owner:
            os.chown(path, *owner)
        return path

    def write(self, description):
        write_private(self.state_file, {"pid": os.getpid(), "started_at": started_at(os.getpid())} | description)

    def forget(self, keep):
        self.state_file.unlink(missing_ok=True)
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    # ---- whoever looks for it ----

    def read(self):
        try:
            return json.loads(self.state_file.read_text())
        except (OSError, ValueError):
            return None

    def parts(self):
        """The names of all, whether they run or not."""
        return sorted(path.stem for path in (self.folder / "log").glob("*.log"))

    def running(self):
        """What a stack that runs here says of itself; None where none does."""
        found = self.read()
        alive = found and state(found["pid"]) and started_at(found["pid"]) == found["started_at"]
        return found if alive else None


def write_private(path, content):
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file, indent=1)
    fresh.rename(path)
