"""Levers: obeyed by every API process within a second, ending by themselves."""
import pytest

from fakes.openai import FakeProvider, hang, status
from support.levers import by_hand, changes, obeyed, settings
from support.limits import stranger
from support.people import new_room, sign_up
from support.postgres import Cluster
from support.program import Api, run
from support.redis import Redis
from support.waiting import at_once, eventually

NOBODY = "7d444840-9dc0-41d1-b245-5ffdce74fad2"
LIMITED = {"public_read": ("GET", "/p/nobody"), "public_write": ("POST", "/p/nobody/follow"),
           "events": ("POST", "/events"), "auth": ("POST", "/auth/login"),
           "battle_create": ("POST", f"/rooms/{NOBODY}/battles"), "template_create": ("POST", "/templates"),
           "llm": ("POST", f"/rooms/{NOBODY}/posts/draft")}


@pytest.fixture
def database(own_database):
    """Levers are everybody's."""
    return own_database


@pytest.fixture
def apis(start):
    return [start(Api) for _ in range(2)]


@pytest.fixture
def provider():
    with FakeProvider() as provider:
        yield provider


def speaking_to(provider):
    return {"LLM_PROVIDER": "openai", "OPENAI_BASE_URL": provider.url, "OPENAI_MAX_RETRIES": 0,
            "LLM_BREAKER_FAILURES": 100000}


def policy(api, endpoint):
    """The limit as the process tells it."""
    method, path = LIMITED[endpoint]
    return stranger(api).request(method, path, json={}).headers["RateLimit-Policy"]


def are(apis, endpoint, rule):
    return all(policy(api, endpoint) == f'"{endpoint}";{rule}' for api in apis)


@pytest.mark.parametrize("endpoint", LIMITED)
def test_a_rate_limit_is_changed_and_given_back_in_every_process(apis, database, endpoint):
    settings(database, "set", f"rate_limit.{endpoint}", "7/90s")
    obeyed(lambda: are(apis, endpoint, "q=7;w=90"))
    settings(database, "unset", f"rate_limit.{endpoint}")
    obeyed(lambda: are(apis, endpoint, "q=1000000;w=60"))
    for api in apis:
        api.heard()
        assert changes(api, f"rate_limit.{endpoint}") == [("1000000/1m", "7/90s", "set"),
                                                          ("7/90s", "1000000/1m", "unset")]


def test_failed_logins_are_limited_anew(apis, database):
    user = sign_up(apis[0])
    by_hand(database, "rate_limit.login_failure", "1/1h")
    for api in apis:
        obeyed(lambda: changes(api, "rate_limit.login_failure"))
        log_in = lambda: api.client.post("/auth/login",
                                         json={"email": user.email, "password": "wrong password"}).status_code
        assert [log_in(), log_in()] == [401, 429]


def test_windows_that_have_begun_go_on_under_the_new_limit(apis, database):
    user = stranger(apis[0])
    ask = lambda api: user.at(api).post("/templates", json={})
    for api in apis:
        assert [ask(api).status_code for _ in range(5)] == [400] * 5
    settings(database, "set", "rate_limit.template_create", "6/1m")
    obeyed(lambda: are(apis, "template_create", "q=6;w=60"))
    for api in apis:
        assert [ask(api).status_code for _ in range(2)] == [400, 429]
    settings(database, "set", "rate_limit.template_create", "6/1s")
    for api in apis:
        eventually(lambda: ask(api).status_code == 400, within=3)


def test_replicas_that_count_together_change_together(start, database):
    with Redis() as redis:
        apis = [start(Api, REDIS_URL=redis.url, RATE_LIMIT_TEMPLATE_CREATE="1/1h") for _ in range(2)]
        for api in apis:
            eventually(lambda: "rate_limit_shared 1" in api.metrics())
        user = stranger(apis[0])
        ask = lambda api: user.at(api).post("/templates", json={}).status_code
        assert [ask(api) for api in apis] == [400, 429]
        settings(database, "set", "rate_limit.template_create", "3/1h")
        obeyed(lambda: are(apis, "template_create", "q=3;w=3600"))
        assert [ask(api) for api in apis * 2] == [400, 400, 429, 429]
        settings(database, "set", "rate_limit.template_create", "3/2s")
        eventually(lambda: ask(apis[1]) == 400, within=4)


def test_a_lever_ends_by_itself_and_both_are_logged_once(apis, database):
    settings(database, "set", "rate_limit.events", "7/1m", "--for", "2s")
    obeyed(lambda: are(apis, "events", "q=7;w=60"))
    eventually(lambda: are(apis, "events", "q=1000000;w=60"), within=3)
    for api in apis:
        api.heard()
        first, second = api.log.find("setting_changed")
        assert (first["key"], first["level"], first["old"], first["new"],
                first["reason"]) == ("rate_limit.events", "info", "1000000/1m", "7/1m", "set")
        assert (second["old"], second["new"], second["reason"]) == ("7/1m", "1000000/1m", "expired")
        assert first["expires"][:19] <= second["ts"][:19] and "expires" not in second


def test_a_lever_survives_a_restart(apis, database, start):
    settings(database, "set", "rate_limit.events", "7/1m", "--for", "1h")
    obeyed(lambda: are(apis, "events", "q=7;w=60"))
    apis[0].stop()
    again = start(Api)
    obeyed(lambda: are([again], "events", "q=7;w=60"))
    again.heard()
    assert changes(again, "rate_limit.events") == [("1000000/1m", "7/1m", "set")]


