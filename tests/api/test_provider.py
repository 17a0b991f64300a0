"""The provider as a client, the log and the metrics see it:
each trouble of the provider, its breaker, and its key that nobody sees."""
import contextlib
import datetime
import email.utils
import gzip
import pathlib
import statistics
import time

import pytest

from fakes.openai import (FakeProvider, answer, broken_json, close_early, drip, empty, hang, huge, no_choices, raw,
                          redirect, said, self_signed, status)
from support.exposition import Page
from support.people import sign_up
from support.program import Api, release_binary
from support.waiting import at_once, eventually
from support.wire import Connection

KEY = "sk-planted-key"
OPENED = "provider keeps failing and isn't asked for now"


@pytest.fixture
def provider():
    with FakeProvider() as provider:
        yield provider


@pytest.fixture
def author(start, provider):
    """start_author(SETTING=…): somebody whose drafts come from the scripted provider."""

    def start_author(base_url=provider.url, **settings):
        settings = {"OPENAI_RETRY_BASE": "50ms", "API_REQUEST_TIMEOUT": "3s"} | settings
        api = start(Api, LLM_PROVIDER="openai", OPENAI_BASE_URL=base_url, OPENAI_API_KEY=KEY, **settings)
        api.expect_errors("http_request")
        return sign_up(api)

    return start_author


def value(api, name, **labels):
    return Page(api.metrics()).value(name, provider="openai", **labels)


def in_two_minutes():
    return email.utils.format_datetime(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=120),
                                       usegmt=True)


def late_date():
    return lambda _: status(429, retry_after=in_two_minutes())


REFUSED, QUOTA_USED = "the model refused", "the provider's quota is used up"
FINE = b'{"choices":[{"message":{"content":"Measure before you cut. What would you measure first?"}}]}'
UNREAD, UNREACHED, LATE = ("provider's answer could not be read", "provider could not be reached",
                           "provider did not answer in time")
# the provider's step, attempts, status for the client, its Retry-After,
# the log's sentence, how the metric has the call
TROUBLES = {
    "slow": (answer(delay=0.6), 1, 201, None, None, "ok"),
    "hanging": (hang(), 1, 504, None, LATE, "timeout"),
    "drip-feeding": (drip(every=0.05), 1, 504, None, LATE, "timeout"),
    "closing early": (close_early(), 3, 502, None, UNREACHED, "error"),
    "closing half-way": (close_early(after=150), 3, 502, None, UNREAD, "error"),
    "400": (status(400), 1, 502, None, "provider answered 400", "error"),
    "401": (status(401), 1, 502, None, "provider answered 401", "error"),
    "404": (status(404), 1, 502, None, "provider answered 404", "error"),
    "408": (status(408), 3, 502, None, "provider answered 408", "error"),
    "429": (status(429), 3, 502, None, "provider answered 429", "error"),
    "429, soon in ms": (status(429, retry_after_ms="60"), 3, 502, None, "provider answered 429", "error"),
    "429, late in seconds": (status(429, retry_after="120"), 1, 503, 120, "provider answered 429", "error"),
    "429, late by date": (late_date(), 1, 503, 120, "provider answered 429", "error"),
    "429, late in ms": (status(429, retry_after_ms="120000"), 1, 503, 120, "provider answered 429", "error"),
    "500": (status(500), 3, 502, None, "provider answered 500", "error"),
    "503": (status(503), 3, 502, None, "provider answered 503", "error"),
    "503, late in seconds": (status(503, retry_after="120"), 1, 503, 120, "provider answered 503", "error"),
    "redirect": (redirect(), 1, 502, None, "provider answered 307", "error"),
    "100 MB": (huge(100 * 1024 * 1024), 3, 502, None, UNREAD, "error"),
    "invalid JSON": (broken_json(), 3, 502, None, UNREAD, "error"),
    "no choices": (no_choices(), 3, 502, None, UNREAD, "error"),
    "empty content": (empty(), 3, 502, None, "provider gave no text", "error"),
    "reasoning alone": (said("<think>first I"), 3, 502, None, "provider gave no text", "error"),
    "no room": (said(None, "length"), 5, 502, None, "provider gave no text within the bound on tokens", "error"),
    "refusal": (said(None, refusal="I can't."), 1, 502, None, REFUSED, "error"),
    "filter": (said("Half a", "content_filter"), 1, 502, None, REFUSED, "error"),
    "filter before it": (status(400, body={"error": {"code": "content_filter"}}), 1, 502, None, REFUSED, "error"),
    "quota": (status(429, body={"error": {"code": "insufficient_quota"}}), 1, 502, None, QUOTA_USED, "error"),
    "quota, to come back to": (status(429, retry_after="1", body={"error": {"type": "insufficient_quota"}}),
                               1, 502, None, QUOTA_USED, "error"),
    "no credit": (status(402), 1, 502, None, QUOTA_USED, "error"),
    "400 in a 200": (raw({"error": {"code": 400}}), 1, 502, None, "provider answered 400", "error"),
    "429 in a 200": (raw({"error": {"code": "429"}}), 3, 502, None, "provider answered 429", "error"),
    "503 in a choice": (raw({"choices": [{"error": {"code": 503}}]}), 3, 502, None, "provider answered 503", "error"),
    "error without a code": (raw({"error": "no"}), 3, 502, None, UNREAD, "error"),
    "byte order mark": (raw(b"\xef\xbb\xbf" + FINE), 1, 201, None, None, "ok"),
    "bytes behind": (raw(FINE + b"\0\r\n"), 1, 201, None, None, "ok"),
    "gzip": (raw(gzip.compress(FINE), Content_Encoding="gzip"), 1, 201, None, None, "ok"),
}


