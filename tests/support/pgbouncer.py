"""A PgBouncer of the tests' own before a cluster, in transaction mode,
as plain as an operator would write it; gone afterwards."""
import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile

import psycopg

from support.ports import free_port
from support.roles import ROLES, as_role
from support.secrets import DATABASE_PASSWORD
from support.waiting import eventually

CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={postgres}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 300
server_login_retry = 1
"""


class PgBouncer:
    """`with PgBouncer(cluster) as pooler:` `size` server connections a database,
    shared by all its clients."""

    def __init__(self, cluster, size=4):
        self.cluster, self.size, self.port, self.process = cluster, size, free_port(), None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="personaworlds-tests-"))
        self._owner = {}
        if os.geteuid() == 0:  # it refuses to run as root
            account = pwd.getpwnam("postgres")
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self._owner = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        (self.folder / "users").write_text("".join(f'"{user}" ""\n' for user in ("postgres", *ROLES)))
        (self.folder / "ini").write_text(CONFIGURATION.format(postgres=cluster.port, port=self.port, folder=self.folder,
                                                              size=size))

    def url(self, name="postgres", port=None):
        return f"postgres://postgres:{DATABASE_PASSWORD}@127.0.0.1:{port or self.port}/{name}?sslmode=disable"

    def connect(self, name, role="api"):
        """A client like any other of this role: what it sees in its session is what others left
        behind."""
        url = as_role(self.url(name), role)
        return psycopg.connect(url, autocommit=True, prepare_threshold=None, connect_timeout=2)

    def on_each_server(self, name, sql, role="api"):
        """The first row of `sql` on every server connection:
        what earlier clients left there shows."""
        with contextlib.ExitStack() as held:
            rows = []
            for _ in range(self.size):
                client = held.enter_context(self.connect(name, role))
                held.enter_context(client.transaction())
                rows.append(client.execute(sql).fetchone())
            return rows

    def start(self):
        program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
        assert os.access(program, os.X_OK), "no pgbouncer: run script/bootstrap --tests"
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([program, self.folder / "ini"], stdout=log, stderr=log, cwd=self.folder,
                                            **self._owner)
        eventually(self.accepts, within=10)
        return self

    def accepts(self):
        try:
            self.connect("postgres").close()
            return True
        except psycopg.OperationalError:
            return False

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
