"""What the model costs is bounded by who asks for it: by user over all personas, deleted ones
included, and by network for what readers ask for."""
import concurrent.futures

import httpx
import pytest

from fakes.openai import FakeProvider, answer, hang, said, status
from support.battles import write_battle
from support.exposition import Page
from support.people import persona_fields, sign_up
from support.program import Api, Worker
from support.queue import speaking_to
from support.waiting import eventually

MODEL_QUOTA = (429, "daily model quota reached")


@pytest.fixture
def database(own_database):
    return own_database


def said_of(answer):
    return answer.status_code, answer.json().get("error")


def capped(start, calls=3, **settings):
    return start(Api, USER_DAILY_MODEL_CALLS=calls, **settings)


def calls_of(database, user):
    return database.value("SELECT model_calls_today(%s)", user.id)


# ---- personas ----


def test_personas_are_bounded_and_exact_at_once(start, database):
    user = sign_up(start(Api, MAX_PERSONAS=3))
    create = lambda _: user.post("/personas", json=persona_fields())
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = sorted(said_of(answer) for answer in pool.map(create, range(8)))
    assert answers == [(201, None)] * 3 + [(400, "persona limit reached")] * 5
    persona = user.get("/personas").json()["personas"][0]
    assert user.delete(f"/personas/{persona['id']}").status_code == 200
    assert create(0).status_code == 201
    assert said_of(create(0)) == (400, "persona limit reached")
    assert database.count("events", event_name="persona_created", user_id=user.id) == 4


