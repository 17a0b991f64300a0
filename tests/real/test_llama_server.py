"""A server that people run, end to end, whole and streamed: llama-cpp-python's, with models whose
words are known beforehand, or are noise. What is shown is the protocol: each text is stored as it
should be, or refused with the reason."""
import re
from collections import Counter

import pytest

from real.models import MODELS, NO_TEXT, SAYS_IT, TOO_MANY_LINKS
from support.exposition import Page
from support.llama_server import LlamaServer
from support.model_answers import assert_no_leak
from support.people import sign_up
from support.program import Api, Worker
from support.queue import write_job
from support.waiting import eventually

KINDS = ("generate_reply", "summarize_thread", "persona_digest")
STORED = {"generate_reply": "SELECT content FROM replies", "summarize_thread": "SELECT summary FROM thread_summaries",
          "persona_digest": "SELECT summary FROM persona_digests"}
OURS = re.compile(r"On \d{4}-\d\d-\d\d: \d posts? and .*\.")  # what stands for a digest where there is none
REFUSALS = {NO_TEXT, SAYS_IT, TOO_MANY_LINKS, "content failed profanity check"}
MARK = re.compile(r"</?think>|<\|im_end\|>|\[INST\]")
SCRIPTED = [name for name, model in MODELS.items() if not model.noise]
# A stream breaks off without a word where the template refuses the role, so nothing can be learnt.
IN_EACH_WAY = [(name, stream) for name in SCRIPTED for stream in ("never", "always")
               if (name, stream) != ("no-system-role", "always")]
whole_and_streamed = pytest.mark.parametrize("stream", ["never", "always"])


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with LlamaServer(tmp_path_factory.mktemp("models"), MODELS) as server:
        yield server


@pytest.fixture
def database(own_database):
    """Jobs are everybody's. Nobody is due for a weekly digest."""
    own_database.execute("ALTER TABLE users ALTER weekly_due_at DROP DEFAULT")
    return own_database


@pytest.fixture
def api(start):
    return start(Api)


@pytest.fixture
def serve(server, start):
    """serve(kind, model, stream): a service of ours whose texts come from this model."""

    def start_service(kind, model, stream):
        service = start(kind, LLM_PROVIDER="openai", OPENAI_BASE_URL=server.url, OPENAI_MODEL=model,
                        OPENAI_STREAM=stream, OPENAI_MAX_RETRIES=0, LLM_BREAKER_FAILURES=1000, JOB_MAX_ATTEMPTS=1,
                        WORKER_POLL_EVERY="200ms", OPENAI_REQUEST_TIMEOUT="60s", API_REQUEST_TIMEOUT="60s",
                        WORKER_TASK_TIMEOUT="60s")
        service.client.timeout = 90  # a text is written at a time
        service.expect_errors("http_request", "job_failed_permanently")
        return service

    return start_service


def preview(author, persona):
    return author.post(f"/personas/{persona.id}/preview", params={"room_id": author.room("go-backend").id})


def write_jobs(database, author, persona, count=1):
    for number in range(count):
        post = database.value("INSERT INTO posts (room_id, user_id, authored_by, status, content, published_at) "
                              "VALUES (%s, %s, 'HUMAN', 'PUBLISHED', %s, now()) RETURNING id",
                              author.room("go-backend").id, author.id, f"What is the number {number} for?")
        write_job(database, persona=persona, post_id=post)
        write_job(database, "summarize_thread", post_id=post)
    database.execute("INSERT INTO persona_activity_events (persona_id, type, metadata) "
                     "VALUES (%s, 'post_created', '{}')", persona.id)


def finished(database, count):
    """The jobs that ended, once there are so many replies and summaries, and there is a digest: a
    reply that comes while that is written makes its job due again."""
    jobs = database.rows("SELECT job_type, status::text, attempts, error FROM jobs "
                         "WHERE status IN ('DONE', 'FAILED') ORDER BY id")
    kinds = Counter(job["job_type"] for job in jobs)
    return min(kinds[kind] for kind in KINDS[:2]) >= count and database.count("persona_digests") and jobs


def texts(database, kind):
    return [next(iter(row.values())) for row in database.rows(STORED[kind])]


def calls(service, **labels):
    return Page(service.metrics()).value("llm_requests_total", provider="openai", **labels)


def check_tokens(service, stream):
    """This server counts tokens of whole answers alone."""
    page = Page(service.metrics())
    counted = [page.value("llm_tokens_total", provider="openai", kind=kind) for kind in ("prompt", "completion")]
    assert (counted == [0, 0]) if stream == "always" else counted[0] > 1000


