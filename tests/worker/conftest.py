import pytest

from fakes.openai import FakeProvider
from support.people import Record, sign_up
from support.program import Api, Worker


@pytest.fixture
def database(own_database):
    """Jobs are everybody's. Nobody is due for a weekly digest beside the tests about it."""
    own_database.execute("ALTER TABLE users ALTER weekly_due_at DROP DEFAULT")
    return own_database


@pytest.fixture
def api(start):
    return start(Api)


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
        "INSERT INTO posts (room_id, user_id, authored_by, status, content, published_at) "
        "VALUES (%s, %s, 'HUMAN', 'PUBLISHED', 'Is it?', now()) RETURNING id",
        room.id, user.id)), room_id=room.id)


@pytest.fixture
def watchful(start):
    """A worker that finds jobs that were written by hand without a notification."""
    return start(Worker, WORKER_POLL_EVERY="200ms")
