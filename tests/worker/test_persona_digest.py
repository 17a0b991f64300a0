"""A persona's day, soon after its activity and at most once a minute."""
import pytest

from fakes.openai import answer, status
from support.program import Worker
from support.queue import job_of, speaking_to
from support.waiting import eventually


def test_a_digest_counts_the_day_and_names_its_threads(user, persona, worker, database):
    room = user.room("go-backend")
    posts = [user.publish(persona, room, f"Post number {n}.") for n in range(4)]
    user.ask_for_replies(posts[2], persona)
    eventually(lambda: job_of(database, posts[2])["status"] == "DONE")
    database.execute("UPDATE jobs SET available_at = now() WHERE job_type = 'persona_digest' AND status = 'PENDING'")

    def digest():
        found = user.get(f"/personas/{persona.id}/digest/today").json()["digest"]
        return found["stats"]["posts"] == 4 and found["stats"]["replies"] == 1 and found

    threads = eventually(digest, within=10)["stats"]["top_threads"]
    assert [thread["post_id"] for thread in threads] == [posts[2].id, posts[3].id, posts[1].id]
    assert (threads[0]["activity_count"], threads[0]["post_preview"],
            threads[0]["room_name"]) == (2, "Post number 2.", room.name)
    assert all(thread["last_activity_at"].endswith("Z") for thread in threads)


def digest_jobs(database, persona):
    return database.rows("SELECT status::text, extract(epoch FROM available_at - now())::float AS due_in FROM jobs "
                         "WHERE job_type = 'persona_digest' AND persona_id = %s ORDER BY id", persona.id)


def test_a_digest_is_refreshed_at_most_once_a_minute(user, persona, worker, database):
    room = user.room("go-backend")
    user.publish(persona, room)
    eventually(lambda: [job["status"] for job in digest_jobs(database, persona)] == ["DONE"], within=10)
    assert user.get(f"/personas/{persona.id}/digest/today").json()["exists"]
    for _ in range(3):
        user.publish(persona, room)
    (_, waiting) = digest_jobs(database, persona)
    assert waiting["status"] == "PENDING" and 50 < waiting["due_in"] <= 60
    assert len(worker.log.find("job_completed", job_type="persona_digest")) == 1
    assert worker.log.find("digest_refreshed")


def test_activity_written_by_hand_gets_a_digest_too(persona, watchful, user, database):
    database.execute("INSERT INTO persona_activity_events (persona_id, type, metadata) "
                     "VALUES (%s, 'reply_generated', '{\"post_id\": \"battle-123\"}')", persona.id)
    digest = eventually(lambda: (found := user.get(f"/personas/{persona.id}/digest/today").json())["exists"]
                        and found["digest"], within=10)
    assert (digest["stats"]["replies"], digest["stats"]["top_threads"], digest["has_activity"]) == (1, [], True)


def test_a_day_is_the_utc_day_wherever_the_database_is(user, persona, database, start):
    database.execute(f"ALTER DATABASE {database.name} SET timezone = 'Pacific/Kiritimati'")
    start(Worker, WORKER_POLL_EVERY="200ms")
    database.execute("""
        INSERT INTO persona_activity_events (persona_id, type, created_at)
        SELECT %s, 'post_created', date_trunc('day', now(), 'UTC') - before * interval '1 microsecond'
        FROM unnest(ARRAY[0, 0, 1]) before""", persona.id)

    def digests():
        found = database.rows("SELECT (now() AT TIME ZONE 'UTC')::date - date AS days_ago, stats->'posts' AS posts "
                              "FROM persona_digests ORDER BY date")
        return len(found) == 2 and found

    assert eventually(digests, within=10) == [{"days_ago": 1, "posts": 1}, {"days_ago": 0, "posts": 2}]
    assert user.get(f"/personas/{persona.id}/digest/today").json()["digest"]["stats"]["posts"] == 2


def test_a_thread_is_shown_with_the_beginning_of_its_post(user, persona, worker):
    user.publish(persona, user.room("go-backend"), "🦊" * 500)
    (thread,) = eventually(
        lambda: user.get(f"/personas/{persona.id}/digest/today").json()["digest"]["stats"]["top_threads"], within=10)
    assert thread["post_preview"] == "🦊" * 220


@pytest.mark.parametrize("language", ["en", "tr"])
def test_with_the_provider_down_a_digest_falls_back_to_the_counts(user, database, start, language):
    persona = user.persona(preferred_language=language)
    worker = start(Worker, MOCK_LLM_FAILURE="status_500", MOCK_LLM_FAILURE_RATE="1", WORKER_POLL_EVERY="200ms")
    worker.expect_errors("digest_failed", "job_failed_permanently")
    user.publish(persona, user.room("go-backend"))
    digest = eventually(lambda: (found := user.get(f"/personas/{persona.id}/digest/today").json())["exists"]
                        and found["digest"], within=10)
    assert digest["stats"]["posts"] == 1 and "1" in digest["summary"]
    assert database.value("SELECT degraded FROM persona_digests WHERE persona_id = %s", persona.id) is True
    worker.stop()
    start(Worker, WORKER_POLL_EVERY="200ms")
    database.execute("UPDATE jobs SET available_at = now() WHERE job_type = 'persona_digest' AND status = 'PENDING'")
    eventually(lambda: database.value("SELECT degraded FROM persona_digests WHERE persona_id = %s",
                                      persona.id) is False, within=10)


def test_a_digest_beside_an_open_breaker_is_the_counts_until_the_provider_is_back(user, post, persona, database, start,
                                                                                  provider):
    provider.default = status(500)
    worker = start(Worker, **speaking_to(provider), LLM_BREAKER_FAILURES=1, LLM_BREAKER_COOLDOWN="1m",
                   JOB_RETRY_BASE="1s")
    user.ask_for_replies(post, persona)
    worker.log.wait_for("llm_breaker_opened")
    user.publish(persona, user.room("go-backend"))
    digest = eventually(lambda: (found := user.get(f"/personas/{persona.id}/digest/today").json())["exists"]
                        and found["digest"], within=10)
    degraded = lambda: database.value("SELECT degraded FROM persona_digests WHERE persona_id = %s", persona.id)
    assert (digest["summary"], degraded()) == (f"On {digest['date']}: 1 post and no replies.", True)
    job = database.row("SELECT id, status::text, attempts, extract(epoch "
                       "FROM available_at - updated_at)::float AS due_in FROM jobs WHERE job_type = 'persona_digest'")
    # When the breaker lets somebody ask.
    assert (job["status"], job["attempts"]) == ("PENDING", 0) and 50 < job["due_in"] <= 60
    refused = worker.log.wait_for("llm_attempt_failed", job_id=job["id"])
    assert (refused["attempt"], refused["error"]) == (0, "provider keeps failing and isn't asked for now")
    assert len(provider.requests) == 1  # for the reply, which opened it
    worker.stop()
    provider.default = answer("A day of small steps.")
    database.execute("UPDATE jobs SET available_at = now() WHERE id = %s", job["id"])
    start(Worker, **speaking_to(provider), WORKER_POLL_EVERY="200ms")
    eventually(lambda: degraded() is False, within=10)
    assert user.get(f"/personas/{persona.id}/digest/today").json()["digest"]["summary"] == "A day of small steps."


def test_a_persona_without_activity_needs_no_digest(persona, worker, database):
    assert database.count("jobs", persona_id=persona.id) == 0
