"""The real program: found, started, watched and stopped."""
import atexit
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

import httpx

from support import recorder, secrets
from support.ports import free_port
from support.roles import settings_of
from support.waiting import eventually

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
MIGRATIONS = sorted(path.name for path in (CHECKOUT / "backend" / "migrations").glob("*.sql"))
JWT_SECRET = "a-secret-of-the-tests-0123456789abcdef"
LIMITED = ["PUBLIC_READ", "PUBLIC_WRITE", "EVENTS", "AUTH", "LOGIN_FAILURE", "STREAM_OPEN", "BATTLE_CREATE",
           "TEMPLATE_CREATE", "PERSONA_WRITE", "REPLY_REQUEST", "SUMMARY", "SUMMARY_ALL", "LLM", "ACCOUNT",
           "EXPORT", "FORGOT", "VERIFICATION", "SEARCH"]
NO_CAPS = {"MAX_DRAFT_QUOTA": 10000, "MAX_REPLY_QUOTA": 10000, "MAX_PERSONAS": 1000000,
           "USER_DAILY_MODEL_CALLS": 1000000000}
# every test comes from one address
# a stream ends by itself, for tests that read whole answers of every route
# no balancer asks, and services are stopped a thousand times
NO_LIMITS = {f"RATE_LIMIT_{name}": "1000000/1m" for name in LIMITED} | NO_CAPS | {
    "STREAM_LIFE": "300ms", "API_STOP_DELAY": "50ms"}
SERVICES = ("api", "worker", "up")
SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:exitcode=99:abort_on_error=0",
    "LSAN_OPTIONS": f"suppressions={CHECKOUT}/tests/lsan.supp:print_suppressions=0",
    "TSAN_OPTIONS": f"suppressions={CHECKOUT}/tests/tsan.supp",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
}
VALGRIND = ["valgrind", "-q", "--leak-check=full", "--errors-for-leak-kinds=definite", "--error-exitcode=99",
            "--trace-children=yes",
            f"--suppressions={CHECKOUT}/tests/valgrind.supp"]
SLOWER = 10 if os.environ.get("PERSONAWORLDS_VALGRIND") == "1" else 1
STATE = tempfile.mkdtemp(prefix="personaworlds-state-")
atexit.register(shutil.rmtree, STATE, ignore_errors=True)
REPORT = re.compile(r"Sanitizer|runtime error:|^==\d+==", re.MULTILINE)


def binary():
    named = os.environ.get("PERSONAWORLDS_BINARY")
    places = [pathlib.Path(named).resolve()] if named else [CHECKOUT / build / "personaworlds"
                                                            for build in ("build-asan", "build")]
    for place in places:
        if place.exists():
            return place
    raise FileNotFoundError(f"no program at {' or '.join(map(str, places))}: run script/build, or set "
                            "PERSONAWORLDS_BINARY")


def release_binary():
    """The optimised build, for what sanitizers would slow down; None where none is named."""
    named = os.environ.get("PERSONAWORLDS_RELEASE_BINARY")
    return pathlib.Path(named).resolve() if named else None