def test_without_the_database_it_stays_until_its_time_is_over():
    with Cluster() as cluster:
        database = cluster.create()
        assert run("migrate", DATABASE_URL=database.url).returncode == 0
        with Api(database.url) as api:
            api.expect_errors("http_request")
            settings(database, "set", "rate_limit.auth", "8/1m", "--for", "3s")
            settings(database, "set", "rate_limit.public_write", "9/1m")
            obeyed(lambda: are([api], "auth", "q=8;w=60") and are([api], "public_write", "q=9;w=60"))
            cluster.stop("immediate")
            assert are([api], "auth", "q=8;w=60")
            eventually(lambda: changes(api, "rate_limit.auth")[-1] == ("8/1m", "1000000/1m", "expired"), within=4)
            assert are([api], "auth", "q=1000000;w=60") and are([api], "public_write", "q=9;w=60")
            cluster.start()
            eventually(api.is_ready)
            database.execute("DELETE FROM settings")
            obeyed(lambda: are([api], "public_write", "q=1000000;w=60"))
            assert len(changes(api, "rate_limit.auth")) == 2


def test_what_cannot_be_read_is_ignored_with_one_warning(apis, database):
    by_hand(database, "rate_limit.events", "lots")
    by_hand(database, "nobody.knows", "this")
    by_hand(database, "rate_limit.auth", "x" * 100000)
    for api in apis:
        obeyed(lambda: len(api.log.find("setting_ignored")) == 2)
        (line,) = api.log.find("setting_ignored", key="rate_limit.events")
        assert line["level"] == "warn" and line["error"] == "rate_limit.events must be a count and a time like 120/1m"
    by_hand(database, "rate_limit.events", "7/1m")
    obeyed(lambda: are(apis, "events", "q=7;w=60"))
    by_hand(database, "rate_limit.events", "less")
    obeyed(lambda: are(apis, "events", "q=1000000;w=60"))
    for api in apis:
        obeyed(lambda: len(api.log.find("setting_ignored", key="rate_limit.events")) == 2)
        assert len(api.log.find("setting_ignored")) == 3


def test_a_provider_that_cannot_be_had_is_not_used(apis, database):
    user, room = sign_up(apis[0]), new_room(database)
    persona = user.persona()
    settings(database, "set", "llm.provider", "openai")
    for api in apis:
        (line,) = obeyed(lambda: api.log.find("setting_ignored"))
        assert line["key"] == "llm.provider" and "OPENAI_API_KEY must be set" in line["error"]
        assert user.at(api).ask_for_draft(persona, room).status_code == 201
        assert not changes(api, "llm.provider")


def test_the_mock_takes_over_from_a_failing_provider_and_gives_back_by_itself(start, database, provider):
    provider.default = status(500)
    apis = [start(Api, **speaking_to(provider)) for _ in range(2)]
    for api in apis:
        api.expect_errors("http_request", "llm_attempt_failed")
    users = [sign_up(api) for api in apis]
    room = new_room(database)
    personas = [user.persona(daily_draft_quota=200) for user in users]
    answers = []

    def under_load(user, persona):
        """Drafts one after another until the provider is asked again:
        when each was asked for, and how it ended."""
        while len(answers) < 300 and not all(len(changes(api, "llm.provider")) == 2 for api in apis):
            mocked = all(changes(api, "llm.provider") == [("openai", "mock", "set")] for api in apis)
            code = user.ask_for_draft(persona, room).status_code
            still = all(len(changes(api, "llm.provider")) == 1 for api in apis)
            answers.append((mocked and still, code))

    def degrade():
        eventually(lambda: any(code == 502 for _, code in answers))
        settings(database, "set", "llm.provider", "mock", "--for", "3s")
        obeyed(lambda: all(changes(api, "llm.provider") for api in apis))

    at_once(degrade,
            *[lambda user=user, persona=persona: under_load(user, persona) for user, persona in zip(users, personas)])
    assert {code for mocked, code in answers if mocked} == {201}
    for api, user, persona in zip(apis, users, personas):
        eventually(lambda: changes(api, "llm.provider")[-1] == ("mock", "openai", "expired"))
        assert user.ask_for_draft(persona, room).status_code == 502


def test_fewer_calls_go_out_and_more_again(start, database, provider):
    """Calls that wait hear of it, too."""
    provider.default = hang()
    apis = [start(Api, API_REQUEST_TIMEOUT="28s", **speaking_to(provider)) for _ in range(2)]
    user, room = sign_up(apis[0]), new_room(database)
    persona = user.persona()
    settings(database, "set", "llm.max_concurrency", "2")
    for api in apis:
        obeyed(lambda: changes(api, "llm.max_concurrency"))

    def let_out():
        eventually(lambda: database.count("quota_events", persona_id=persona.id) == 16,
                   within=12)  # what comes before the model
        eventually(lambda: provider.in_flight == 4)
        assert "llm.max_concurrency" in settings(database, "list")
        assert provider.most_in_flight == 4
        settings(database, "set", "llm.max_concurrency", "20")
        obeyed(lambda: provider.in_flight == 16)
        provider.release()

    _, *answers = at_once(let_out, *[lambda api=api: user.at(api).ask_for_draft(persona, room) for api in apis
                                     for _ in range(8)])
    assert [answer.status_code for answer in answers] == [201] * 16
