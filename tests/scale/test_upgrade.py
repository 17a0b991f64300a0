"""A rolling upgrade from the release before, with its migrations, and the way back: two APIs behind the
HAProxy that deploy/ha/ ships and a worker, one after the other, under a steady load."""
import pytest

from support.haproxy import HAProxy
from support.people import sign_up
from support.postgres import Cluster
from support.program import Api, Worker, release_binary, run
from support.release_before import release_before
from support.steady_load import POST_EVERY, Load
from support.waiting import eventually

pytestmark = [pytest.mark.scale, pytest.mark.timeout(1200)]
LEAST = 20_000
REPLIED = 20  # posts in each phase


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    with release_before(tmp_path_factory.mktemp("before")) as program:
        yield program


@pytest.fixture(scope="module")
def database(before):
    with Cluster() as cluster:
        database = cluster.create()
        for command in ("migrate", "seed"):
            run(command, program=before, DATABASE_URL=database.url)
        yield database


class Roll:
    """Both APIs and the worker, and the way from one release to another."""

    def __init__(self, apis, worker, balancer):
        self.apis, self.worker, self.balancer = apis, worker, balancer

    def to(self, program):
        for service, name in [*zip(self.apis, self.balancer.names), (self.worker, None)]:
            service.stop()
            service.program = program
            service.start()
            if name:
                eventually(lambda: self.balancer.is_up(name), within=30)


def ask_for_replies(user, room, personas):
    """Posts to which somebody else's personas were asked to reply."""
    author = user.persona(daily_draft_quota=1000)
    posts = [user.publish(author, room) for _ in range(REPLIED)]
    for post in posts:
        assert user.ask_for_replies(post, *personas)["enqueued"] == len(personas)
    return posts


def test_an_upgrade_under_load_and_the_way_back(before, database, start):
    now = release_binary()
    settings = {"API_STOP_DELAY": "1500ms", "API_THREADS": 1, "MOCK_LLM_LATENCY": "100ms"}
    apis = [start(Api, database.url, program=before, **settings) for _ in range(2)]
    worker = start(Worker, database.url, program=before)
    user = sign_up(apis[0])
    room, personas = user.room("go-backend"), [user.persona(daily_reply_quota=1000) for _ in range(3)]
    replied = []
    with HAProxy(*apis, HAPROXY_CHECK_EVERY="100ms") as balancer, Load(balancer.port, user, room) as load:
        roll = Roll(apis, worker, balancer)
        replied += ask_for_replies(user, room, personas)
        assert run("migrate", program=now, DATABASE_URL=database.url).returncode == 0
        replied += ask_for_replies(user, room, personas)  # the release before, on the new schema
        roll.to(now)
        replied += ask_for_replies(user.at(apis[1]), room, personas)
        roll.to(before)
        replied += ask_for_replies(user, room, personas)
        eventually(lambda: load.sent >= LEAST, within=300)
    assert load.failed == [], (len(load.failed), load.sent, balancer.log()[-4000:])
    assert load.is_stored_once(database) and len(load.posted) > load.sent / POST_EVERY / 2
    eventually(lambda: database.count("replies") == len(replied) * len(personas), within=60)
    assert database.value("SELECT max(attempts) FROM jobs WHERE job_type = 'generate_reply'") == 1
    print(f"{load.sent} requests, {len(load.posted)} of them POSTs, {len(replied)} posts replied to: none failed")
