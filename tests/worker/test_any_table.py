"""What other tables than `jobs` hold stops nobody's work either: no statement that handles many
rows at once fails by the values of one."""
import os
import random

import pytest

from support.exposition import Page
from support.levers import settings
from support.live import Stream
from support.odd_rows import columns_of, odd_row, write_where_it_may
from support.program import Api, Worker
from support.queue import write_job
from support.sessions import is_in, log_in
from support.waiting import eventually, in_parallel

LONG = os.environ.get("PERSONAWORLDS_LONG") == "1"
SEED = int(os.environ.get("PERSONAWORLDS_TESTS_SEED") or random.SystemRandom().randrange(2**32))
ROWS = 2000 if LONG else 100
# What is written there is obeyed, not stumbled over: another schema, an account that goes, whose
# sessions have ended, who is an administrator. test_any_row.py has the jobs.
NOT_HERE = {"schema_migrations", "account_deletions", "administrators", "administrator_changes", "revocations", "jobs"}
FIRST = ["users", "rooms", "personas", "templates", "posts"]
READ = ["/rooms", "/personas", "/templates", "/notifications", "/feed", "/me", "/me/sessions", "/me/export",
        "/admin/analytics/summary", "/digest/weekly"]
WORKER = {"WORKER_POLL_EVERY": "200ms", "JOB_RETRY_BASE": "1ms", "JOB_MAX_ATTEMPTS": 2}
RETENTIONS = {"EVENT_RETENTION": "360h", "ACTIVITY_RETENTION": "360h", "NOTIFICATION_RETENTION": "720h"}
UNANSWERED = """
    SELECT p.id::text AS id FROM posts p
    WHERE status = 'PUBLISHED' AND NOT EXISTS (SELECT FROM replies WHERE post_id = p.id AND persona_id = %s)
      AND p.id <> ALL (%s::uuid[]) LIMIT 30"""


def odd_world(database, dice, good):
    """Fills all tables; how many rows each got. `good`: ids by table, which odd rows name, too."""
    tables = {row["name"] for row in database.rows(
        "SELECT relname::text AS name FROM pg_class "
        "WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace")}
    ids, written = dict(good), {}
    for table in FIRST + sorted(tables - set(FIRST) - NOT_HERE):
        columns = columns_of(database, table)
        there = [row["id"] for row in database.rows(f"SELECT id FROM {table}")] if table in FIRST else []
        written[table] = write_where_it_may(database, table, [odd_row(dice, columns, ids) for _ in range(ROWS)])
        if table in FIRST:
            ids[table] = good.get(table, []) + [str(row["id"]) for row in database.rows(
                f"SELECT id FROM {table} WHERE id <> ALL (%s) ORDER BY id LIMIT 20", there)]
    return written


@pytest.fixture
def dice():
    print(f"PERSONAWORLDS_TESTS_SEED={SEED}")
    return random.Random(SEED)


@pytest.mark.timeout(600 if LONG else 120)
def test_odd_rows_of_any_table_fail_no_statement(api, user, database, start, dice):
    database.execute(f"ALTER DATABASE {database.name} SET log_min_messages = 'error'")
    room, persona, author = user.room("go-backend"), user.persona(daily_reply_quota=1000), user.persona()
    posts = [user.publish(author, room) for _ in range(3)]
    ids = [post.id for post in posts]
    written = odd_world(database, dice, {"users": [user.id], "rooms": [room.id], "personas": [author.id], "posts": ids})
    assert sum(n > 0 for n in written.values()) > len(written) * 0.8, written
    database.execute("UPDATE quota_events SET calls = 0 WHERE user_id = %s", user.id)  # the account may ask
    database.execute("UPDATE users SET weekly_due_at = now(), last_active_at = now() WHERE id = %s", user.id)
    odd = [row["id"] for row in database.rows(UNANSWERED, persona.id, ids)]
    jobs = [write_job(database, persona=persona, post_id=post) for post in odd]
    worker = start(Worker, **WORKER, **RETENTIONS)
    api.client.event_hooks = {}  # the document knows no such values
    with Stream(start(Api, STREAM_LIFE="1m"), posts[0], user=user) as stream:
        assert [user.ask_for_replies(post, persona)["enqueued"] for post in posts] == [1] * 3
        stream.wait_for("reply")
    eventually(lambda: [database.count("replies", post_id=id, persona_id=persona.id) for id in ids] == [1] * 3,
               within=20)
    for path in READ + [f"/posts/{id}/thread" for id in ids + odd]:
        assert user.get(path).status_code < 500, path
    answers = in_parallel(20, lambda: user.post("/events", json={"event_name": "daily_return"}))
    assert [answer.status_code for answer in answers] == [202] * 20
    assert Page(api.metrics()).value("events_lost_total") == 0
    settings(database, "set", "worker.concurrency", "7")
    eventually(lambda: worker.log.find("setting_changed", key="worker.concurrency", new="7"))
    again = log_in(user)
    assert user.post("/auth/logout").status_code == 200
    eventually(lambda: not is_in(user))
    assert is_in(again)
    eventually(lambda: database.value("SELECT count(*) FROM jobs WHERE status IN ('PENDING', 'PROCESSING') "
                                      "AND available_at <= now()") == 0, within=60)
    assert database.value("SELECT count(*) FROM jobs WHERE id = ANY (%s) AND NOT (status = 'DONE' "
                          "OR status = 'FAILED' AND error <> '')", jobs) == 0
    print((database.cluster.folder / "log").read_text()[-5000:])
    for service in (api, worker):
        assert service.is_ready()
        for trouble in ("queue_statement_failed", "upkeep_failed", "schedule_failed"):
            assert not service.log.find(trouble)
        for sqlstate_class in ("22", "23", "54"):
            assert Page(service.metrics()).value("db_errors_total", sqlstate_class=sqlstate_class) == 0


def test_a_brief_of_many_megabytes_ends_its_job_alone(api, user, post, database, start):
    """It isn't fetched at all: a batch of such briefs would take the worker's memory."""
    huge, other = user.persona(), user.persona()
    database.execute("UPDATE personas SET bio = repeat('x', 5000000) WHERE id = %s", huge.id)
    ends = {each.id: write_job(database, post=post, persona=each) for each in (huge, other)}
    summary = write_job(database, "summarize_thread", post=post)
    worker = start(Worker, **WORKER)
    worker.expect_errors("job_failed_permanently")

    def end_of(job):
        return tuple(database.row("SELECT status, attempts, error FROM jobs WHERE id = %s", job).values())

    eventually(lambda: end_of(ends[huge.id]) == ("FAILED", 1, "brief is longer than 4 MB"))
    eventually(lambda: end_of(ends[other.id])[0] == end_of(summary)[0] == "DONE")
    database.execute("UPDATE replies SET content = repeat('y', 5000000) WHERE post_id = %s", post.id)
    summary = write_job(database, "summarize_thread", post=post)
    eventually(lambda: end_of(summary) == ("FAILED", 1, "brief is longer than 4 MB"))