def check_trouble(author, attempts, expected, retry_after, sentence, ended):
    api = author.api
    before = value(api, "llm_requests_total", operation="post_draft", status=ended)
    draft = author.ask_for_draft(author.persona(), author.room("go-backend"))
    assert draft.status_code == expected, draft.text
    assert (retry_after is None) == ("Retry-After" not in draft.headers)
    assert retry_after is None or retry_after - 3 <= int(draft.headers["Retry-After"]) <= retry_after + 1
    if expected in (502, 503):
        assert draft.json()["error"] == f"llm draft failed: {sentence}"
    api.heard()
    lines = api.log.find("llm_attempt_failed", request_id=draft.headers["X-Request-Id"])
    assert [(line["attempt"], line["error"]) for line in lines] == [(number + 1, sentence)
                                                                    for number in range(attempts if sentence else 0)]
    assert all((line["operation"], line["provider"], line["level"]) == ("post_draft", "openai", "warn")
               for line in lines)
    assert value(api, "llm_requests_total", operation="post_draft", status=ended) == before + 1
    assert value(api, "llm_in_flight") == 0
    return lines


@pytest.mark.parametrize("step, attempts, expected, retry_after, sentence, ended", TROUBLES.values(),
                         ids=TROUBLES.keys())
def test_each_trouble_is_counted_logged_and_told_as_promised(author, provider, step, attempts, expected, retry_after,
                                                             sentence, ended):
    provider.default = step
    check_trouble(author(), attempts, expected, retry_after, sentence, ended)
    assert len(provider.requests) == attempts


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(author, tmp_path):
    with FakeProvider(tls=self_signed(tmp_path)) as provider:
        lines = check_trouble(author(base_url=provider.url), 3, 502, None, UNREACHED, "error")
        assert all("certificate" in line["detail"] for line in lines)
        assert provider.requests == []


def resident(api):
    return int(pathlib.Path(f"/proc/{api.process.pid}/statm").read_text().split()[1]) * 4096


def test_an_endless_answer_takes_no_memory(start, provider):
    """The sanitizer keeps what was freed, so this asks the optimised build."""
    api = start(Api, program=release_binary(), LLM_PROVIDER="openai", OPENAI_BASE_URL=provider.url,
                OPENAI_RETRY_BASE="50ms")
    api.expect_errors("http_request")
    author = sign_up(api)
    provider.play(answer(), *[huge(100 * 1024 * 1024)] * 9)
    persona, room = author.persona(), author.room("go-backend")
    author.draft(persona, room)
    before = resident(api)
    assert [author.ask_for_draft(persona, room).status_code for _ in range(3)] == [502] * 3
    limit = 8 if release_binary() and "asan" not in str(release_binary()) else 64
    assert resident(api) - before < limit * 1024 * 1024
    assert len(provider.requests) == 10


ECHOES = {
    "401": status(401, body={"error": {"message": f"Incorrect API key provided: {KEY}", "code": KEY}}),
    "500, in body and header": status(500, retry_after=KEY, body={"error": KEY}),
    "no JSON": status(200, body=f"{KEY} is no JSON".encode()),
    "no choices": status(200, body={KEY: KEY}),
    "a redirect": redirect(to=f"http://127.0.0.1:1/{KEY}"),
    "closed half-way": close_early(after=150),
}


def test_the_key_is_nowhere_even_where_the_provider_echoes_it(author, provider):
    user = author()
    persona, room = user.persona(), user.room("go-backend")
    answers = []
    for echo in ECHOES.values():
        provider.default = echo
        answers.append(user.ask_for_draft(persona, room))
    assert {draft.status_code for draft in answers} == {502}
    assert all(request.headers["authorization"] == f"Bearer {KEY}" for request in provider.requests)
    api = user.api
    api.heard()
    said = [draft.text + str(draft.headers)
            for draft in answers] + [str(api.log.lines), str(api.log.stray), api.metrics(), api.stderr()]
    said += [pathlib.Path(f"/proc/{api.process.pid}/{name}").read_text() for name in ("cmdline", "comm")]
    assert not [text for text in said if "planted" in text]
    assert len(api.log.find("llm_attempt_failed")) == len(provider.requests)


