"""The search for planted secrets in all that the tests' services and commands say
(support/secrets.py) finds what it is for."""
import sys

import pytest

from support import secrets
from support.people import new_email
from support.program import JWT_SECRET, Api, run
from support.tokens import token

URL = f"postgres://postgres:{secrets.DATABASE_PASSWORD}@127.0.0.1:1/x"
POST = "Tabs or spaces? Tabs, said “nobody”."
SECRETS = {"database_password": secrets.DATABASE_PASSWORD, "jwt_secret": JWT_SECRET, "api_key": "another-key-0123",
           "redis_password": "a-redis-password",
           "password": secrets.PASSWORD, "token": token({"sub": "x"}), "persona": secrets.CATCHPHRASE,
           "mail": new_email(), "post": POST}
SETTINGS = {"OPENAI_API_KEY": "another-key-0123", "REDIS_URL": "redis://:a-redis-password@127.0.0.1:1"}


@pytest.fixture
def says(tmp_path):
    """A program that says one thing and ends well."""

    def make(text, stream):
        program = tmp_path / "program"
        program.write_text(f"#!{sys.executable}\nimport json, sys\nprint(json.dumps({{'level': 'info', 'msg': 'x', "
                           f"'error': {text!r}}}), file=sys.{stream})\n")
        program.chmod(0o755)
        return program

    secrets.note(POST)
    return make


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize("kind", SECRETS)
def test_a_service_that_says_a_secret_fails_its_test(says, kind, stream):
    service = Api(URL, program=says(SECRETS[kind], stream), **SETTINGS).launch()
    with pytest.raises(AssertionError, match="said what must not be said"):
        service.wait_for_end()


@pytest.mark.parametrize("kind", SECRETS)
def test_a_command_that_prints_a_secret_fails_its_test(says, kind):
    with pytest.raises(AssertionError, match="said what must not be said"):
        run("settings", program=says(SECRETS[kind], "stdout"), JWT_SECRET=JWT_SECRET, **SETTINGS)


def test_metrics_are_searched_at_the_end(api, monkeypatch):
    api._last_metrics()
    assert b"http_requests_total" in api._shown
    monkeypatch.setattr(api, "_shown", b'http_requests_total{route="' + secrets.DATABASE_PASSWORD.encode() + b'"} 1\n')
    with pytest.raises(AssertionError, match="said what must not be said"):
        api.search_for_secrets()


def test_what_is_no_secret_is_let_through(says):
    innocent = "the default is postgres, eyJ, secret and nothing else"
    assert run("settings", program=says(innocent, "stdout"), JWT_SECRET="secret",
               DATABASE_URL="postgres://postgres:postgres@x/y").returncode == 0
