import pytest


@pytest.fixture
def empty(cluster):
    """A database without any schema."""
    database = cluster.create()
    yield database
    database.drop()
