import pytest

from fakes.openai import FakeProvider
from support.people import Record, sign_up
from support.program import Api, Worker


@pytest.fixture
def database(cluster, template):
    """Jobs are everybody's, so each test has a database of its own. Nobody is due for a weekly digest beside the tests about it."""
    database = cluster.create(template.name)
    database.execute("ALTER TABLE users ALTER weekly_due_at DROP DEFAULT")
    yield database
    database.drop()


@pytest.fixture
def api(database):
    with Api(database.url) as api:
        yield api


@pytest.fixture
def provider():
    with FakeProvider() as provider:
        yield provider


@pytest.fixture
def user(api):
    return sign_up(api)


@pytest.fixture
def post(user, database):
    """A published post without any activity or job around it."""
    room = user.room("go-backend")
    return Record(id=str(database.value(
        "INSERT INTO posts (room_id, user_id, authored_by, status, content, published_at) VALUES (%s, %s, 'HUMAN', 'PUBLISHED', 'Is it?', now()) RETURNING id",
        room.id, user.id)), room_id=room.id)


@pytest.fixture
def watchful(start):
    """A worker that finds jobs that were written by hand without a notification."""
    return start(Worker, WORKER_POLL_EVERY="200ms")
