"""A Postgres server of the tests' own: loopback only,
in memory where there is room, gone afterwards."""
import contextlib
import datetime
import glob
import os
import pathlib
import pwd
import re
import select
import shutil
import signal
import subprocess
import tempfile
import uuid

import psycopg
from psycopg.rows import dict_row

from support.ports import free_port
from support.roles import ROLES
from support.secrets import DATABASE_PASSWORD
from support.waiting import at_once, eventually

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": 300,
    "shared_buffers": "64MB",
    "log_min_messages": "fatal",
    "max_wal_size": "256MB",
    "jit": "off",
}


def _binaries():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"), key=lambda path: int(path.split("/")[4]))
    return pathlib.Path(found[-1]).parent if found else pathlib.Path(shutil.which("postgres")).parent


def _roomy_folder():
    shm = pathlib.Path("/dev/shm")
    room = shutil.disk_usage(shm).free if os.access(shm, os.W_OK) else 0
    return shm if room > 2 << 30 else None


def _descendants(pid):
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(below for child in children for below in _descendants(int(child)))]


class Clock:
    """What one server takes for the time (libfaketime, preloaded into it alone).
    It runs on from what it was set to, and can be set while it runs."""

    def __init__(self, folder):
        self._file = folder / "clock"

    def set(self, time):
        """`time` with a zone. All processes of the server see it at once."""
        ahead = time - datetime.datetime.now(datetime.timezone.utc)
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{ahead.total_seconds():+.6f}\n")
        fresh.rename(self._file)

    def environment(self):
        (library,) = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
        return {"LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(self._file), "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


class Cluster:
    """`with Cluster() as cluster:` a running server;
    stop, start, freeze and thaw are for tests of a database that goes away.

    A measurement has it elsewhere (`place`) and with further settings.
    With `time` its clock begins there, and `clock` sets it. It has the program's roles from its
    first start on, unless a test makes them itself. With `standby_of` it is a copy of that one, and
    follows it until it is promoted."""

    def __init__(self, place=None, time=None, roles=ROLES, standby_of=None, **settings):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="personaworlds-tests-", dir=place or _roomy_folder()))
        self.settings = SETTINGS | settings
        self.port = free_port()
        self.process = None
        self._missing_roles = [] if standby_of else roles
        self.clock = Clock(self.folder) if time else None
        if time:
            self.clock.set(time)
        self._owner = {}
        if os.geteuid() == 0:  # Postgres refuses to run as root
            account = pwd.getpwnam("postgres")
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self._owner = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        if standby_of:
            self._run("pg_basebackup", "-D", self.data, "-R", "-c", "fast", "-d", standby_of.url())
        else:
            self._run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")

    def _run(self, program, *arguments):
        subprocess.run([_binaries() / program, *arguments], check=True, capture_output=True, cwd=self.folder,
                       **self._owner)

    @property
    def data(self):
        return self.folder / "data"

    def url(self, name="postgres"):
        """With a password, which the server doesn't ask for: nobody may say it all the same."""
        return f"postgres://postgres:{DATABASE_PASSWORD}@127.0.0.1:{self.port}/{name}?sslmode=disable"

    def start(self):
        settings = [f"-c{name}={value}" for name, value in self.settings.items()]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [_binaries() / "postgres", "-D", self.data, "-k", self.folder, "-p", str(self.port), *settings],
                stdout=log, stderr=log, cwd=self.folder,
                env=os.environ | (self.clock.environment() if self.clock else {}), **self._owner)
        eventually(self.accepts, within=30)
        self._make_roles()

    def _make_roles(self):
        with psycopg.connect(self.url(), autocommit=True) as connection:
            for role in self._missing_roles:
                connection.execute(f"CREATE ROLE {role} LOGIN")
            if "personaworlds_ops" in self._missing_roles:
                connection.execute("GRANT pg_read_all_stats, pg_signal_backend TO personaworlds_ops")
            if "personaworlds_worker" in self._missing_roles:
                connection.execute("GRANT pg_read_all_stats TO personaworlds_worker")
        self._missing_roles = []

    def accepts(self):
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
            return True
        except psycopg.OperationalError:
            return False

    def stop(self, mode="fast"):
        if self.process and self.process.poll() is None:
            self.process.send_signal({"fast": signal.SIGINT, "immediate": signal.SIGQUIT}[mode])
            self.process.wait(30)

    def freeze(self):
        """Every process of the server stands still: connections stay open and nothing answers."""
        for pid in _descendants(self.process.pid):
            os.kill(pid, signal.SIGSTOP)

    def thaw(self):
        for pid in _descendants(self.process.pid):
            with contextlib.suppress(ProcessLookupError):  # who was told to end meanwhile does so at once
                os.kill(pid, signal.SIGCONT)

    def promote(self):
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute("SELECT pg_promote()")

    def create(self, template=None, encoding=None):
        name = f"t{uuid.uuid4().hex[:12]}"
        options = f" TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'" if encoding else (
            f" TEMPLATE {template}" if template else "")
        if template:
            Database(self, template).leave()
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}{options}")
        return Database(self, name)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)


