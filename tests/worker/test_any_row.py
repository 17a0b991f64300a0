"""The table `jobs` is open to operators.
Whatever a row holds, it stops no other job, and it ends."""
import json
import os
import random
import time
from collections import Counter

import pytest

from support.exposition import Page
from support.odd_rows import write_where_it_may
from support.people import sign_up
from support.program import Worker, run
from support.queue import spread_jobs
from support.waiting import eventually

SEED = int(os.environ.get("PERSONAWORLDS_TESTS_SEED") or random.SystemRandom().randrange(2**32))
INT_MAX, INT_MIN = 2**31 - 1, -(2**31)
LONG = os.environ.get("PERSONAWORLDS_LONG") == "1"
ROWS, GOOD = (10000, 1000) if LONG else (1000, 1000)
ATTEMPTS = 2
AGAIN = ("summarize_thread", "weekly_digest") # asked for again by a new reply; handed back to wait for a summary
FAR_FUTURE = ("294276-12-31 23:59:59Z", "9999-12-31Z")
TIMES = (None, "-infinity", "infinity", "4713-01-01 00:00Z BC", "0001-01-01Z", "1970-01-01Z", "now", *FAR_FUTURE)
DATES = (None, "-infinity", "infinity", "4713-01-01 BC", "0001-01-01", "1970-01-01", "today", "9999-12-31",
         "5874897-12-31")
TEXTS = (None, "", " ", "x" * 5000, "line\r\nline: 1\t\x01\x7f", '"\'\\{}', "\U0001f9f6" * 300, "\u202e\u0085")
SHAPES = ({}, [], [{}], "", "text", 0, -1e300, True, None, {"trace_id": None}, {"trace_id": {"a": [1]}},
          {"trace_id": "t" * 4000}, {"post_id": 7},
          {"post_id": "none", "persona_id": ["x"]}, {"user_id": {}, "a": {"b": {"c": [None] * 50}}})


def random_row(dice, posts, personas, user):
    """Digests are of the first persona: it never replies,
    so nothing asks for them again meanwhile."""
    pick = dice.choice

    def finite():
        """Mostly: a job with another time is refused."""
        return pick([at for at in TIMES if at and (at[-1] != "y" or dice.random() < 0.1)])

    job_type = pick(("generate_reply", "summarize_thread", "persona_digest", "weekly_digest", "knit_sweater", "",
                     "\t" + "".join(dice.choices("abc", k=2000))))
    return {
        "job_type": job_type, "post_id": pick((None, pick(posts), pick(posts))), "user_id": pick((None, None, user)),
        "persona_id": pick((None, personas[0])) if job_type == "persona_digest" else pick((None, *personas[1:])),
        "subject_date": pick(DATES), "payload": pick(SHAPES),
        "status": pick(("PENDING", "PENDING", "PENDING", "PROCESSING", "PROCESSING", "DONE", "FAILED")),
        "attempts": pick((INT_MAX, INT_MAX, INT_MAX - 1, INT_MIN, -1, 0, 0, 1, 1, 20)),
        "dirty": pick((True, False)), "available_at": finite(), "locked_at": pick(TIMES),
        "locked_by": pick(TEXTS), "lease_until": pick(TIMES),
        "lease_token": pick((None, "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff")),
        "worker_id": pick((None, INT_MIN, -1, 0, INT_MAX)), "error": pick(TEXTS), "request_id": pick(TEXTS),
        "trace_id": pick(TEXTS), "priority": pick((-(2**15), -1, 0, 5, 6, 2**15 - 1)),
        "finished_at": pick(TIMES), "created_at": finite(), "updated_at": finite(),
    }


def write_rows(database, rows):
    """Their ids. SQL refuses some: a constraint, or an equal job."""
    before = database.value("SELECT coalesce(max(id), 0) FROM jobs")
    write_where_it_may(database, "jobs", [{key: value for key, value in row.items() if value is not None}
                                          for row in rows])
    return [row["id"] for row in database.rows("SELECT id FROM jobs WHERE id > %s", before)]


