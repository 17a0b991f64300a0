"""A stack while it runs: from its first process to the last."""
import os
import signal
import subprocess
import time

from nodes import Nodes
from parts import DATABASE, Parts, postgres_programs, program
from processes import kill_all, memory, started_at, stray_postgres

READY_WITHIN = 120  # seconds; a busy machine takes longer than the 20 that two idle cores do
NODES = ("pg1", "pg2", "pg3")
SERVICES = ("api1", "api2", "worker1", "worker2", "worker3")


class Interrupted(Exception):
    """Somebody wants the stack to end."""


class Stack:
    def __init__(self, layout, way, is_strict, settings):
        self.layout, self.way, self.is_strict = layout, way, is_strict
        self.parts = Parts(layout, way, settings)
        self.began = time.monotonic()
        self.ready, self.trouble = False, ""

    def say(self, text):
        print(f"{time.monotonic() - self.began:6.1f} s  {text}", flush=True)

    # ---- up ----

    def start(self):
        self._launch("etcd1", "etcd2", "etcd3", "redis1", "redis2", "sentinel1", "sentinel2", "sentinel3",
                     "haproxy-data", "haproxy", "pgbouncer")
        self._until(lambda: self.look().etcd_leader(), "etcd: three, with a leader")
        self._launch(*NODES)
        self._until(lambda: self.look().named("leader"), "Postgres: a primary")
        self._set_strict()
        self._until(lambda: self.look().named("sync_standby"), "Postgres: a standby that every commit waits for")
        self._until(lambda: self._psql("SELECT 1").returncode == 0, "HAProxy: finds the primary")
        self._until(self._make_database, "the database: roles, migrations, first rows")
        self._launch(*SERVICES)
        self._until(lambda: all(self.look().is_ready(name) for name in (*SERVICES, "clients")),
                    "two APIs and three workers: ready")
        self.ready = True
        self._describe()

    def look(self):
        return Nodes(self.layout, {name: part.pid for name, part in self.parts.all.items()})

    def _launch(self, *names):
        for name in names:
            self.parts.all[name].start()
        self._describe()

    def _until(self, condition, what):
        end = time.monotonic() + READY_WITHIN
        while not condition():
            self._check_start()
            if time.monotonic() > end:
                raise SystemExit(f"script/stack: not within {READY_WITHIN} s: {what}; see {self.parts.logs}\n"
                                 f"{self.trouble}".rstrip())
            time.sleep(0.05)
        self.say(what)

    def _check_start(self):
        for name, part in self.parts.all.items():
            if part.has_ended():
                last = part.log.read_text(errors="replace").splitlines()[-5:]
                raise SystemExit("\n".join([f"script/stack: {name} ended with {part.running.returncode}:", *last]))

    def _set_strict(self):
        """As an operator would do it in a cluster that runs: the file has the strict mode."""
        status, said = self.look().ask_patroni("/config", {"synchronous_mode_strict": self.is_strict}, "PATCH")
        if status != 200:
            raise SystemExit(f"script/stack: Patroni doesn't take its settings: {status} {said}")

    def _psql(self, sql, database="postgres"):
        """As the superuser, through HAProxy."""
        return subprocess.run([f"{postgres_programs()}/psql", "-XAtqc", sql,
                               self.parts.url("superuser", "primary", database)],
                              env=os.environ | {"PGCONNECT_TIMEOUT": "2"}, capture_output=True, text=True)

    def _make_database(self):
        """Each step may be done again. It is where it failed: nodes that were all killed may choose
        another primary meanwhile."""
        if self._psql("SELECT 1", DATABASE).returncode and not self._is_done(self._psql(f"CREATE DATABASE {DATABASE}")):
            return False
        roles = ",".join(f"{role}:{self.layout.passwords[role]}" for role in ("owner", "api", "worker", "ops"))
        owner = {"DATABASE_OWNER_URL": self.parts.url("owner", "primary")}
        return (self._run("roles", "--apply", DATABASE_OWNER_URL=self.parts.url("superuser", "primary"),
                          DATABASE_ROLE_PASSWORDS=roles)
                and self._run("migrate", **owner) and self._run("seed", **owner))

    def _run(self, *command, **settings):
        return self._is_done(subprocess.run([program(), *command], env=self._bare() | settings, capture_output=True,
                                            text=True, cwd=self.layout.folder))

    def _is_done(self, command):
        self.trouble = (command.stderr or command.stdout).strip() if command.returncode else ""
        return not command.returncode

    @staticmethod
    def _bare():
        return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}

    # ---- what others find it by ----

    def _describe(self):
        self.layout.write({"ready": self.ready, "way": self.way, "strict": self.is_strict, "parts": {
            name: {"pid": part.pid, "started_at": started_at(part.pid)}
            for name, part in self.parts.all.items() if part.pid and not part.has_ended()}})

    def addresses(self):
        at, url = self.parts.at, self.parts.url
        return [("pages and API", f"http://{at('clients')}"),
                ("the APIs", ", ".join(f"http://{at(name)}" for name in ("api1", "api2"))),
                ("the workers", ", ".join(f"http://{at(f'worker{n}')}" for n in (1, 2, 3))),
                ("the primary, as ops", url("ops", "primary")),
                ("standbys, as ops", url("ops", "replicas")),
                ("Patroni", ", ".join(f"http://{at(f'patroni{n}')}/cluster" for n in (1, 2, 3))),
                ("Redis' master", f"redis://{at('redis')}"), ("logs", self.parts.logs)]

    def memory(self):
        look = self.look()
        return memory([pid for name in self.parts.all for pid in look.processes(name)])

    # ---- as long as it runs ----

    def watch(self):
        """Starts again what ended, after as long as a supervisor, or a machine, takes for it."""
        while True:
            for name, part in self.parts.all.items():
                if part.has_ended() and part.ended_at is None:
                    part.ended_at = time.monotonic()
                    self.say(f"{name} ended ({reason(part.running.returncode)}); "
                             f"it is started again in {part.back_after} s")
                    self._describe()
                elif part.ended_at is not None and time.monotonic() - part.ended_at >= part.back_after:
                    part.start()
                    self.say(f"{name} is started again")
                    self._describe()
            time.sleep(0.1)

    def stop(self, keep):
        """The services end their work; the engines keep their data where they are kept."""
        parts = self.parts.all
        for names in [list(SERVICES), *(self._standbys_first() if keep else [])]:
            for number in (signal.SIGCONT, signal.SIGTERM):
                for name in names:
                    parts[name].signal(number)
            end = time.monotonic() + 20
            for name in names:
                parts[name].wait(end - time.monotonic())
        for name in parts:
            parts[name].signal(signal.SIGTERM if keep else signal.SIGKILL)
        for name in parts:
            parts[name].wait(5)
        kill_all(lambda: stray_postgres(self.layout.folder))

    def _standbys_first(self):
        """So that none of them takes over meanwhile."""
        leader = self.look().named("leader")
        return [[name for name in NODES if name != leader], [leader] if leader else []]


def reason(code):
    return signal.Signals(-code).name if code < 0 else f"exit {code}"


def on_interrupt(handler):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def interrupt(*_):
    on_interrupt(signal.SIG_IGN)  # once is enough
    raise Interrupted


def run(layout, way, is_strict, keep, settings):
    """In the foreground, until somebody ends it."""
    layout.prepare(keep)
    stack = Stack(layout, way, is_strict, settings)
    on_interrupt(interrupt)
    try:
        stack.start()
        stack.say(f"ready; {stack.memory() >> 20} MiB in all")
        for name, address in stack.addresses():
            print(f"  {name:20} {address}")
        print("Ctrl-C ends all of it. script/stack --help says how to break it.", flush=True)
        stack.watch()
    except Interrupted:
        stack.say("ending")
    finally:
        on_interrupt(signal.SIG_IGN)
        stack.stop(keep)
        layout.forget(keep)