# It leaves nothing behind in its session.
PLAIN_STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b[^;]*\Z")


class Database:
    """One database, and the look at its tables that a test wants beside the API's answers.

    From one plain statement to the next a connection is kept, as to make one takes longer than most
    of them do. Any other statement has one of its own, and so has what comes after it: a session
    doesn't hear of new settings of its database or role."""

    kept = {}  # by URL

    def __init__(self, cluster, name):
        self.cluster, self.name = cluster, name
        self.url = cluster.url(name)

    def among(self, *ports, host="127.0.0.1", wanted="&target_session_attrs=read-write"):
        """Its URL with several servers: this host's on these ports, its own where None stands."""
        list = ",".join(f"{host}:{port or self.cluster.port}" for port in ports)
        return self.url.replace(f"127.0.0.1:{self.cluster.port}", list) + wanted

    def connect(self, **options):
        return psycopg.connect(self.url, row_factory=dict_row, autocommit=True, **options)

    def leave(self):
        """Ends the connection that is kept: somebody wants the database for himself."""
        if connection := self.kept.pop(self.url, None):
            connection.close()

    def _kept(self):
        """None where the server has said something meanwhile, as that it ends."""
        connection = self.kept.pop(self.url, None)
        if not connection:
            return None
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN)
        if not poll.poll(0):
            return connection
        connection.close()
        return None

    def rows(self, sql, *parameters):
        is_plain = PLAIN_STATEMENT.match(sql)
        if not is_plain:
            self.leave()
        # A prepared statement would fail once its table has changed.
        connection = self._kept() or self.connect(prepare_threshold=None)
        with contextlib.ExitStack() as end:
            end.callback(connection.close)
            cursor = connection.execute(sql, parameters or None)
            found = cursor.fetchall() if cursor.description else []
            if is_plain and self.kept.setdefault(self.url, connection) is connection:
                end.pop_all()
        return found

    def row(self, sql, *parameters):
        found = self.rows(sql, *parameters)
        assert len(found) == 1, f"{len(found)} rows for {sql}"
        return found[0]

    def value(self, sql, *parameters):
        return next(iter(self.row(sql, *parameters).values()))

    def execute(self, sql, *parameters):
        self.rows(sql, *parameters)

    def count(self, table, **columns):
        where = " AND ".join(f"{name} = %s" for name in columns) or "true"
        return self.value(f"SELECT count(*) FROM {table} WHERE {where}", *columns.values())

    def crowd(self, table, id, n, act):
        """n calls of `act` that meet at one row: it is held until some of them wait for it,
        so that they go on at the same moment."""
        with self.connect() as holder:
            holder.autocommit = False
            holder.execute(f"SELECT FROM {table} WHERE id = %s FOR UPDATE", [id])

            def let_go():
                eventually(lambda: self.waiting_for_locks() > 1)
                holder.rollback()

            return at_once(let_go, *[act] * n)[1:]

    def waiting_for_locks(self):
        return self.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                          "AND wait_event_type = 'Lock'")

    def drop(self):
        self.leave()
        with psycopg.connect(self.cluster.url(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
