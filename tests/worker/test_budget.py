"""The daily budget of tokens: shared by all processes, met within a call, opened by midnight and by
a lever."""
import concurrent.futures
import time

import pytest

from fakes.openai import hang, raw, status
from support.exposition import Page
from support.levers import settings as lever
from support.people import sign_up
from support.program import CHECKOUT, Api, Worker
from support.queue import spread_jobs, speaking_to, unfinished
from support.waiting import eventually

CALL = 1000  # tokens
USED_UP = "daily model budget used up"
EXCHANGE = (CHECKOUT / "backend" / "sql" / "budgets" / "exchange.sql").read_text()


def costing(tokens=CALL, **changes):
    return raw({"choices": [{"message": {"role": "assistant", "content": "Measure first. What did you see?"},
                             "finish_reason": "stop"}],
                "usage": {"prompt_tokens": tokens - 100, "completion_tokens": 100, "total_tokens": tokens}} | changes)


@pytest.fixture
def settings(provider):
    provider.default = costing()
    return speaking_to(provider) | {"LLM_DAILY_TOKENS": str(10 * CALL)}


@pytest.fixture
def api(start, settings):
    return start(Api, **settings)


def row(database):
    return database.row("SELECT * FROM model_budgets WHERE day = (now() AT TIME ZONE 'UTC')::date")


def is_told(database, provider, tokens=CALL):
    """All that was used stands in the row."""
    return eventually(lambda: (today := row(database)) and today["used"] == len(provider.requests) * tokens and today)


def use_up(database, tokens=10 * CALL):
    """As if it had been used long ago."""
    database.execute("INSERT INTO model_budgets (day, taken, used, calls, changed_at) "
                     "VALUES ((now() AT TIME ZONE 'UTC')::date, %s, %s, 10, now() - interval '1 hour')", tokens, tokens)


def draft(user, persona, room):
    return user.ask_for_draft(persona, room)


def refused(answer):
    left = int(answer.headers["Retry-After"])
    assert answer.status_code == 429 and answer.json()["error"] == USED_UP
    assert answer.json()["code"] == "daily_model_budget_used_up"
    assert abs(left - (86400 - time.time() % 86400)) < 5
    return True


def test_fifty_calls_at_once_against_room_for_ten(database, start, api, settings, provider):
    apis, workers = [api, start(Api, **settings)], [start(Worker, **settings) for _ in range(2)]
    users = [sign_up(one) for one in apis]
    ours = [(user, user.persona(), user.room("go-backend")) for user in users]
    spread_jobs(database, users[0], 25)
    database.execute("NOTIFY jobs")
    with concurrent.futures.ThreadPoolExecutor(25) as pool:
        answers = list(pool.map(lambda n: draft(*ours[n % 2]), range(25)))
    for one in apis:
        one.expect_errors("http_request")
    written = [answer for answer in answers if answer.status_code == 201]
    assert len(written) + sum(refused(answer) for answer in answers if answer.status_code != 201) == 25
    eventually(lambda: not database.count("jobs", status="PROCESSING") and len(provider.requests) >= 9, within=30)
    assert is_told(database, provider)["used"] in range(9 * CALL, 11 * CALL + 1)
    waiting = database.rows("SELECT attempts FROM jobs WHERE job_type = 'generate_reply' AND status = 'PENDING'")
    assert len(waiting) == 25 - (len(provider.requests) - len(written))
    assert {job["attempts"] for job in waiting} <= {0}
    assert database.count("quota_events", quota_type="draft") == len(written)  # the refused gave theirs back
    for one in apis + workers:
        page = eventually(lambda: (page := Page(one.metrics())).value("llm_budget_used_tokens")
                          == len(provider.requests) * CALL and page)
        assert page.value("llm_budget_tokens") == 10 * CALL


def test_midnight_frees_it(database, start, api, settings, provider):
    use_up(database)
    user = sign_up(api)
    persona, room = user.persona(), user.room("go-backend")
    api.expect_errors("http_request")
    assert refused(draft(user, persona, room))
    assert refused(user.post(f"/personas/{persona.id}/preview", params={"room_id": room.id}))
    api.log.wait_for("llm_budget_used_up")
    worker = start(Worker, **settings)
    spread_jobs(database, user, 3)
    worker.log.wait_for("llm_budget_used_up")
    assert unfinished(database) == 3 and provider.requests == []
    database.execute("UPDATE model_budgets SET day = day - 1")  # what was today is yesterday
    api.log.wait_for("llm_budget_open")
    eventually(lambda: unfinished(database) == 0)
    assert draft(user, persona, room).status_code == 201


def test_a_lever_opens_it_at_once(database, start, api, settings, provider):
    use_up(database)
    worker = start(Worker, **settings)
    spread_jobs(database, sign_up(api), 3)
    worker.log.wait_for("llm_budget_used_up")
    lever(database, "set", "llm.daily_tokens", str(20 * CALL))
    eventually(lambda: unfinished(database) == 0)
    eventually(lambda: row(database)["used"] >= 13 * CALL)
    lever(database, "set", "llm.daily_tokens", "1")
    worker.log.wait_for("setting_changed", key="llm.daily_tokens", new="1")
    spread_jobs(database, sign_up(api), 1)
    worker.log.wait_for("llm_budget_used_up", count=2)
    assert unfinished(database) == 1
    lever(database, "set", "llm.daily_tokens", "0")  # no bound
    eventually(lambda: unfinished(database) == 0)


