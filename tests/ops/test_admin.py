"""`personaworlds admin`: who is an administrator, and who made them one."""
import getpass
import socket

import pytest

from support.people import sign_up
from support.program import Api, run

PROD = {"APP_ENV": "prod", "LLM_PROVIDER": "mock"}


@pytest.fixture
def database(own_database):
    return own_database


@pytest.fixture
def api(database):
    with Api(database.url, **PROD) as api:
        yield api


@pytest.fixture
def boss(api):
    return sign_up(api, "boss@corp.example")


def admin(database, *words, code=0):
    done = run("admin", *words, DATABASE_URL=database.url)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stderr


def is_admin(user):
    summary = user.get("/admin/analytics/summary").status_code
    assert summary in (200, 403) and user.get("/me").json()["is_admin"] == (summary == 200)
    return summary == 200


@pytest.mark.parametrize("name", [lambda user: user.id, lambda user: user.id.upper(), lambda user: user.email,
                                  lambda user: user.email.upper()], ids=["id", "ID", "address", "ADDRESS"])
def test_an_administrator_is_made_and_unmade(database, boss, api, name):
    other = sign_up(api)
    assert not is_admin(boss)
    assert admin(database, "grant", name(boss)) == f"{boss.id} is an administrator from now on\n"
    assert is_admin(boss) and not is_admin(other)
    assert admin(database, "grant", name(boss)) == f"{boss.id} was an administrator already\n"
    assert admin(database, "revoke", name(boss)) == f"{boss.id} is no administrator any more\n"
    assert not is_admin(boss)
    assert admin(database, "revoke", name(boss)) == f"{boss.id} was no administrator\n"


def test_each_change_is_recorded_with_who_made_it(database, boss):
    for change in ("grant", "grant", "revoke", "revoke", "grant"):
        admin(database, change, boss.id)
    by = f"{getpass.getuser()}@{socket.gethostname()}"
    assert database.rows("SELECT user_id::text, change, made_by FROM administrator_changes ORDER BY id") == [
        {"user_id": boss.id, "change": change, "made_by": by} for change in ("grant", "revoke", "grant")]
    listed = admin(database, "list")
    assert boss.id in listed and boss.email in listed and by in listed


def test_nobody_is_one_in_prod_until_somebody_was_made_one(database, boss):
    assert not is_admin(boss)
    assert "nobody was made an administrator" in admin(database, "list")


def test_outside_prod_everybody_is_one_until_somebody_was_made_one(database, boss, start):
    api = start(Api)
    first, second = sign_up(api), sign_up(api)
    assert is_admin(first) and is_admin(second)
    admin(database, "grant", first.id)
    assert is_admin(first) and not is_admin(second)


@pytest.mark.parametrize("settings", [PROD, {}], ids=["prod", "dev"])
def test_an_address_of_admin_emails_counts_once_it_is_verified(database, start, settings):
    api = start(Api, ADMIN_EMAILS="chief@corp.example, Boss@Corp.example", **settings)
    boss, other = sign_up(api, "boss@corp.example"), sign_up(api)
    assert not is_admin(boss)
    database.execute("UPDATE users SET email_verified_at = now() WHERE email = %s", boss.email)
    database.execute("UPDATE users SET email_verified_at = now() WHERE id = %s", other.id)
    assert is_admin(boss) and not is_admin(other)
    boss.put("/me", json={"email": "chief@corp.example", "current_password": boss.password})
    assert not is_admin(boss), "the new address isn't verified"


@pytest.mark.parametrize("user", ["nobody@corp.example", "7d444840-9dc0-41d1-b245-5ffdce74fad2", "", "x' OR true --"])
def test_nobody_of_that_name_is_exit_1(database, user):
    for change in ("grant", "revoke"):
        assert "there is no user with this id or address" in admin(database, change, user, code=1)
    assert database.count("administrator_changes") == 0


def test_an_account_that_is_being_deleted_is_nobodys(database, boss):
    admin(database, "grant", boss.id)
    assert boss.request("DELETE", "/me", json={"password": boss.password}).status_code == 202
    assert database.count("administrators") == 0
    assert "there is no user" in admin(database, "grant", boss.id, code=1)


@pytest.mark.parametrize("words", [(), ("grant",), ("grant", "a", "b"), ("revoke",), ("list", "a"), ("make", "a")])
def test_a_wrong_command_line_is_exit_3(database, words):
    assert "personaworlds admin" in admin(database, *words, code=3)
