"""Mode 5: retry storm in the worker. Jobs that can't ever be done; a provider that answers 500;
one that asks for patience, 429 with Retry-After."""
import pytest

from fakes.openai import answer, status
from support.exposition import Page
from support.people import persona_fields, sign_up
from support.waiting import eventually

RETRY_MAX, RETRY_AFTER = 2, 5  # seconds: what the provider asks for is more than the worker would wait by itself


@pytest.fixture(scope="module")
def stack(make_stack):
    return make_stack(worker={"JOB_RETRY_BASE": "1s", "JOB_RETRY_MAX": f"{RETRY_MAX}s"})


def publish(user, count):
    author = user.persona(daily_draft_quota=count)
    return [user.publish(author, user.room("game-dev")) for _ in range(count)]


def ask(stack, user, posts, persona):
    for post in posts:
        user.ask_for_replies(post, persona)
        stack.traffic.asked.append((post.id, persona.id))


def attempts(stack, status):
    return Page(stack.worker.metrics()).value("jobs_processed_total", type="generate_reply", status=status)


def all_replied(stack, posts, persona):
    return stack.database.count("replies", persona_id=persona.id) == len(posts)


def test_jobs_that_fail_however_often_they_are_tried(stack):
    """A persona forbids the very word that the model always has for it.
    Mending that is a person's work; other personas go on as before."""
    user, writes = sign_up(stack.api), answer("Synergy first, then tests. Which comes first for you?")
    posts, nora = publish(user, 12), user.persona(name="Nora Nope", do_not_say=["synergy"])
    stack.provider.default = lambda request: writes if "Nora Nope" in request.system + request.user else answer()
    with stack.drill("jobs_failing", page="JobsFailing") as drill:
        ask(stack, user, posts, nora)
        drill.seen(lambda: stack.database.count("jobs", persona_id=nora.id, status="FAILED") == len(posts),
                   lambda: attempts(stack, "failed") == len(posts),
                   lambda: stack.worker.log.find("job_failed_permanently",
                                                 error="content says a phrase that the persona never says"))
        assert user.put(f"/personas/{nora.id}",
                        json=persona_fields(name="Nora Nope", do_not_say=["leverage"])).status_code == 200
        drill.remedied()
        eventually(lambda: all_replied(stack, posts, nora))
    assert attempts(stack, "failed") == len(posts)


@pytest.mark.parametrize("answers, said", [(status(500), "500"), (status(429, retry_after=str(RETRY_AFTER)), "429")],
                         ids=["500", "429"])
def test_the_provider_fails(stack, answers, said):
    user = sign_up(stack.api)
    posts, persona, before = publish(user, 12), user.persona(), attempts(stack, "retry")
    with stack.drill("model_failing", page="RetryStorm") as drill:
        stack.provider.default = answers
        ask(stack, user, posts, persona)
        drill.seen(lambda: attempts(stack, "retry") > before,
                   lambda: any(said in line["error"] for line in stack.worker.log.find("job_failed_retrying")))
        if said == "429":
            waits = stack.database.value("SELECT extract(epoch FROM min(available_at - updated_at)) FROM jobs "
                                         "WHERE status = 'PENDING' AND error LIKE '%429%'")
            assert waits >= RETRY_AFTER - 0.1
        drill.remedied()
        eventually(lambda: all_replied(stack, posts, persona), within=30)
        assert stack.triage() == []
        stack.provider.default = answer()  # it is well again
        for lever in ("llm.provider", "job.retry_base"):
            assert stack.run(f"personaworlds settings unset {lever}").returncode == 0
