"""The servers that people run, each with its dialect: what it refuses at first, and how it answers.
All four kinds of text come through, and what was learnt once isn't asked again."""
from dataclasses import dataclass

import pytest

from fakes.openai import raw, said, status
from support.exposition import Page
from support.people import sign_up
from support.program import Api, Worker
from support.queue import speaking_to, write_job
from support.waiting import eventually

TEXT = "Measure before you cut. What would you measure first?"
SECRET = "LEAK The persona is terse."


def refuses(message, param=None, code=None, status_code=400):
    return status(status_code, body={"error": {"message": message, "type": "invalid_request_error", "param": param,
                                               "code": code}})


def newest_openai(request):
    """The models of 2025: another field for the bound, no temperature."""
    if "max_tokens" in request.json:
        return refuses("Unsupported parameter: 'max_tokens' is not supported with this model. "
                       "Use 'max_completion_tokens' instead.", "max_tokens", "unsupported_parameter")
    if "temperature" in request.json:
        return refuses("Unsupported value: 'temperature' does not support 0.9 with this model.", "temperature",
                       "unsupported_value")
    return said(TEXT, refusal=None)


def small_llama(request):
    """Gemma's template on llama.cpp: no system role."""
    if request.system:
        return status(400, body={"error": {"code": 400, "message": "System role not supported",
                                           "type": "invalid_request_error"}})
    return said(TEXT + "<end_of_turn>")


def strict_template(request):
    """The same on llama-cpp-python, which says 500 of what a template refuses."""
    if request.system:
        return status(500, body={"error": {"message": "System role not supported", "type": "internal_server_error",
                                           "param": None, "code": None}})
    return said(TEXT)


def reasoning_vllm(request):
    """All tokens go into reasoning until there is room for it."""
    if request.json["max_tokens"] < 2000:
        return said(None, "length", reasoning_content=SECRET)
    return said(TEXT, reasoning_content=SECRET)


def strict_litellm(request):
    if "temperature" in request.json:
        return refuses("litellm.UnsupportedParamsError: openai does not support parameters: ['temperature']")
    return said(TEXT, thinking_blocks=[{"type": "thinking", "thinking": SECRET}])


def parts(*kinds):
    return [{"type": "thinking", "thinking": [{"type": "text", "text": SECRET}]} if kind == "thinking" else
            {"type": "text", "text": TEXT} for kind in kinds]


@dataclass(frozen=True)
class Server:
    dialect: object  # a step, or a function of the request that gives one
    learnt: tuple = ()   # from refusals, at the price of a call each
    noticed: tuple = ()  # in an answer
    path: str = ""


SERVERS = {
    "openai": Server(newest_openai, ("max_completion_tokens", "no temperature")),
    "azure": Server(raw({"choices": [{"content_filter_results": {"hate": {"filtered": False}}, "finish_reason": "stop",
                                      "message": {"role": "assistant", "content": TEXT}}],
                         "prompt_filter_results": []}), path="/openai/v1"),
    "ollama": Server(said(f"<think>\n{SECRET}\n</think>\n\n{TEXT}")),
    "vllm": Server(reasoning_vllm, ("room for reasoning",)),
    "llama.cpp": Server(small_llama, ("no system role",)),
    "llama-cpp-python": Server(strict_template, ("no system role",)),
    "lm-studio": Server(said(TEXT, reasoning=SECRET)),
    "mistral": Server(said(parts("thinking", "text"))),
    "deepseek": Server(said(f"\n\n{TEXT}", reasoning_content=SECRET)),
    "qwen": Server(said(f"{SECRET}\n</think>\n\n{TEXT}<|im_end|>"), noticed=("reasoning without an opening tag",)),
    "openrouter": Server(raw({"choices": [{"message": {"role": "assistant", "content": TEXT, "reasoning": SECRET},
                                           "finish_reason": "stop", "native_finish_reason": "end_turn"}]}),
                         path="/api/v1"),
    "litellm": Server(strict_litellm, ("no temperature",)),
}


def learnt(api):
    api.heard()
    return tuple(line["trait"] for line in api.log.find("llm_dialect_learnt"))


def check(service, operation, count):
    page = Page(service.metrics())
    assert page.value("llm_requests_total", operation=operation, provider="openai", status="ok") == count
    assert page.value("llm_breaker_state", provider="openai") == 0


@pytest.mark.parametrize("stream", ["never", "always"])
@pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS)
def test_all_kinds_of_text_come_through(server, stream, database, start, provider):
    provider.default = server.dialect
    settings = speaking_to(provider) | {"OPENAI_BASE_URL": provider.url + server.path, "OPENAI_STREAM": stream}
    api = start(Api, **settings)
    author = sign_up(api)
    persona, room = author.persona(), author.room("go-backend")
    drafts = [author.draft(persona, room) for _ in range(2)]
    assert {draft.content for draft in drafts} == {TEXT}
    assert len(provider.requests) == 2 + len(server.learnt)  # the second draft costs one call
    assert learnt(api) == server.learnt + server.noticed
    check(api, "post_draft", 2)

    worker = start(Worker, **settings, WORKER_POLL_EVERY="200ms")
    post = author.publish(persona, room)
    author.ask_for_replies(post, persona)
    write_job(database, "summarize_thread", post)
    eventually(lambda: database.value("SELECT content FROM replies WHERE post_id = %s", post.id) == TEXT)
    eventually(lambda: database.value("SELECT summary FROM thread_summaries WHERE post_id = %s", post.id) == TEXT)
    eventually(lambda: database.value("SELECT summary FROM persona_digests WHERE persona_id = %s", persona.id) == TEXT)
    for trait in server.learnt + server.noticed:
        worker.log.wait_for("llm_dialect_learnt", trait=trait)
    check(worker, "reply", 1)
    assert database.count("jobs", status="FAILED") == 0
    assert all(request.json.get("stream", False) == (stream == "always") for request in provider.requests)
    assert all(request.path == f"{server.path or '/v1'}/chat/completions" for request in provider.requests)
