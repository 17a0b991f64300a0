"""Jobs share statements and commits, and nothing else:
a bad one among them costs nobody but itself."""
import pytest

from support.program import Worker
from support.queue import spread_jobs, unfinished
from support.waiting import eventually

REFUSE = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF EXISTS (SELECT FROM posts WHERE id = NEW.post_id AND content = 'Post 3') THEN RAISE check_violation; END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON replies FOR EACH ROW EXECUTE FUNCTION refuse()"""


def ends(database):
    rows = database.rows("SELECT status::text, count(*) AS n FROM jobs WHERE job_type = 'generate_reply' GROUP BY 1")
    return {row["status"]: row["n"] for row in rows}


@pytest.fixture
def commits(database):
    """How many transactions stored replies: each has an id."""
    return lambda: database.value("SELECT count(DISTINCT xmin::text) FROM replies")


def test_many_replies_are_stored_by_few_commits(user, database, start, commits):
    persona = spread_jobs(database, user, 200)
    start(Worker, WORKER_CONCURRENCY=64, WORKER_POLL_EVERY="200ms")
    eventually(lambda: unfinished(database) == 0, within=20)
    assert database.count("replies", persona_id=persona.id) == 200
    assert commits() <= 60


def test_a_reply_that_cannot_be_stored_spoils_nobody_elses(user, database, start):
    database.execute(REFUSE)
    spread_jobs(database, user, 30)
    worker = start(Worker, WORKER_POLL_EVERY="200ms", JOB_MAX_ATTEMPTS=1)
    worker.expect_errors("job_statement_failed", "job_failed_permanently")
    eventually(lambda: unfinished(database) == 0, within=20)
    assert ends(database) == {"DONE": 29, "FAILED": 1}
    (failed,) = database.rows("SELECT * FROM jobs WHERE status = 'FAILED'")
    assert "replies/store failed with 23514" in failed["error"]
    assert database.rows("SELECT DISTINCT attempts FROM jobs WHERE job_type = 'generate_reply'") == [{"attempts": 1}]
    assert database.count("quota_events") == database.count("replies") == 29


def test_of_replies_stored_together_so_many_stay_as_the_quota_allows(user, database, start):
    persona = spread_jobs(database, user, 20, daily_reply_quota=7)
    worker = start(Worker, WORKER_POLL_EVERY="200ms", MOCK_LLM_LATENCY="200ms")
    worker.expect_errors("job_failed_permanently")
    eventually(lambda: unfinished(database) == 0, within=20)
    assert ends(database) == {"DONE": 7, "FAILED": 13}
    assert database.count("quota_events", persona_id=persona.id) == database.count("replies") == 7


def test_a_digest_is_asked_for_in_the_name_of_its_own_request(user, database, start):
    """Of replies stored together each has the request that asked for it."""
    database.execute("INSERT INTO settings (key, value) VALUES ('queue.pause.persona_digest', 'true')")
    post = database.value("INSERT INTO posts (room_id, user_id, status, content, published_at) "
                          "VALUES (%s, %s, 'PUBLISHED', 'Why?', now()) RETURNING id",
                          user.room("go-backend").id, user.id)
    personas = [user.persona(name=f"Persona {n}").id for n in range(6)]
    for n, persona in enumerate(personas):
        database.execute("INSERT INTO jobs (job_type, post_id, persona_id, request_id) "
                         "VALUES ('generate_reply', %s, %s, %s)", post, persona,
                         f"request-{n}" if n else None)
    start(Worker, WORKER_POLL_EVERY="200ms")
    eventually(lambda: unfinished(database) == 0)
    asked = {str(row["persona_id"]): row["request_id"]
             for row in database.rows("SELECT persona_id, request_id FROM jobs WHERE job_type = 'persona_digest'")}
    assert asked == {persona: f"request-{n}" if n else None for n, persona in enumerate(personas)}
