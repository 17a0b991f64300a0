"""What an operator can set right at the model's server: each of nine causes is told alike by the
log, the metric, `doctor provider` and `triage`. And what `doctor provider` says where all is well."""
import contextlib
import re
import threading

import pytest

from fakes.openai import FakeProvider, answer, hang, said, self_signed, status
from support.exposition import Page
from support.people import sign_up
from support.ports import free_port
from support.program import Api, run
from support.triage import found, look

KEY = "sk-planted-key"
SMALL = {"LLM_PROVIDER": "openai", "OPENAI_MODEL": "small", "OPENAI_API_KEY": KEY, "OPENAI_MAX_RETRIES": "0",
         "LLM_BREAKER_FAILURES": "100000"}

STEPS = {
    "wrong_key": status(401, body={"error": {"message": f"Incorrect API key provided: {KEY}.",
                                             "code": "invalid_api_key"}}),
    "wrong_model": status(404, body={"error": {"message": "The model `small` does not exist", "type": "not_found"}}),
    "wrong_url": status(404, body=b"<html>There is no such page.</html>"),
    "quota_used_up": status(429, body={"error": {"message": "You exceeded your current quota",
                                                 "code": "insufficient_quota"}}),
    "rate_limited": status(429, body={"error": {"message": "Rate limit reached", "code": "rate_limit_exceeded"}}),
    "outage": status(500, body={"error": {"message": "The server had an error"}}),
    "refused": said(None, "content_filter"),
    "no_route": None,
    "tls_fault": None,
}


@pytest.fixture
def server(tmp_path):
    """server(cause): the base URL of one that has this trouble."""
    with contextlib.ExitStack() as servers:

        def start_server(cause):
            if cause == "no_route":
                return f"http://127.0.0.1:{free_port()}"
            tls = self_signed(tmp_path) if cause == "tls_fault" else None
            return servers.enter_context(FakeProvider(default=STEPS[cause], tls=tls)).url

        yield start_server


@contextlib.contextmanager
def busy(author):
    """Somebody asks for drafts all the time."""
    persona, room, done = author.persona(daily_draft_quota=10000), author.room("go-backend"), threading.Event()

    def ask():
        while not done.wait(0.02):
            author.ask_for_draft(persona, room)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def doctor(**settings):
    done = run("doctor", "provider", **settings)
    assert done.stderr == "" and "planted" not in done.stdout
    return done.returncode, done.stdout


@pytest.mark.parametrize("cause", STEPS)
def test_each_cause_is_told_alike_everywhere(cause, server, database, start):
    settings = SMALL | {"OPENAI_BASE_URL": server(cause)}
    api = start(Api, **settings, RATE_LIMIT_LLM="100000/1m")
    api.expect_errors("http_request")
    with busy(sign_up(api)):
        seen = look(api=f"http://127.0.0.1:{api.port}", worker=f"http://127.0.0.1:{free_port()}", sample="1s",
                    DATABASE_URL=database.url)
    expected = "model_quota" if cause == "quota_used_up" else "model_failing"
    assert expected in found(seen) and {"model_quota", "model_failing"} & set(found(seen)) == {expected}
    evidence = next(one["evidence"] for one in seen["findings"] if one["id"] == expected)
    assert cause == "quota_used_up" or f"({cause})" in evidence
    line = api.log.wait_for("llm_attempt_failed")
    assert line["cause"] == cause
    assert Page(api.metrics()).value("llm_troubles_total", provider="openai", cause=cause) > 0
    code, said_by_doctor = doctor(**settings)
    assert code == 1 and f"({cause})" in said_by_doctor and "->" in said_by_doctor, said_by_doctor


def test_the_providers_own_words_are_in_the_log_and_in_what_doctor_says(server, start):
    settings = SMALL | {"OPENAI_BASE_URL": server("wrong_model")}
    api = start(Api, **settings)
    api.expect_errors("http_request")
    author = sign_up(api)
    author.ask_for_draft(author.persona(), author.room("go-backend"))
    words = "The model `small` does not exist (not_found)"
    assert api.log.wait_for("llm_attempt_failed")["detail"] == words
    assert words in doctor(**settings)[1]


def test_doctor_lets_the_model_write_where_it_is_named():
    def choosy(request):
        return status(400, body={"error": {"param": "temperature"}}) if "temperature" in request.json else answer(
            "Measure before you cut. What would you measure first?")

    with FakeProvider(default=choosy) as provider:
        code, seen = doctor(**SMALL, OPENAI_BASE_URL=provider.url)
        assert code == 0 and re.search(
            r"small wrote 53 characters in \d+\.\d s; \d+ tokens in and \d+ out; learnt: no temperature", seen), seen
        assert len(provider.requests) == 2
        provider.default = said("Measure. What?")
        assert "tokens in" in doctor(**SMALL, OPENAI_BASE_URL=provider.url)[1]


def test_doctor_waits_no_longer_than_a_call_may_take():
    with FakeProvider(default=hang()) as provider:
        code, seen = doctor(**SMALL, OPENAI_BASE_URL=provider.url, OPENAI_REQUEST_TIMEOUT="300ms")
        assert code == 1 and "provider did not answer in time after 0.3 s" in seen, seen