def environment(**settings):
    """The environment of a process: what the system needs, and these settings;
    nothing from the developer's shell."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "USER") if name in os.environ}
    kept["XDG_STATE_HOME"] = STATE  # what commands keep while a database is away
    return kept | SANITIZERS | {name: str(value) for name, value in settings.items() if value is not None}


def run(*arguments, within=60, program=None, cwd=None, **settings):
    """A command that ends by itself: its exit code, stdout and stderr.
    A service gets ports that nobody else has."""
    if arguments[0] in SERVICES:
        settings = {"PORT": free_port(), "WORKER_OBSERVABILITY_PORT": free_port()} | settings
    settings = settings_of(arguments[0], settings)
    done = subprocess.run([program or binary(), *arguments], env=environment(**settings), cwd=cwd, capture_output=True,
                          text=True, timeout=within)
    assert not REPORT.search(done.stderr), done.stderr
    secrets.search((done.stdout + done.stderr).encode(), settings, f"personaworlds {' '.join(map(str, arguments))}")
    return done


def migrate(database, *flags, **settings):
    return run("migrate", *flags, DATABASE_URL=database.url, **settings)


def prepared(cluster, **options):
    """A new database of a server, as a service finds it: migrated and seeded."""
    database = cluster.create()
    for command in ("migrate", "seed"):
        done = run(command, DATABASE_URL=database.url, **options)
        assert done.returncode == 0, done.stdout + done.stderr
    return database


class Log:
    """The JSON lines of a process as they come."""

    def __init__(self, stream):
        self.lines, self.stray = [], []
        self._raw = []
        self._expected, self._checked = [], 0
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream):
        with stream:
            for raw in stream:
                self._raw.append(raw)
                try:
                    self.lines.append(json.loads(raw))
                except ValueError:
                    self.stray.append(raw)

    def end(self):
        self._thread.join(10)

    def find(self, msg, **fields):
        return [line for line in self.lines if line.get("msg") == msg and fields.items() <= line.items()]

    def wait_for(self, msg, within=10, count=1, **fields):
        """The first line with this message and these fields; with `count`, the list of so many."""
        found = eventually(lambda: (lines := self.find(msg, **fields)) and len(lines) >= count and lines, within)
        return found[0] if count == 1 else found

    def expect_errors(self, *messages):
        """Error lines with these messages are part of what this test does."""
        self._expected += messages

    def unexpected_errors(self):
        """Those since the last look."""
        fresh, self._checked = self.lines[self._checked:], len(self.lines)
        return [line for line in fresh if line.get("level") == "error" and line.get("msg") not in self._expected]

    def unsearched(self):
        """What was said since the last look, as it came."""
        fresh, self._raw = self._raw, []
        return b"".join(fresh)

    def next_test(self):
        self._expected = []

    def forget(self):
        """Lets go of the lines so far, for what runs long and looks at none; errors stay."""
        gone = len(self.lines)
        self.lines[:gone] = [line for line in self.lines[:gone] if line.get("level") == "error"]
        self._checked = 0


class Service:
    """`api` or `worker` as a process of its own on a free port, with its log."""

    subcommand = port_setting = None
    under = VALGRIND if SLOWER > 1 else []  # what the program runs under
    alive = []

    def __init__(self, database_url, *, program=None, read_log=True, **settings):
        self.port = int(settings.pop(self.port_setting, 0)) or free_port()
        self.settings = {"JWT_SECRET": JWT_SECRET, "API_THREADS": 2, self.port_setting: self.port} | NO_LIMITS
        self.settings |= settings_of(self.subcommand, {"DATABASE_URL": database_url} | settings)
        self.program = program or binary()
        self._read_log = read_log
        self.log = None

    def launch(self):
        """Starts the process; doesn't wait until it is ready."""
        self._stderr = tempfile.TemporaryFile("w+", errors="replace")
        self.process = subprocess.Popen([*self.under, self.program, self.subcommand], env=environment(**self.settings),
                                        stdout=subprocess.PIPE, stderr=self._stderr, start_new_session=True)
        self.log = Log(self.process.stdout) if self._read_log else None
        hooks = {"response": [recorder.note] if self.subcommand == "api" else []}
        self._shown = b""
        # Nothing is encrypted here, and to read all authorities' certificates takes 30 ms.
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30, trust_env=False,
                                   verify=False, event_hooks=hooks,
                                   limits=httpx.Limits(max_connections=None, max_keepalive_connections=100))
        Service.alive.append(self)
        return self

    def start(self):
        self.launch()
        try:
            eventually(self.is_ready, within=15 * SLOWER)
        except AssertionError:
            self.kill()
            raise
        return self

    def is_ready(self):
        assert self.process.poll() is None, f"{self.subcommand} ended with {self.process.returncode}\n{self.story()}"
        try:
            return self.client.get("/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def readiness(self):
        answer = self.client.get("/readyz")
        return answer.status_code, answer.json()

    def metrics(self):
        return self.client.get("/metrics").text

    def expect_errors(self, *messages):
        self.log.expect_errors(*messages)

    def heard(self):
        """Returns when every line that was logged so far has been read:
        a request's own line comes after all before it."""
        mark = f"heard-{time.monotonic_ns()}"
        try:
            self.client.get("/heard", headers={"X-Request-Id": mark}, timeout=5)
        except httpx.TransportError:
            return
        eventually(lambda: self.log.find("http_request", request_id=mark), within=5)

    def check(self):
        """Nothing at error level was logged that no test announced, and no sanitizer complained."""
        if self.log:
            if self.process.poll() is None and self.subcommand == "api":
                self.heard()
            bad = self.log.unexpected_errors()
            self.log.next_test()
            assert not self.log.stray, f"not JSON, in the log of {self.subcommand}: {self.log.stray[:5]}"
            assert not bad, f"unexpected errors in the log of {self.subcommand}: {json.dumps(bad, indent=1)}"
        assert not REPORT.search(self.stderr()), self.stderr()
        self.search_for_secrets()

    def search_for_secrets(self):
        """In the log since the last search, in what went to stderr,
        and in the metrics as last shown."""
        said = (self.log.unsearched() if self.log else b"") + self.stderr().encode() + self._shown
        secrets.search(said, self.settings, f"{self.subcommand} on {self.port}")

    def stderr(self):
        if not self._stderr.closed:
            self._stderr.seek(0)
            self._said = self._stderr.read()
        return self._said

    def story(self):
        """The last of what the process said, for the report of a failed test."""
        lines = [json.dumps(line, ensure_ascii=False)
                 for line in self.log.lines[-60:]] + self.log.stray[-20:] if self.log else []
        return "\n".join(map(str, [f"--- {self.subcommand} on {self.port}", *lines, self.stderr()[-6000:]]))

    def interrupt(self, signum=signal.SIGTERM):
        self.process.send_signal(signum)

    def stop(self):
        """SIGTERM, and a clean end: exit 0, no leak, no complaint."""
        if self not in Service.alive:
            return
        if self.process.poll() is None:
            self._last_metrics()
            self.interrupt()
        self.wait_for_end()

    def _last_metrics(self):
        with contextlib.suppress(httpx.TransportError):
            self._shown = self.client.get("/metrics", timeout=2).content

    def wait_for_end(self, within=40 * SLOWER, code=0):
        try:
            self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.subcommand} did not end\n{self.story()}") from None
        self._forget()
        self.check()
        assert (self.process.returncode
                == code), f"{self.subcommand} ended with {self.process.returncode}\n{self.story()}"

    def kill(self):
        """SIGKILL: as if the machine had lost power."""
        self.process.kill()
        self.process.wait()
        self._forget()
        self.search_for_secrets()

    def _forget(self):
        if self in Service.alive:
            Service.alive.remove(self)
        if self.log:
            self.log.end()
        else:
            self.process.stdout.close()
        self.stderr()
        self._stderr.close()
        self.client.close()

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        if self not in Service.alive:
            return
        if kind:
            self.kill()
        else:
            self.stop()


class Api(Service):
    subcommand, port_setting = "api", "PORT"


class Worker(Service):
    subcommand, port_setting = "worker", "WORKER_OBSERVABILITY_PORT"