def test_the_breaker_opens_lets_one_probe_and_closes(author, provider, database):
    user = author(LLM_BREAKER_FAILURES=4, LLM_BREAKER_COOLDOWN="1s", OPENAI_MAX_RETRIES=0)
    api, persona, room = user.api, user.persona(daily_draft_quota=1), user.room("go-backend")
    assert value(api, "llm_breaker_state") == 0
    provider.default = status(500)
    assert [user.ask_for_draft(persona, room).status_code for _ in range(4)] == [502] * 4
    refused = user.ask_for_draft(persona, room)
    assert (refused.status_code, refused.headers["Retry-After"],
            refused.json()["error"]) == (503, "1", f"llm draft failed: {OPENED}")
    assert len(provider.requests) == 4
    assert value(api, "llm_breaker_state") == 2
    assert value(api, "llm_requests_total", operation="post_draft", status="rejected") == 1
    opened = api.log.wait_for("llm_breaker_opened", provider="openai")
    assert (opened["level"], opened["failures"]) == ("warn", 4)
    assert database.count("quota_events", persona_id=persona.id) == 0

    def while_it_probes():
        eventually(lambda: len(provider.requests) == 5)
        assert value(api, "llm_breaker_state") == 1
        other = user.persona()
        assert {user.ask_for_draft(other, room).status_code for _ in range(5)} == {503}
        assert len(provider.requests) == 5
        provider.release()
        return True

    def ask_until_it_is_asked():
        return eventually(lambda: (draft := user.ask_for_draft(persona, room)).status_code != 503 and draft)

    provider.default = hang()
    probe, _ = at_once(ask_until_it_is_asked, while_it_probes)
    assert probe.status_code == 201
    assert value(api, "llm_breaker_state") == 0
    api.log.wait_for("llm_breaker_closed", provider="openai")
    provider.default = answer()
    assert user.ask_for_draft(user.persona(), room).status_code == 201


def draft_request(user, persona, room):
    body = f'{{"persona_id":"{persona.id}"}}'
    return (f"POST /rooms/{room.id}/posts/draft HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
            f"{user.token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}")


def times(user, paths, rounds=60):
    """Median and worst seconds of each path, one request after the other."""
    taken = {path: [] for path in paths}
    for _ in range(rounds):
        for path in paths:
            started = time.perf_counter()
            assert user.get(path).status_code == 200
            taken[path].append(time.perf_counter() - started)
    return {path: (statistics.median(seconds), max(seconds)) for path, seconds in taken.items()}


@pytest.fixture
def connections():
    with contextlib.ExitStack() as connections:
        yield connections


def test_a_hanging_provider_with_500_waiting_slows_nobody_and_opens_the_breaker(author, provider, connections):
    """Precise figures are `script/bench provider`'s;
    here the neighbours must not wait for the provider at all."""
    paths = ("/healthz", "/feed", "/notifications")
    user = author(OPENAI_REQUEST_TIMEOUT="8s", API_REQUEST_TIMEOUT="20s", LLM_BREAKER_COOLDOWN="1s",
                  OPENAI_MAX_RETRIES=0)
    room, personas = user.room("go-backend"), [user.persona() for _ in range(10)]
    provider.default = hang()
    idle = times(user, paths)
    waiting = [connections.enter_context(Connection(user.api.port, within=30)) for _ in range(500)]
    for number, connection in enumerate(waiting):
        assert connection.send(draft_request(user, personas[number // 50], room))
    eventually(lambda: len(provider.requests) >= 64
               and Page(user.api.metrics()).value("http_requests_in_flight") >= 500, within=7)
    loaded = times(user, paths)
    assert provider.in_flight == 64
    for path in paths:
        # The provider hangs for 8 s; a busy machine adds to some of them.
        assert loaded[path][0] < 3 * idle[path][0] + 0.05, (path, idle[path], loaded[path])
        assert loaded[path][1] < 3, (path, idle[path], loaded[path])
    answers = [connection.answer() for connection in waiting]
    statuses = [draft.status_code for draft in answers]
    assert set(statuses) == {503, 504}
    assert {draft.headers.get("retry-after") for draft in answers if draft.status_code == 503} <= {"1", "2"}
    assert statuses.count(504) == len(provider.requests) <= 64 + 9  # nine slots came free before the tenth failure
    user.api.log.wait_for("llm_breaker_opened")
    provider.default = answer()
    eventually(lambda: user.ask_for_draft(personas[0], room).status_code == 201)
    assert value(user.api, "llm_breaker_state") == 0