@pytest.mark.parametrize("name, stream", IN_EACH_WAY)
def test_drafts_and_previews_are_the_text_alone(serve, database, name, stream):
    model, api = MODELS[name], serve(Api, name, stream)
    author = sign_up(api)
    persona = author.persona()
    draft, previewed = author.ask_for_draft(persona, author.room("go-backend")), preview(author, persona)
    if model.text:
        assert (draft.status_code, previewed.status_code) == (201, 200), (draft.text, previewed.text)
        assert [draft.json()["content"], *(made["content"] for made in previewed.json()["drafts"])] == [model.text] * 3
    else:
        assert (draft.status_code, draft.json()["error"]) == (502, f"llm draft failed: {model.error}")
        assert (previewed.status_code, previewed.json()["error"]) == (502, f"llm preview failed: {model.error}")
    api.heard()
    assert tuple(line["trait"] for line in api.log.find("llm_dialect_learnt")) == model.learnt
    assert calls(api, status="timeout") == calls(api, status="rejected") == 0
    check_tokens(api, stream)
    assert_no_leak(database)


@pytest.mark.parametrize("name, stream", IN_EACH_WAY)
def test_jobs_store_the_text_alone(serve, database, api, user, persona, name, stream):
    model = MODELS[name]
    write_jobs(database, user, persona)
    worker = serve(Worker, name, stream)
    jobs = eventually(lambda: finished(database, 1), within=60)
    for kind in KINDS:
        kept, text = set(texts(database, kind)), model.text_of(kind)
        ended = [job for job in jobs if job["job_type"] == kind]
        assert all(job["attempts"] == 1 for job in ended)
        if text:
            assert kept == {text} and all(job["status"] == "DONE" for job in ended)
        elif kind == "persona_digest":
            assert all(map(OURS.fullmatch, kept)) and kept
        else:
            assert not kept and all(job["status"] == "FAILED" and model.error in job["error"] for job in ended)
    check_tokens(worker, stream)
    assert_no_leak(database)


def assert_may_be_stored(text, never=()):
    assert text == text.strip() and 0 < len(text) <= 500
    assert not MARK.search(text) and text.count("https://") <= 2, text
    assert not any(re.search(rf"\b{phrase}\b", text) for phrase in never), text


@whole_and_streamed
def test_of_noise_only_what_passes_is_stored(serve, database, stream):
    """Words, tags, tokens, links and broken characters by chance."""
    api = serve(Api, "noise", stream)
    author = sign_up(api)
    persona = author.persona()
    drafts = [author.ask_for_draft(persona, author.room("go-backend")) for _ in range(20)]
    for draft in drafts:
        if draft.status_code == 201:
            assert_may_be_stored(draft.json()["content"], persona.do_not_say)
        else:
            assert draft.status_code == 502 and draft.json()["error"].removeprefix("llm draft failed: ") in REFUSALS
    assert {draft.status_code for draft in drafts} == {201, 502}
    check_tokens(api, stream)

    write_jobs(database, author, persona, 10)
    worker = serve(Worker, "noise", stream)
    jobs = eventually(lambda: finished(database, 10), within=120)
    assert all(job["attempts"] == 1 for job in jobs)
    assert all(any(why in job["error"] for why in REFUSALS) for job in jobs if job["status"] == "FAILED")
    for kind in KINDS[:2]:
        kept = texts(database, kind)
        assert len(kept) == sum(job["job_type"] == kind and job["status"] == "DONE" for job in jobs)
        for text in kept:
            assert_may_be_stored(text, persona.do_not_say if kind == "generate_reply" else ())
    assert calls(worker, operation="reply", status="ok") >= 1


def test_a_stream_that_is_cut_off_for_another_is_asked_for_again(start, tmp_path):
    """By default this server says that a stream is done, and drops it, as soon as another text is
    asked for; a preview asks for two at once. No piece of a text is taken for all of it."""
    text = MODELS["plain"].text
    with LlamaServer(tmp_path, {"plain": MODELS["plain"]}, interrupts=True) as server:
        api = start(Api, LLM_PROVIDER="openai", OPENAI_BASE_URL=server.url, OPENAI_MODEL="plain",
                    OPENAI_STREAM="always", OPENAI_MAX_RETRIES=5, OPENAI_RETRY_BASE="500ms", LLM_BREAKER_FAILURES=1000,
                    OPENAI_REQUEST_TIMEOUT="60s", API_REQUEST_TIMEOUT="60s")
        api.expect_errors("http_request")
        author = sign_up(api)
        persona = author.persona()
        answers = [preview(author, persona) for _ in range(5)]
        api.heard()
    assert any(answer.status_code == 200 for answer in answers)
    assert api.log.find("llm_attempt_failed", error="provider's answer could not be read")
    for answer in answers:
        assert [made["content"] for made in answer.json().get("drafts", [])] == [text] * 2 * (answer.status_code == 200)
