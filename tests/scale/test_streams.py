"""Ten thousand live streams in one process, and how soon a reply is seen, in the release build."""
import pathlib
import resource
import select
import socket
import statistics
import subprocess
import sys
import threading
import time

import pytest

from support.battles import write_battle
from support.live import Frames, Stream, request_of, streams_open
from support.people import sign_up
from support.program import CHECKOUT, Api, Worker, release_binary
from support.waiting import eventually

PROGRAM = release_binary() or CHECKOUT / "build/personaworlds"
MANY = 10_000
MOST_BYTES = 300 << 20
REPLIES = 500


@pytest.fixture
def database(own_database):
    own_database.execute("ALTER TABLE users ALTER weekly_due_at DROP DEFAULT")
    return own_database


def memory(api):
    status = pathlib.Path(f"/proc/{api.process.pid}/status").read_text()
    return 1024 * int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


def percentile(values, share):
    return sorted(values)[int(share * (len(values) - 1))]


class Crowd:
    """Clients of a proxy, each with an address of its own, read by one thread."""

    def __init__(self, api, post, count):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
        self.epoll, self.frames, self.sockets = select.epoll(), {}, []
        for i in range(count):
            self._open(api, post, f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}")
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _open(self, api, post, address):
        client = socket.create_connection(("127.0.0.1", api.port))
        client.sendall(request_of(api, [post.id], headers={"X-Forwarded-For": address}))
        client.setblocking(False)
        self.frames[client.fileno()] = Frames()
        self.sockets.append(client)
        self.epoll.register(client.fileno(), select.EPOLLIN)

    def _read(self):
        by_number = {client.fileno(): client for client in self.sockets}
        while not self.over.is_set():
            for number, _ in self.epoll.poll(0.1, 512):
                data = by_number[number].recv(1 << 16)
                if data:
                    self.frames[number].take(data)
                else:
                    self.epoll.unregister(number)

    def count(self, name):
        return sum(any(event.name == name for event in frames.events) for frames in self.frames.values())

    def times(self, name):
        return [event.at for frames in self.frames.values() for event in frames.events if event.name == name]

    def close(self):
        self.over.set()
        self.thread.join()
        for client in self.sockets:
            client.close()


ASKER = """
import http.client, select, sys, time
connection, taken = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1])), []
while not select.select([sys.stdin], [], [], 0.002)[0]:
    began = time.perf_counter()
    connection.request("GET", "/healthz")
    assert connection.getresponse().read()
    taken.append(time.perf_counter() - began)
print(*taken)
"""


class Asker:
    """A process of its own that asks for /healthz: this one is busy with reading streams."""

    def __init__(self, api):
        self.process = subprocess.Popen([sys.executable, "-c", ASKER, str(api.port)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def times(self):
        said, _ = self.process.communicate()
        return [float(time) for time in said.split()]


def test_ten_thousand_streams(database, start):
    api = start(Api, program=PROGRAM, STREAM_LIFE="1h", TRUSTED_PROXIES="127.0.0.1/32",
                LISTEN_ADDRESS="127.0.0.1")
    user = sign_up(api)
    post = write_battle(database, user)
    at_rest = memory(api)
    crowd = Crowd(api, post, MANY)
    try:
        eventually(lambda: streams_open(api) == MANY, within=60)
        eventually(lambda: crowd.count("hello") == MANY, within=60, pause=0.2)
        api.expect_errors("http_request")
        refused = Stream(api, post, headers={"X-Forwarded-For": "192.0.2.1"})
        assert refused.status == 503 and refused.frames.headers["retry-after"] == "1"
        refused.close()
        with_streams = memory(api)
        asker = Asker(api)
        threading.Event().wait(1)  # what is measured is a second of quiet
        quiet = asker.times()
        asker = Asker(api)
        began = time.monotonic()
        database.execute("INSERT INTO replies (post_id, content) VALUES (%s, repeat('word ', 50))", post.id)
        database.execute("SELECT pg_notify('pw_live', %s)", f"p{post.id}")
        eventually(lambda: crowd.count("reply") == MANY, within=60, pause=0.2)
        took = max(crowd.times("reply")) - began
        loud = asker.times()
        peak = memory(api)
        figures = {"MiB at rest": at_rest >> 20, "MiB": with_streams >> 20, "MiB after an event": peak >> 20,
                   "KiB a stream": round((with_streams - at_rest) / MANY / 1024, 1), "s to all": round(took, 2),
                   "healthz p99 ms quiet": round(1000 * percentile(quiet, .99), 2),
                   "healthz p99 ms loud": round(1000 * percentile(loud, .99), 2)}
        print(figures)
        assert peak < MOST_BYTES, figures
    finally:
        crowd.close()
    eventually(lambda: streams_open(api) == 0, within=30)
    assert took <= 15, figures  # a second on two free processors
    assert percentile(loud, .99) - percentile(quiet, .99) <= 0.3, figures
    descriptors = len(list(pathlib.Path(f"/proc/{api.process.pid}/fd").iterdir()))
    assert descriptors < 100


def test_a_reply_is_seen_at_once(database, start):
    """Through two API processes: from its commit to the client."""
    apis = [start(Api, program=PROGRAM, STREAM_LIFE="1h", API_THREADS=1) for _ in range(2)]
    user = sign_up(apis[0])
    persona = user.persona()
    post = write_battle(database, user)
    start(Worker, program=PROGRAM, WORKER_CONCURRENCY=4)
    with Stream(apis[0], post) as one, Stream(apis[1], post) as other:
        for i in range(REPLIES // 10):
            database.execute(
                "WITH p AS (INSERT INTO personas (user_id, name, writing_samples, preferred_language) "
                "SELECT %s, 'P' || n, (SELECT writing_samples FROM personas WHERE id = %s), 'en' "
                "FROM generate_series(1, 10) n RETURNING id) "
                "INSERT INTO jobs (job_type, post_id, persona_id) SELECT 'generate_reply', %s, id FROM p",
                user.id, persona.id, post.id)
            database.execute("NOTIFY jobs")
            one.wait_for("reply", count=10 * (i + 1), within=30)
        other.wait_for("reply", count=REPLIES, within=30)
        wall = time.time() - time.monotonic()
        stored = {str(row["id"]): row["at"] for row in database.rows(
            "SELECT id, extract(epoch FROM created_at)::float8 AS at FROM replies WHERE post_id = %s", post.id)}
        for stream in (one, other):
            seen = [event.at + wall - stored[event.data["reply"]["id"]] for event in stream.named("reply")]
            figures = {"replies": len(seen), "p50 ms": round(1000 * statistics.median(seen), 1),
                       "p95 ms": round(1000 * percentile(seen, .95), 1), "max ms": round(1000 * max(seen), 1)}
            print(figures)
            # Without a notice, half of them would be seen after more than a second.
            assert len(seen) == REPLIES and percentile(seen, .95) <= 1, figures