def test_new_personas_have_a_class_of_their_own(start):
    user = sign_up(start(Api, RATE_LIMIT_PERSONA_WRITE="2/1h"))
    answers = [user.post("/personas", json=persona_fields()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[2].headers["RateLimit-Policy"] == '"persona_write";q=2;w=3600'
    assert user.get("/personas").status_code == 200


# ---- a user's calls ----


def test_drafts_count_over_all_personas(start, database):
    user = sign_up(capped(start))
    room, personas = user.room("go-backend"), [user.persona() for _ in range(4)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: said_of(user.ask_for_draft(personas[n % 4], room)), range(8)))
    assert sorted(answers, key=str) == [(201, None)] * 3 + [MODEL_QUOTA] * 5
    assert calls_of(database, user) == 3
    assert sign_up(user.api).persona()  # somebody else isn't bound


def test_a_preview_is_two_calls(start):
    user = sign_up(capped(start))
    room, persona = user.room("go-backend"), user.persona()
    preview = lambda: user.post(f"/personas/{persona.id}/preview", params={"room_id": room.id})
    assert preview().status_code == 200
    assert said_of(preview()) == MODEL_QUOTA
    assert user.ask_for_draft(persona, room).status_code == 201
    assert said_of(user.ask_for_draft(persona, room)) == MODEL_QUOTA


def test_a_deleted_persona_gives_no_call_back(start, database):
    user = sign_up(capped(start))
    room = user.room("go-backend")
    for _ in range(3):
        persona = user.persona()
        assert user.ask_for_draft(persona, room).status_code == 201
        assert user.delete(f"/personas/{persona.id}").status_code == 200
    assert said_of(user.ask_for_draft(user.persona(), room)) == MODEL_QUOTA


def test_replies_count_when_they_are_asked_for(start, database):
    api = capped(start)
    user = sign_up(api)
    room, personas = user.room("go-backend"), [user.persona() for _ in range(4)]
    first, second = (write_battle(database, user).id for _ in range(2))
    ask = lambda battle, *some: user.post(f"/posts/{battle}/generate-replies",
                                          json={"persona_ids": [one.id for one in some or personas]})
    assert ask(first, *personas[:2]).json() == {"enqueued": 2, "skipped": 0}
    assert ask(first, *personas[:2]).json() == {"enqueued": 0, "skipped": 2}  # are queued already: no call
    assert ask(second).json() == {"enqueued": 1, "skipped": 3}
    assert said_of(ask(second)) == MODEL_QUOTA
    assert ask(first, *personas[:2]).json() == {"enqueued": 0, "skipped": 2}
    for persona in personas:
        assert user.delete(f"/personas/{persona.id}").status_code == 200  # their jobs go with them
    user.persona()
    assert said_of(user.post(f"/posts/{second}/generate-replies")) == MODEL_QUOTA
    battle = user.post(f"/rooms/{room.id}/battles", json={"topic": "Is it worth it?"})
    assert battle.status_code == 201 and battle.json()["enqueued_replies"] == 0


def test_requests_for_replies_have_a_class_of_their_own(start, database):
    user = sign_up(start(Api, RATE_LIMIT_REPLY_REQUEST="1/1h"))
    user.persona()
    battle = write_battle(database, user).id
    answers = [user.post(f"/posts/{battle}/generate-replies") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"reply_request";q=1;w=3600'


def test_a_new_day_begins_anew(start, database):
    user = sign_up(capped(start, calls=1))
    room, persona = user.room("go-backend"), user.persona()
    assert user.ask_for_draft(persona, room).status_code == 201
    assert said_of(user.ask_for_draft(persona, room)) == MODEL_QUOTA
    database.execute("UPDATE quota_events SET created_at = created_at - interval '1 day' WHERE user_id = %s", user.id)
    assert user.ask_for_draft(persona, room).status_code == 201


@pytest.mark.parametrize("step, made", [(status(500), 0), (status(401), 0),
                                        (said("I can't.", refusal="I can't help with that."), 1),
                                        (answer("http://a.example http://b.example http://c.example"), 2)])
def test_a_failed_text_costs_what_was_made(start, database, step, made):
    """The persona's unit comes back; what the model has answered is paid for."""
    with FakeProvider(default=step) as provider:
        api = capped(start, calls=10, **speaking_to(provider))
        user = sign_up(api)
        api.expect_errors("http_request")
        persona = user.persona(daily_draft_quota=1)
        assert user.ask_for_draft(persona, user.room("go-backend")).status_code == 502
        eventually(lambda: calls_of(database, user) == made)
        provider.default = answer("Measure first. What did you see?")
        assert user.ask_for_draft(persona, user.room("go-backend")).status_code == 201


def test_a_persona_that_is_deleted_while_it_writes_gives_no_call_back(start, database):
    with FakeProvider(default=hang()) as provider:
        api = capped(start, calls=1, **speaking_to(provider))
        user = sign_up(api)
        persona, room = user.persona(), user.room("go-backend")
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            asked = pool.submit(lambda: user.ask_for_draft(persona, room))
            eventually(lambda: provider.requests)
            assert user.delete(f"/personas/{persona.id}").status_code == 200
            provider.release()
            assert said_of(asked.result()) == (404, "persona not found")
        provider.default = answer("Measure first. What did you see?")
        assert said_of(user.ask_for_draft(user.persona(), room)) == MODEL_QUOTA


def test_who_leaves_while_it_is_written_has_paid(start, database):
    with FakeProvider(default=hang()) as provider:
        api = capped(start, calls=1, API_REQUEST_TIMEOUT="2s", **speaking_to(provider))
        user = sign_up(api)
        api.expect_errors("http_request")
        persona, room = user.persona(), user.room("go-backend")
        with pytest.raises(httpx.TimeoutException):
            user.post(f"/rooms/{room.id}/posts/draft", json={"persona_id": persona.id}, timeout=0.3)
        database.execute("UPDATE quota_events SET expires_at = now() - interval '1 second' "
                         "WHERE expires_at IS NOT NULL")
        assert said_of(user.ask_for_draft(persona, room)) == MODEL_QUOTA


# ---- readers' summaries ----


def read(api, battle, address, token=None):
    headers = {"X-Forwarded-For": address} | ({"Authorization": f"Bearer {token}"} if token else {})
    return api.client.get(f"/b/{battle}", headers=headers).json()["ai_summary_status"]


def jobs(database):
    return database.count("jobs", job_type="summarize_thread")


def has_jobs(database, count):
    """Who doesn't wait for a summary is answered before it is asked for."""
    eventually(lambda: jobs(database) == count)


def asked(api):
    """How often a summary was asked for, by those who got one and those who didn't."""
    return Page(api.metrics()).value("db_query_duration_seconds_count", query="jobs/ask_summary")


@pytest.fixture
def readable(start, database):
    """An API before many threads without a summary, and nobody who makes one."""
    api = start(Api, RATE_LIMIT_SUMMARY="3/1h", RATE_LIMIT_SUMMARY_ALL="5/1h", TRUSTED_PROXIES="127.0.0.0/8,::1")
    user = sign_up(api)
    return api, user, [write_battle(database, user).id for _ in range(20)]


def test_summaries_are_bounded_by_network_and_in_all(readable, database):
    api, user, battles = readable
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda battle: read(api, battle, "203.0.113.7"), battles[:10]))
    assert jobs(database) == 3  # who has one made waits for two seconds, so all have asked
    for battle in battles[:10]:
        assert read(api, battle, "203.0.113.8") == "unavailable"
    has_jobs(database, 5)  # all who aren't signed in
    assert read(api, battles[10], "203.0.113.9") == "unavailable"
    for battle in battles[10:]:
        read(api, battle, "203.0.113.10", user.token)
    has_jobs(database, 8)  # the network's three
    database.execute("UPDATE summary_asks SET began_at = began_at - interval '1 hour'")
    assert read(api, battles[19], "203.0.113.7") == "unavailable"
    has_jobs(database, 9)
    assert not database.rows("SELECT FROM summary_asks WHERE bucket LIKE '%%203.0%%'")


def test_a_reader_counts_where_a_job_is_made(readable, database):
    api, _, battles = readable
    for _ in range(4):
        read(api, battles[0], "203.0.113.7")
    assert jobs(database) == 1
    before = asked(api)
    for battle in battles[1:5]:
        read(api, battle, "203.0.113.7")
    eventually(lambda: asked(api) >= before + 4)
    assert jobs(database) == 3


def test_who_may_not_ask_does_not_wait(readable, database):
    api, _, battles = readable
    for battle in battles[:3]:
        read(api, battle, "203.0.113.7")
    answered = api.client.get(f"/b/{battles[4]}", headers={"X-Forwarded-For": "203.0.113.7"})
    assert answered.elapsed.total_seconds() < 1
    eventually(lambda: asked(api) == 4)
    assert jobs(database) == 3


def test_old_buckets_are_forgotten(readable, start, database):
    api, _, battles = readable
    read(api, battles[0], "203.0.113.7")
    database.execute("UPDATE summary_asks SET began_at = began_at - interval '25 hours' WHERE bucket <> 'all'")
    start(Worker)
    eventually(lambda: database.count("summary_asks") == 1)


def test_public_threads_have_the_class_of_public_reads(start, database):
    api = start(Api, RATE_LIMIT_PUBLIC_READ="2/1h")
    battle = write_battle(database, sign_up(api)).id
    answers = [api.client.get(f"/b/{battle}") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["error"] == "public profile rate limit exceeded"
