import pytest

from fakes.service import FakeService


@pytest.fixture
def empty(cluster):
    """A database without any schema."""
    database = cluster.create()
    yield database
    database.drop()


@pytest.fixture
def well():
    """A service without a complaint, to stand in for the one that a test isn't about."""
    with FakeService() as service:
        yield service.url
