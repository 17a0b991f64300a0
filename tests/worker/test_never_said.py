"""A reply has none of do_not_say;
it is generated once more where it does, and fails for good after that."""
import pytest

from fakes.openai import answer
from support.phrases import NOT_SAID, SAID
from support.program import Worker
from support.queue import failed_once, job_of, nothing_happened, speaking_to
from support.waiting import eventually

CALM = "A calmer reply."


def replies_asked_for(provider):
    """Calls for a reply; what follows a reply, a digest, is generated too."""
    return sum("Write one reply" in request.system for request in provider.requests)


def reply_to(user, post, database, phrase):
    user.ask_for_replies(post, user.persona(do_not_say=["never this", phrase]))
    eventually(lambda: job_of(database, post)["status"] == "DONE", within=10)
    (reply,) = database.rows("SELECT content FROM replies WHERE post_id = %s", post.id)
    return reply["content"]


@pytest.mark.parametrize("phrase, text", SAID.values(), ids=SAID.keys())
def test_a_reply_that_says_it_is_generated_once_more(user, post, database, start, provider, phrase, text):
    provider.play(answer(text), answer(CALM))
    start(Worker, **speaking_to(provider))
    assert reply_to(user, post, database, phrase) == CALM
    assert replies_asked_for(provider) == 2
    assert job_of(database, post)["attempts"] == 1


@pytest.mark.parametrize("phrase, text", NOT_SAID.values(), ids=NOT_SAID.keys())
def test_a_reply_that_only_seems_to_say_it_is_fine(user, post, database, start, provider, phrase, text):
    provider.play(answer(text))
    start(Worker, **speaking_to(provider))
    assert reply_to(user, post, database, phrase) == text
    assert replies_asked_for(provider) == 1


def test_a_reply_that_says_it_twice_fails_for_good(user, post, database, start, provider):
    persona = user.persona(do_not_say=["günün sonunda"])
    provider.default = answer("Günün\nSONUNDA biter.")
    worker = start(Worker, **speaking_to(provider))
    user.ask_for_replies(post, persona)
    failed_once(worker, database, post, "content says a phrase that the persona never says")
    assert replies_asked_for(provider) == 2
    nothing_happened(database, persona)
