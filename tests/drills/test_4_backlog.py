"""Mode 4: worker backlog, delayed replies. The workers are stopped while replies are asked for;
then one can't keep up, and three can."""
import contextlib
import threading

import pytest

from fakes.openai import answer
from support.exposition import Page
from support.people import sign_up
from support.waiting import eventually


@pytest.fixture(scope="module")
def stack(make_stack):
    return make_stack(worker={"WORKER_CONCURRENCY": 2})


def depth(stack):
    return Page(stack.api.metrics()).value("queue_depth", type="generate_reply")


def done(service):
    return Page(service.metrics()).value("jobs_processed_total", type="generate_reply", status="done")


@contextlib.contextmanager
def rush(stack, posts, repliers, every):
    """Somebody asks for replies to one post after another, until the end of what is within; traffic
    remembers what was promised. What waits is made six minutes older than it is, which is when
    somebody is woken."""
    user, over = sign_up(stack.api), threading.Event()
    crowd = [user.persona(daily_draft_quota=posts, daily_reply_quota=posts) for _ in range(repliers)]
    published = [user.publish(crowd[0], user.room("game-dev")) for _ in range(posts)]

    def ask():
        for post in published:
            user.ask_for_replies(post, *crowd)
            stack.traffic.asked += [(post.id, persona.id) for persona in crowd]
            stack.database.execute("UPDATE jobs SET created_at = created_at - interval '6 minutes', available_at = "
                                   "available_at - interval '6 minutes' "
                                   "WHERE job_type = 'generate_reply' AND status = 'PENDING' "
                                   "AND created_at > now() - interval '5 minutes'")
            if over.wait(every):
                return

    asking = threading.Thread(target=ask)
    asking.start()
    yield
    over.set()
    asking.join()


def test_the_workers_are_stopped_while_replies_are_asked_for(stack):
    with stack.drill("worker_down", page="WorkerDown") as drill:
        stack.run("docker compose stop worker")
        stack.traffic.ask_for_replies(10)
        drill.seen(lambda: depth(stack) >= 20, lambda: stack.worker.log.find("worker_stopped"))
        drill.remedied()
        stack.run("personaworlds queue drain --type generate_reply")
        eventually(lambda: depth(stack) == 0)


def test_one_worker_cannot_keep_up_and_three_can(stack):
    """Half a second of the model for each of two at a time is four replies a second;
    twice as many are asked for."""
    with stack.drill("queue_backlog", page="QueueBacklog") as drill, rush(stack, posts=80, repliers=5, every=0.6):
        stack.provider.default = answer(delay=0.5)
        before = done(stack.worker)
        drill.seen(lambda: depth(stack) > 40, lambda: done(stack.worker) > before)
        drill.remedied()
        assert len(stack.workers) == 3 and all(done(worker) for worker in stack.workers)
        assert stack.run("personaworlds settings unset rate_limit.llm").returncode == 0
