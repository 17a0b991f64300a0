"""Fixtures for tests of drafts and previews that are followed: a provider that speaks as it is told,
and an API whose model it is."""
import pytest

from fakes.openai import FakeProvider, answer
from support.followed import speaking_as, warm
from support.people import sign_up
from support.program import Api


@pytest.fixture(scope="module")
def provider():
    with FakeProvider() as provider:
        yield provider


@pytest.fixture(scope="module")
def writing(database, provider):
    with Api(database.url, **speaking_as(provider)) as api:
        warm(api, provider)
        yield api


@pytest.fixture(autouse=True)
def as_if_new(provider):
    provider.forget()
    provider.stop_playing()
    provider.default = answer("Fine. Is it?")


@pytest.fixture
def author(writing):
    return sign_up(writing)