def test_the_mock_costs_nothing(database, start, api, settings):
    use_up(database)
    user = sign_up(api)
    persona, room = user.persona(), user.room("go-backend")
    api.expect_errors("http_request")
    assert refused(draft(user, persona, room))
    worker = start(Worker, **settings)
    spread_jobs(database, user, 3)
    worker.log.wait_for("llm_budget_used_up")
    lever(database, "set", "llm.provider", "mock")
    eventually(lambda: draft(user, persona, room).status_code == 201)
    eventually(lambda: unfinished(database) == 0)
    assert row(database)["used"] == 10 * CALL


def test_reads_and_digests_go_on_without_it(database, start, api, settings):
    use_up(database)
    user = sign_up(api)
    worker = start(Worker, **settings)
    persona, room = user.persona(), user.room("go-backend")
    post = user.post(f"/rooms/{room.id}/battles", json={"topic": "Is it worth it?"}).json()["post"]
    spread_jobs(database, user, 1)
    worker.log.wait_for("llm_budget_used_up")
    thread = user.get(f"/posts/{post['id']}/thread").json()
    assert thread["ai_summary_status"] == "unavailable"
    digest = database.value("INSERT INTO jobs (job_type, persona_id, subject_date) VALUES ('persona_digest', %s, "
                            "(now() AT TIME ZONE 'UTC')::date) RETURNING id", persona.id)
    database.execute("INSERT INTO persona_activity_events (persona_id, type) VALUES (%s, 'post_created')", persona.id)
    eventually(lambda: database.value("SELECT degraded FROM persona_digests WHERE persona_id = %s", persona.id))
    assert database.value("SELECT status FROM jobs WHERE id = %s", digest) == "PENDING"


def test_what_the_server_does_not_count_is_estimated(database, api, provider):
    provider.default = costing(usage=None)
    user = sign_up(api)
    assert draft(user, user.persona(), user.room("go-backend")).status_code == 201
    asked = len(str(provider.requests[0].json))
    today = eventually(lambda: (today := row(database)) and today["used"] and today)
    assert asked / 6 < today["used"] < asked / 2 and today["calls"] == 1


def test_a_failure_that_made_nothing_costs_nothing(database, api, provider):
    provider.default = status(500)
    user = sign_up(api)
    api.expect_errors("http_request")
    assert draft(user, user.persona(), user.room("go-backend")).status_code == 502
    provider.default = costing()
    assert draft(user, user.persona(), user.room("go-backend")).status_code == 201
    eventually(lambda: (today := row(database)) and today["used"] == CALL and today["calls"] == 1)


def test_a_stop_gives_back_what_is_free(database, start, settings, provider):
    big = settings | {"LLM_DAILY_TOKENS": str(1000 * CALL)}  # a portion is ten calls
    api, worker = start(Api, **big), start(Worker, **big)
    user = sign_up(api)
    assert draft(user, user.persona(), user.room("go-backend")).status_code == 201
    spread_jobs(database, user, 2)
    database.execute("NOTIFY jobs")
    eventually(lambda: unfinished(database) == 0)
    assert row(database)["taken"] > 10 * CALL
    for service in (api, worker):
        service.stop()
    today = row(database)
    assert today["taken"] == today["used"] == len(provider.requests) * CALL


def test_a_kill_between_call_and_count_loses_one_correction(database, start, settings, provider):
    """The killed process has told its earlier calls; of the last one the estimate stays."""
    settings |= {"OPENAI_REQUEST_TIMEOUT": "2s"}  # for so long the others wait for what is with the dead one
    api = start(Api, **settings)
    user = sign_up(api)
    persona, room = user.persona(), user.room("go-backend")
    assert draft(user, persona, room).status_code == 201
    is_told(database, provider)
    provider.default = hang()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: draft(user, persona, room))
        eventually(lambda: len(provider.requests) == 2)
        api.kill()
    today = row(database)
    assert today["used"] == CALL
    assert today["taken"] - 2 * CALL <= 2 * (10 * CALL // 100)  # the call as estimated, and a portion or two
    provider.default = costing()
    again = start(Api, **settings)
    again.expect_errors("http_request")
    there = user.at(again)
    answers = [draft(there, persona, room).status_code for _ in range(9)]
    assert answers.count(201) in (7, 8) and set(answers) == {201, 429}


def exchange(database, limit, more, least, back=0, used=0, calls=0, day=20000):
    text = EXCHANGE
    for number, value in enumerate((day, limit, more, least, back, used, calls), 1):
        text = text.replace(f"${number}::", f"({value})::")
    return database.row(text)


def test_the_row_grants_what_is_within_the_limit(database):
    assert exchange(database, 1000, more=600, least=600)["granted"] == 600
    assert exchange(database, 1000, more=600, least=401) == {"granted": 0, "taken": 600, "used": 0, "calls": 0}
    assert exchange(database, 1000, more=600, least=400, used=50, calls=1) == {"granted": 600, "taken": 1200,
                                                                              "used": 50, "calls": 1}
    assert exchange(database, 1000, more=1, least=1)["granted"] == 0
    assert exchange(database, 1000, more=300, least=300, back=500) == {"granted": 300, "taken": 1000, "used": 50,
                                                                      "calls": 1}
    assert exchange(database, 1000, more=0, least=0, back=-70, used=70, calls=1)["taken"] == 1070
    assert exchange(database, 1000, more=0, least=0, back=5000)["taken"] == 0
    assert exchange(database, 1000, more=2000, least=1001, day=20001)["granted"] == 0  # a new day's row
    assert exchange(database, 1000, more=9, least=9, back=-7, day=20002) == {"granted": 9, "taken": 16, "used": 0,
                                                                            "calls": 0}


def test_exchanges_at_the_same_time_never_grant_more_than_there_is(database):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        granted = list(pool.map(lambda _: exchange(database, 1000, more=30, least=30)["granted"], range(64)))
    assert sum(granted) == 990 and exchange(database, 1000, more=0, least=0)["taken"] == 990
