"""What is stored is told, once, whatever befalls streams, the API, its listening connection and the
worker. Faults come from a seed: PERSONAWORLDS_SEED=n plays the same again, as far as threads allow.
`PERSONAWORLDS_LONG=1`: 500 cuts, 20 starts of the API, 20 lost listeners, 20 killed workers."""
import os
import random
import threading
import time

import pytest

from support.battles import write_battle
from support.live import Stream
from support.people import sign_up
from support.program import Api, Worker
from support.waiting import eventually

LONG = os.environ.get("PERSONAWORLDS_LONG") == "1"
CUTS, STARTS, LOST, KILLS = (500, 20, 20, 20) if LONG else (40, 2, 2, 2)


@pytest.fixture
def database(own_database):
    own_database.execute("ALTER TABLE users ALTER weekly_due_at DROP DEFAULT")
    return own_database


class Reader(threading.Thread):
    """A page: it is cut after a random number of bytes, opens again with the last id that it
    has, and reads the thread where it is told that it may have missed something."""

    def __init__(self, history, seed):
        super().__init__(daemon=True)
        self.history, self.random = history, random.Random(seed)
        self.known, self.told, self.told_twice = set(), set(), []
        self.last_id, self.cuts, self.over = None, 0, threading.Event()
        self.needs_reading, self.failed = True, None

    def read_thread(self):
        """As GET /posts/{id}/thread would; straight from the database, so that the API's own
        outages matter less here."""
        self.known |= self.history.stored()
        self.needs_reading = False

    def take(self, event):
        self.last_id = event.id or self.last_id
        if event.name in ("hello", "reset", "thread"):
            self.needs_reading = self.needs_reading or event.name != "hello" or not event.data["resumed"]
        elif event.name == "reply":
            id = event.data["reply"]["id"]
            if id in self.told:
                self.told_twice.append(id)
            self.told.add(id)
            self.known.add(id)

    def listen(self, stream, most):
        taken = 0
        while not self.over.is_set() and not stream.ended.is_set() and len(stream.frames.body) < most:
            events = stream.events
            for event in events[taken:]:
                self.take(event)
            taken = len(events)
            if self.needs_reading and taken:
                self.read_thread()
            stream.ended.wait(0.002)
        stream.close()
        for event in stream.events[taken:]:
            self.take(event)

    def run(self):
        try:
            while not self.over.is_set():
                try:
                    stream = Stream(self.history.api, self.history.post, last_id=self.last_id)
                except OSError:
                    self.over.wait(0.02)
                    continue
                is_last = self.cuts >= CUTS
                self.listen(stream, float("inf") if is_last else self.random.randrange(1, 2000))
                self.cuts += not is_last
        except Exception as failed:
            self.failed = failed


class History:
    def __init__(self, database, user, post):
        self.database, self.user, self.post = database, user, post
        self.api = None

    def stored(self):
        return {str(row["id"]) for row in
                self.database.rows("SELECT id FROM replies WHERE post_id = %s", self.post.id)}

    def write(self, count):
        """Jobs for replies by new personas, straight into the queue: the worker tells of each."""
        self.database.execute(
            "WITH p AS (INSERT INTO personas (user_id, name, writing_samples, preferred_language, daily_reply_quota) "
            "SELECT %s, 'Persona ' || n, (SELECT writing_samples FROM personas LIMIT 1), 'en', 50 "
            "FROM generate_series(1, %s) n RETURNING id) "
            "INSERT INTO jobs (job_type, post_id, persona_id) SELECT 'generate_reply', %s, id FROM p",
            self.user.id, count, self.post.id)
        self.database.execute("NOTIFY jobs")


def lose_the_listener(database):
    database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                     "WHERE datname = current_database() AND query LIKE 'LISTEN%pw_live%'")


@pytest.mark.timeout(1200 if LONG else 180)
def test_nothing_is_missed_and_nothing_told_twice(database):
    seed = int(os.environ.get("PERSONAWORLDS_SEED", time.time_ns() % 1_000_000))
    print(f"PERSONAWORLDS_SEED={seed}")
    chance = random.Random(seed)
    with Api(database.url, STREAM_LIFE="1h") as first:
        user = sign_up(first)
        user.persona()
    history = History(database, user, write_battle(database, user))
    settings = {"STREAM_LIFE": "1h"}
    api = history.api = Api(database.url, **settings).start()
    worker = Worker(database.url, WORKER_POLL_EVERY="200ms", WORKER_TASK_TIMEOUT="1s").start()
    readers = [Reader(history, seed + i) for i in range(2)]
    for reader in readers:
        reader.start()
    acts = ["start"] * STARTS + ["lose"] * LOST + ["kill"] * KILLS
    chance.shuffle(acts)
    for act in acts:
        history.write(chance.randrange(5, 15))
        eventually(lambda: not database.value("SELECT count(*) FROM jobs WHERE job_type = 'generate_reply' "
                                              "AND status = 'PENDING' AND available_at <= now()"), within=60)
        if act == "start":
            api.kill()
            api = Api(database.url, PORT=api.port, **settings).start()
            history.api = api
        elif act == "lose":
            lose_the_listener(database)
        else:
            worker.kill()
            # stored by the dead worker's last act, and nobody told of it
            database.execute("INSERT INTO replies (post_id, content) VALUES (%s, 'Last words.')", history.post.id)
            worker = Worker(database.url, WORKER_POLL_EVERY="200ms", WORKER_TASK_TIMEOUT="1s").start()

    def cut_enough():
        assert not any(reader.failed for reader in readers), [reader.failed for reader in readers]
        if all(reader.cuts >= CUTS for reader in readers):
            return True
        history.write(3)
        return False

    eventually(cut_enough, within=900 if LONG else 120, pause=0.2)
    history.write(5)
    eventually(lambda: not database.value("SELECT count(*) FROM jobs WHERE job_type = 'generate_reply' "
                                          "AND status IN ('PENDING', 'PROCESSING')"), within=120)
    everything = history.stored()
    assert len(everything) > 20
    for reader in readers:
        assert not reader.failed, reader.failed
        eventually(lambda: reader.known == everything, within=60)
        assert not reader.told_twice, f"seed {seed}"
        reader.over.set()
        reader.join(20)
    print({"replies": len(everything), "cuts": [reader.cuts for reader in readers],
           "told": [len(reader.told) for reader in readers]})
    worker.stop()
    api.stop()
