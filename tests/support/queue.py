"""The queue as an operator sees it: the table `jobs`, and what a job leaves behind."""
from support.waiting import eventually


def speaking_to(provider, **settings):
    """The settings of a worker whose model is the scripted provider; each call is tried once."""
    return {"LLM_PROVIDER": "openai", "OPENAI_BASE_URL": provider.url, "OPENAI_MAX_RETRIES": "0"} | settings


def job_of(database, post, type="generate_reply"):
    return database.row("SELECT * FROM jobs WHERE post_id = %s AND job_type = %s ORDER BY id DESC LIMIT 1", post.id,
                        type)


def write_job(database, type="generate_reply", post=None, persona=None, **columns):
    columns = {"job_type": type, "post_id": post and post.id, "persona_id": persona and persona.id} | columns
    return database.value(f"INSERT INTO jobs ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))}) "
                          "RETURNING id", *columns.values())


def replied_once(database, post, persona):
    """One reply with all its consequences, each once."""
    assert database.count("replies", post_id=post.id, persona_id=persona.id) == 1
    assert database.count("quota_events", persona_id=persona.id, quota_type="reply") == 1
    types = [row["type"] for row in database.rows(
        "SELECT type FROM persona_activity_events WHERE persona_id = %s ORDER BY type", persona.id)]
    assert types == ["reply_generated", "thread_participated"]
    return True


def nothing_happened(database, persona):
    """No reply, and no quota charged."""
    assert database.count("replies", persona_id=persona.id) == 0
    assert database.count("quota_events", persona_id=persona.id, quota_type="reply") == 0


def expire_leases(database):
    """As if their time had passed."""
    database.execute("UPDATE jobs SET lease_until = now() - interval '1 second' WHERE status = 'PROCESSING'")


def failed_once(worker, database, post, error, job_id=None):
    """The job is FAILED with this error, after one attempt, and that was said once."""
    worker.expect_errors("job_failed_permanently")
    job_id = job_id or job_of(database, post)["id"]
    job = eventually(lambda: (row := database.row("SELECT * FROM jobs WHERE id = %s", job_id))["status"] == "FAILED"
                     and row, within=10)
    assert error in job["error"], job["error"]
    assert job["attempts"] == 1
    (line,) = eventually(lambda: worker.log.find("job_failed_permanently", job_id=job_id))
    assert error in line["error"]
    return job


def spread_jobs(database, user, n, daily_reply_quota=1000):
    """n published posts, each with a reply of one persona due."""
    persona = user.persona(daily_reply_quota=daily_reply_quota)
    database.execute("""
        WITH written AS (INSERT INTO posts (room_id, user_id, authored_by, status, content, published_at)
                         SELECT %s, %s, 'HUMAN', 'PUBLISHED', 'Post ' || n, now() FROM generate_series(1, %s) n
                         RETURNING id)
        INSERT INTO jobs (job_type, post_id, persona_id) SELECT 'generate_reply', id, %s FROM written""",
                     user.room("go-backend").id, user.id, n, persona.id)
    return persona


def unfinished(database):
    return database.value("SELECT count(*) FROM jobs WHERE job_type = 'generate_reply' "
                          "AND status IN ('PENDING', 'PROCESSING')")


def is_settled(database):
    """Nothing is unfinished and nobody is due for a digest:
    workers sleep until their next poll, or until they are woken."""
    return database.value("SELECT NOT EXISTS (SELECT FROM jobs WHERE status IN ('PENDING', 'PROCESSING')) "
                          "AND NOT EXISTS (SELECT FROM users WHERE weekly_due_at <= now())")


def workers_present(database):
    """Workers whose session is there: it holds their lock."""
    return database.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
                          "AND classid = worker_lock()::oid AND granted "
                          "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
