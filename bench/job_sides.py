"""The two sides of the queue's measurements,
each on a database of its own in one server, and that server.

Both sides speak one language: fill(n), wake(), left(), cpu_seconds(). `Ours` is the release
binary's worker with its log in a file, as under a supervisor; `Peer` is graphile-worker in
jobs_peer.mjs, silent.
"""
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

CHECKOUT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT / "tests"))

import httpx  # noqa: E402
from support.ports import free_port  # noqa: E402
from support.postgres import Cluster  # noqa: E402
from support.program import JWT_SECRET, environment, run  # noqa: E402
from support.waiting import eventually  # noqa: E402

PROGRAM = CHECKOUT / "build" / "personaworlds"
TEXT = "A sentence as people write it, neither long nor short, with one opinion and one question in it. Is that so?"
TICK = 1 / os.sysconf("SC_CLK_TCK")
# Every commit waits for the disk, as in production.
SERVER_SETTINGS = {"fsync": "on", "synchronous_commit": "on", "shared_buffers": "512MB", "max_wal_size": "4GB",
                   "autovacuum_naptime": "5s", "log_line_prefix": "%d [%p] ",
                   "shared_preload_libraries": "pg_stat_statements"}


def show_progress(text):
    if sys.stderr.isatty():
        print(f"\r{text:78}", end="" if text else "\r", file=sys.stderr, flush=True)


def proc_cpu_seconds(pid, with_children=False):
    """Time on a processor so far; `with_children`: of those, too, that have ended."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:15 if with_children else 13])) * TICK


class Server(Cluster):
    def __init__(self, place, **settings):
        super().__init__(place, **SERVER_SETTINGS | settings)

    def cpu_seconds(self):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return sum(map(proc_cpu_seconds, children)) + proc_cpu_seconds(self.process.pid, True)

    def describe(self):
        found = subprocess.run(["findmnt", "-n", "-o", "FSTYPE,SOURCE", "-T", self.folder], capture_output=True,
                               text=True).stdout.split()
        return f"Postgres data in {self.folder.parent} ({' on '.join(found)}), fsync and synchronous_commit on"


class Side:
    """A worker process and its queue; one connection for all that is done to the queue here."""

    def __init__(self, database, folder):
        self.database, self.folder, self.process, self.number, self.connection = (database, folder, None, 0,
                                                                                  database.connect())

    def execute(self, sql, *parameters):
        self.connection.execute(sql, parameters or None)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    @contextlib.contextmanager
    def running(self, **settings):
        try:
            self.start(**settings)
            yield self
        finally:
            self.stop()

    def cpu_seconds(self):
        return proc_cpu_seconds(self.process.pid)

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def memory(self, name="VmHWM"):
        """MiB; VmHWM is the most that it ever had."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) / 1024

    def settle(self):
        self.execute("VACUUM ANALYZE")

    def done(self, within=300):
        """Returns when no job is left. A look reads the short end of an index;
        the planner would rather read the table."""
        with self.database.connect(options="-c enable_seqscan=off") as connection:
            eventually(lambda: not connection.execute(self.any_left).fetchone()["left"], within, pause=0.02)


