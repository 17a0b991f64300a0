"""docs/BACKUP.md's way back to a moment, on a Postgres under load: what was acknowledged before the
moment is there, what began after it isn't; and what a lost disk costs. Prints what it measured."""
import threading
import time

import pytest

from support.page import blocks
from support.people import sign_up
from support.pgbackrest import Archived
from support.program import Api, prepared, run
from support.sessions import is_in, log_in
from support.waiting import eventually

pytestmark = [pytest.mark.scale, pytest.mark.timeout(600)]
PAGE = "docs/BACKUP.md"
WRITERS, TIMEOUT = 6, 5  # seconds after which a segment is handed over, 60 as shipped
SLACK = 5  # more than that on a busy machine
ANOTHER_SECRET = "a-secret-of-after-the-restore-0123456789"
SET_UP, LOOK = blocks(PAGE, "Any moment: pgBackRest")
TO_A_MOMENT, TO_THE_END = blocks(PAGE, "Back to a moment")


class Writers:
    """People who make personas, without a pause. Each that was acknowledged is noted with when it was
    asked for and when the answer was there, by the clock that the database has, too."""

    def __init__(self, api):
        self.acknowledged, self.failed = [], []
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(sign_up(api),)) for _ in range(WRITERS)]

    def _write(self, user):
        while not self._ended.is_set():
            began = time.time()
            try:
                made = user.persona()
            except Exception as error:  # the database is gone
                self.failed.append(error)
                return
            self.acknowledged.append((made.id, began, time.time()))

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        for thread in self._threads:
            thread.join()


@pytest.fixture
def cluster():
    with Archived(archive_timeout=f"{TIMEOUT}s") as cluster:
        yield cluster


@pytest.fixture
def database(cluster):
    cluster.run(SET_UP)
    return prepared(cluster)


def there(database):
    return {str(row["id"]) for row in database.rows("SELECT id FROM personas")}


def serve(database, user, began):
    """As the page says, until it serves: how long that took."""
    assert run("migrate", DATABASE_URL=database.url).returncode == 0
    with Api(database.url, JWT_SECRET=ANOTHER_SECRET) as api:
        took = time.monotonic() - began
        assert not is_in(user.at(api)) and is_in(log_in(user.at(api)))
    return took


def test_back_to_a_moment_under_load(cluster, database):
    with Api(database.url) as api:
        user = sign_up(api)
        with Writers(api) as writers:
            eventually(lambda: len(writers.acknowledged) > 200, within=60)
            began = time.monotonic()
            cluster.run("runuser -u postgres -- pgbackrest --stanza=personaworlds --type=incr backup")
            backed_up = time.monotonic() - began
            before = len(writers.acknowledged)
            eventually(lambda: len(writers.acknowledged) > before + 500, within=60)
            moment, seconds = database.row("SELECT now()::text AS moment, extract(epoch FROM now())::float8 AS at"
                                           ).values()
            after = len(writers.acknowledged)
            eventually(lambda: len(writers.acknowledged) > after + 500, within=60)
            later_moment = database.value("SELECT now()::text")
            at_later_moment = len(writers.acknowledged)
            eventually(lambda: len(writers.acknowledged) > at_later_moment + 100, within=60)
        assert not writers.failed
    assert "full backup" in cluster.run(LOOK) and "incr backup" in cluster.run(LOOK)
    restoring = time.monotonic()
    cluster.run(TO_A_MOMENT.replace("2026-11-29 21:30:00+00", moment))
    database_took = time.monotonic() - restoring
    found = there(database)
    acked = {id for id, _, answered in writers.acknowledged if answered < seconds}
    later = {id for id, asked, _ in writers.acknowledged if asked > seconds}
    assert len(acked) > 700 and len(later) > 400
    assert acked - found == set(), "acknowledged before the moment, and lost"
    assert found & later == set(), "begun after the moment, and there"
    took = serve(database, user, restoring)
    print(f"backup under load {backed_up:.1f} s; of {len(acked)} acknowledged before the moment 0 lost, "
          f"of {len(later)} begun after it 0 there; restored in {database_took:.1f} s, serving after {took:.1f} s")
    # another moment, later than the first, on the time line that was left
    again = TO_A_MOMENT.replace("2026-11-29 21:30:00+00", later_moment)
    cluster.run(again.replace("--type=time", "--type=time --target-timeline=current"))
    assert {id for id, *_ in writers.acknowledged[:at_later_moment - WRITERS]} <= there(database)
    cluster.run("runuser -u postgres -- pgbackrest --stanza=personaworlds --type=full backup")


def test_a_lost_disk_costs_what_was_not_handed_over(cluster, database):
    with Api(database.url) as api:
        user = sign_up(api)
        with Writers(api) as writers:
            eventually(lambda: writers.acknowledged, within=20)
            first = time.time()
            eventually(lambda: time.time() > first + 2 * TIMEOUT + 2, within=60)
            lost_at = time.time()
            cluster.lose_disk()
        api.log.expect_errors(*{line["msg"] for line in api.log.lines if line["level"] == "error"})
        api.expect_errors("not_ready", "http_request")
    restoring = time.monotonic()
    cluster.run(TO_THE_END)
    found = there(database)
    lost = [(asked, answered) for id, asked, answered in writers.acknowledged if id not in found]
    cost = lost_at - min((answered for _, answered in lost), default=lost_at)
    kept = [(asked, answered) for id, asked, answered in writers.acknowledged if id in found]
    assert len(kept) > 100 and cost < TIMEOUT + SLACK
    first_lost = min((answered for _, answered in lost), default=lost_at)
    assert all(asked <= first_lost for asked, _ in kept), "what is there is all up to one moment"
    print(f"of {len(writers.acknowledged)} acknowledged {len(lost)} lost, of the last {cost:.1f} s "
          f"(archive_timeout {TIMEOUT} s); serving after {serve(database, user, restoring):.1f} s")
