"""The table `jobs` is open to operators.
Whatever a row holds, it stops no other job, and it ends."""
import json
import os
import random
from collections import Counter

import pytest

from support.exposition import Page
from support.people import sign_up
from support.program import Worker, run
from support.queue import spread_jobs
from support.waiting import eventually

SEED = int(os.environ.get("PERSONAWORLDS_TESTS_SEED") or random.SystemRandom().randrange(2**32))
INT_MAX, INT_MIN = 2**31 - 1, -(2**31)
ROWS = 1000
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
COLUMNS = """
    job_type text, post_id uuid, persona_id uuid, user_id uuid, subject_date date, payload jsonb,
    status job_status_enum, attempts int, dirty boolean, available_at timestamptz, locked_at timestamptz,
    locked_by text, lease_until timestamptz, lease_token uuid, worker_id int, error text, request_id text,
    trace_id text, finished_at timestamptz, created_at timestamptz, updated_at timestamptz"""


def random_row(dice, posts, personas, user):
    """Digests are of the first persona: it never replies,
    so nothing asks for them again meanwhile."""
    pick = dice.choice
    job_type = pick(("generate_reply", "summarize_thread", "persona_digest", "weekly_digest", "knit_sweater", "",
                     "\t" + "".join(dice.choices("abc", k=2000))))
    return {
        "job_type": job_type, "post_id": pick((None, pick(posts), pick(posts))), "user_id": pick((None, None, user)),
        "persona_id": pick((None, personas[0])) if job_type == "persona_digest" else pick((None, *personas[1:])),
        "subject_date": pick(DATES), "payload": pick(SHAPES),
        "status": pick(("PENDING", "PENDING", "PENDING", "PROCESSING", "PROCESSING", "DONE", "FAILED")),
        "attempts": pick((INT_MAX, INT_MAX, INT_MAX - 1, INT_MIN, -1, 0, 1, 20)), "dirty": pick((True, False)),
        "available_at": pick([at for at in TIMES if at and at[-1] != "y"]), "locked_at": pick(TIMES),
        "locked_by": pick(TEXTS), "lease_until": pick(TIMES),
        "lease_token": pick((None, "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff")),
        "worker_id": pick((None, INT_MIN, -1, 0, INT_MAX)), "error": pick(TEXTS), "request_id": pick(TEXTS),
        "trace_id": pick(TEXTS),
        "finished_at": pick(TIMES), "created_at": pick([at for at in TIMES if at]),
        "updated_at": pick([at for at in TIMES if at]),
    }


def write_rows(database, rows):
    """Their ids. One that has an equal among them is left out: no table could hold it."""
    names = ", ".join(column.split()[0] for column in COLUMNS.split(","))
    values = names.replace("payload", "coalesce(payload, 'null')")
    return [row["id"] for row in database.rows(f"INSERT INTO jobs ({names}) SELECT {values} "
                                               f"FROM jsonb_to_recordset(%s::jsonb) AS r({COLUMNS}) "
                                               "ON CONFLICT DO NOTHING RETURNING id", json.dumps(rows))]


def unfinished(database, ids):
    """Those that aren't to wait: what is due in thousands of years isn't a failure."""
    return database.rows("SELECT id, job_type, status, attempts, error, available_at::text, lease_until::text "
                         "FROM jobs WHERE id = ANY (%s) "
                         "AND (status = 'PROCESSING' OR status = 'PENDING' "
                         "AND available_at <= now() + interval '1 hour')", ids)


@pytest.mark.timeout(240)
def test_rows_of_any_contents_stop_no_other_job_and_end(api, user, database, start):
    print(f"PERSONAWORLDS_TESTS_SEED={SEED}")
    dice = random.Random(SEED)
    stranger = sign_up(api)
    posts = [str(row["id"]) for row in database.rows(
        "INSERT INTO posts (room_id, user_id, authored_by, status, content, published_at) "
        "SELECT %s, %s, 'HUMAN', 'PUBLISHED', 'Odd ' || n, now() "
        "FROM generate_series(1, 300) n RETURNING id", stranger.room("go-backend").id, stranger.id)]
    personas = [stranger.persona(daily_reply_quota=1000).id for _ in range(3)]
    odd = write_rows(database, [random_row(dice, posts, personas, stranger.id) for _ in range(ROWS)])
    assert len(odd) > ROWS * 0.9
    open_before = [row["id"] for row in database.rows(
        "SELECT id FROM jobs WHERE id = ANY (%s) AND status IN ('PENDING', 'PROCESSING')", odd)]
    good = spread_jobs(database, user, ROWS)
    worker = start(Worker, WORKER_POLL_EVERY="200ms", JOB_MAX_ATTEMPTS=ATTEMPTS, JOB_RETRY_BASE="1ms",
                   JOB_RETENTION="10000h")

    def good_left():
        assert worker.is_ready() and api.is_ready()
        return database.value("SELECT count(*) FROM jobs WHERE persona_id = %s AND job_type = 'generate_reply' "
                              "AND status <> 'DONE'", good.id)

    eventually(lambda: good_left() == 0, within=60)
    assert database.count("replies", persona_id=good.id) == ROWS
    eventually(lambda: not unfinished(database, odd), within=60)
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