class Ours(Side):
    # Not the digests that replies ask for.
    any_left = """
        SELECT EXISTS (SELECT FROM jobs
                       WHERE status = 'PENDING' AND available_at <= now() AND job_type <> 'persona_digest')
            OR EXISTS (SELECT FROM jobs WHERE status = 'PROCESSING' AND job_type <> 'persona_digest') AS left"""

    def __init__(self, server, folder, database=None):
        """With `database`: another worker on it."""
        super().__init__(database or server.create(), folder)
        for command in ("migrate", "seed"):
            assert run(command, program=PROGRAM, DATABASE_URL=self.database.url).returncode == 0

    def start(self, concurrency=256, **settings):
        self.number += 1
        self.log = self.folder / f"worker-{id(self)}-{self.number}.log"
        port = free_port()
        settings = {"DATABASE_URL": self.database.url, "JWT_SECRET": JWT_SECRET, "WORKER_CONCURRENCY": concurrency,
                    "LLM_MAX_CONCURRENCY": concurrency,
                    "WORKER_OBSERVABILITY_PORT": port} | settings
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([PROGRAM, "worker"], env=environment(**settings), stdout=log)
        self.url = f"http://127.0.0.1:{port}"
        eventually(self.is_ready, within=10)

    def is_ready(self):
        try:
            return httpx.get(f"{self.url}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def lines(self, msg):
        mark = f'"msg":"{msg}"'
        with open(self.log) as log:
            return [json.loads(line) for line in log if mark in line]

    def wake(self):
        self.execute("SELECT pg_notify('jobs', '')")

    def clear(self):
        self.execute("TRUNCATE jobs")

    # ---- the world ----

    def people(self, personas):
        """That many personas of ten users, with voices as long as real ones and a history:
        plans made for empty tables would be none for these."""
        self.execute("INSERT INTO users (email, password_hash) SELECT 'u' || n || '@example.org', 'x' "
                     "FROM generate_series(1, 10) n")
        self.execute("""
            INSERT INTO personas (user_id, name, bio, tone, writing_samples, do_not_say, catchphrases,
                                  daily_reply_quota)
            SELECT id, 'Persona ' || n, %s, 'warm', jsonb_build_array(%s::text, %s::text, %s::text), '["synergy"]',
                   '["Show me the numbers."]', 1000000
            FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM users) u
            JOIN generate_series(0, %s - 1) n ON n %% 10 + 1 = u.place""",
            TEXT, TEXT, TEXT, TEXT, personas)
        self.new_posts(2000)
        self.execute("""
            WITH replied AS (INSERT INTO replies (post_id, persona_id, user_id, authored_by, content, created_at)
                             SELECT po.id, pe.id, pe.user_id, 'AI', %s, now() - interval '2 days'
                             FROM (SELECT id, row_number() OVER () AS place FROM posts) po
                             JOIN (SELECT *, row_number() OVER () AS place FROM personas) pe
                             ON (po.place + pe.place) %% 20 = 0 RETURNING *)
            INSERT INTO quota_events (persona_id, quota_type, created_at)
            SELECT persona_id, 'reply', created_at FROM replied""", TEXT)

    def new_posts(self, n):
        self.execute("""
            INSERT INTO posts (room_id, user_id, authored_by, status, content, published_at)
            SELECT (SELECT id FROM rooms ORDER BY slug LIMIT 1), (SELECT id FROM users LIMIT 1), 'HUMAN',
                   'PUBLISHED', %s || n, now()
            FROM generate_series(1, %s) n""", TEXT, n)

    def fill_unsupported(self, n):
        self.execute("INSERT INTO jobs (job_type) SELECT 'nothing' FROM generate_series(1, %s)", n)

    def fill_replies(self, n, personas=None):
        """One job per persona and new post, so many personas of a post in a row, or all of them:
        neighbours seldom want the same persona."""
        personas = personas or self.database.count("personas")
        posts = -(-n // personas)
        self.new_posts(posts)
        self.execute("""
            INSERT INTO jobs (job_type, post_id, persona_id, request_id, trace_id)
            SELECT 'generate_reply', po.id, pe.id, gen_random_uuid(), gen_random_uuid()
            FROM (SELECT id FROM posts ORDER BY created_at DESC LIMIT %s) po,
                 (SELECT id FROM personas ORDER BY id LIMIT %s) pe
            ORDER BY po.id, pe.id LIMIT %s""", posts, personas, n)

    def fill_replied(self, n):
        """Replies that are there already: the worker reads that and is done."""
        self.fill_replies(n)
        self.execute("""
            INSERT INTO replies (post_id, persona_id, user_id, authored_by, content)
            SELECT post_id, persona_id, (SELECT user_id FROM personas WHERE id = persona_id), 'AI', %s
            FROM jobs WHERE job_type = 'generate_reply'""", TEXT)


class Peer(Side):
    any_left = "SELECT EXISTS (SELECT FROM graphile_worker._private_jobs) AS left"

    def __init__(self, server, folder):
        super().__init__(server.create(), folder)
        subprocess.run(self.command(migrate=True), check=True, cwd=CHECKOUT / "bench")

    def command(self, **settings):
        return ["node", CHECKOUT / "bench/jobs_peer.mjs", json.dumps({"url": self.database.url} | settings)]

    def start(self, **settings):
        self.number += 1
        self.log = self.folder / f"peer-{self.number}.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(self.command(**settings), cwd=CHECKOUT / "bench", stdout=log)
        eventually(lambda: b"ready" in self.log.read_bytes(), within=20)

    def starts(self):
        """Number and time of each job `start`."""
        words = [line.split() for line in self.log.read_text().splitlines()]
        return [(int(n), float(at)) for n, at in (pair for pair in words if len(pair) == 2)]

    def wake(self):
        pass  # its SQL notifies when it commits

    def clear(self):
        self.execute("TRUNCATE graphile_worker._private_jobs")

    def fill(self, n):
        self.execute("""
            SELECT count(*) FROM graphile_worker.add_jobs(ARRAY(
                SELECT ROW('noop', '{}', NULL, NULL, NULL, NULL, NULL, NULL)::graphile_worker.job_spec
                FROM generate_series(1, %s)))""", n)