def unfinished(database, ids):
    """Those that aren't to wait: what is due in thousands of years isn't a failure."""
    return database.rows("SELECT id, job_type, status, attempts, error, available_at::text, lease_until::text "
                         "FROM jobs WHERE id = ANY (%s) "
                         "AND (status = 'PROCESSING' OR status = 'PENDING' "
                         "AND available_at <= now() + interval '1 hour')", ids)


def seconds_until_done(database, persona, while_waiting):
    def left():
        while_waiting()
        return database.value("SELECT count(*) FROM jobs WHERE persona_id = %s AND job_type = 'generate_reply' "
                              "AND status <> 'DONE'", persona.id)

    began = time.monotonic()
    eventually(lambda: left() == 0, within=60)
    assert database.count("replies", persona_id=persona.id) == GOOD
    return time.monotonic() - began


@pytest.mark.timeout(600 if LONG else 240)
def test_rows_of_any_contents_stop_no_other_job_and_end(api, user, database, start):
    print(f"PERSONAWORLDS_TESTS_SEED={SEED}")
    dice = random.Random(SEED)
    stranger = sign_up(api)
    posts = [str(row["id"]) for row in database.rows(
        "INSERT INTO posts (room_id, user_id, authored_by, status, content, published_at) "
        "SELECT %s, %s, 'HUMAN', 'PUBLISHED', 'Odd ' || n, now() "
        "FROM generate_series(1, %s) n RETURNING id", stranger.room("go-backend").id, stranger.id, ROWS // 3)]
    personas = [stranger.persona(daily_reply_quota=10000).id for _ in range(3)]
    settings = {"WORKER_POLL_EVERY": "200ms", "JOB_MAX_ATTEMPTS": ATTEMPTS, "JOB_RETRY_BASE": "1ms",
                "JOB_RETENTION": "10000h"}
    alone = None
    if LONG:
        good = spread_jobs(database, user, GOOD)
        with Worker(database.url, **settings):
            alone = seconds_until_done(database, good, lambda: None)
    odd = write_rows(database, [random_row(dice, posts, personas, stranger.id) for _ in range(ROWS)])
    assert len(odd) > ROWS * 0.3
    open_before = [row["id"] for row in database.rows(
        "SELECT id FROM jobs WHERE id = ANY (%s) AND status IN ('PENDING', 'PROCESSING')", odd)]
    good = spread_jobs(database, user, GOOD)
    worker = start(Worker, **settings)

    def all_is_ready():
        assert worker.is_ready() and api.is_ready()

    beside = seconds_until_done(database, good, all_is_ready)
    print(f"{ROWS} odd rows, {len(odd)} let through: {GOOD} good jobs took {beside:.2f} s, alone {alone}")
    assert alone is None or beside < 2 * alone
    eventually(lambda: not unfinished(database, odd), within=120)
    assert Page(worker.metrics()).value("db_errors_total",
                                        sqlstate_class="22") == 0, worker.log.find("job_failed_permanently")[-1]
    assert not worker.log.find("queue_statement_failed")
    assert database.value("SELECT count(*) FROM jobs WHERE id = ANY (%s) AND status = 'FAILED' "
                          "AND coalesce(error, '') = ''", open_before) == 0
    tries = Counter(line["job_id"] for line in worker.log.find("job_started") if line.get("job_type") not in AGAIN)
    assert max(tries[job] for job in odd) <= ATTEMPTS
    for command in (("queue", "status"), ("queue", "drain", "--timeout", "1s"),
                    ("triage", "--json", "--sample", "50ms", "--api", f"http://localhost:{api.port}", "--worker",
                     f"http://localhost:{worker.port}")):
        done = run(*command, DATABASE_URL=database.url)
        assert "out of range" not in done.stdout + done.stderr and "infini" not in done.stdout + done.stderr, done
    assert not [check for check in json.loads(done.stdout)["checks"]
                if "the database doesn't say" in check["evidence"]], done.stdout
    assert run("queue", "status", DATABASE_URL=database.url).returncode == 0
