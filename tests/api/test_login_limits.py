"""Failed logins are counted by account and network: strangers can't shut the owner out."""
import itertools
import time
from collections import Counter

import pytest

from support.limits import RATE_LIMIT, log_in, rejections, statuses
from support.people import new_email, sign_up
from support.program import Api
from support.waiting import eventually, in_parallel

ADDRESS = "127.0.0.1"
NETWORKS_KEPT = 20
_networks = itertools.count(1)


@pytest.fixture(scope="module")
def guarded(database):
    """Three failures an hour from a network, thirty from all that an account doesn't know."""
    with Api(database.url, RATE_LIMIT_LOGIN_FAILURE="3/1h", TRUSTED_PROXIES="127.0.0.1") as api:
        yield api


def new_network():
    """The first address of a /24 that no test has used."""
    n = next(_networks)
    return f"10.{n // 250}.{n % 250 + 1}.1"


def log_in_from(api, address, user, password=None):
    return log_in(api, user.email, password or user.password, **{"X-Forwarded-For": address}).status_code


def fail_everywhere(api, user, times=30):
    """So many failures, each from another network."""
    assert [log_in_from(api, new_network(), user, "wrong password") for _ in range(times)] == [401] * times


def networks_of(database, user):
    return [row["network"] for row in database.rows(
        "SELECT network::text FROM account_networks WHERE user_id = %s ORDER BY last_login_at DESC", user.id)]


# ---- by network ----


def test_past_the_bound_even_the_right_password_is_refused(guarded):
    user, other = sign_up(guarded), sign_up(guarded)
    assert statuses(3, lambda: log_in(guarded, user.email)) == [401] * 3
    before = rejections(guarded, endpoint="login_failure", scope="account_network")
    for password in (user.password, "wrong password"):
        refused = log_in(guarded, user.email, password)
        assert (refused.status_code, refused.json()["error"]) == (429, "rate limit exceeded")
        assert refused.headers["RateLimit-Policy"] == '"login_failure";q=3;w=3600'
        assert RATE_LIMIT.fullmatch(refused.headers["RateLimit"]).groups() == ("login_failure", "0",
                                                                               refused.headers["Retry-After"])
        guarded.heard()
        (line,) = guarded.log.find("rate_limited", request_id=refused.headers["X-Request-Id"])
        assert (line["level"], line["scope"], line["endpoint"],
                line["client"]) == ("warn", "account_network", "login_failure", ADDRESS)
    assert rejections(guarded, endpoint="login_failure", scope="account_network") == before + 2
    assert log_in(guarded, other.email, other.password).status_code == 200


@pytest.mark.parametrize("one, neighbour, elsewhere", [
    ("198.51.100.7", "198.51.100.250", "198.51.101.7"),
    ("2001:db8:5:6::1", "2001:db8:5:6:ffff::1", "2001:db8:5:7::1"),
])
def test_a_network_is_shut_and_no_other(guarded, one, neighbour, elsewhere):
    user = sign_up(guarded)
    assert statuses(3, lambda: log_in(guarded, user.email, **{"X-Forwarded-For": one})) == [401] * 3
    assert [log_in_from(guarded, address, user) for address in (one, neighbour)] == [429, 429]
    assert log_in_from(guarded, elsewhere, user) == 200


def test_an_unknown_address_is_limited_like_a_known_one(guarded):
    email = new_email()
    assert statuses(5, lambda: log_in(guarded, email)) == [401, 401, 401, 429, 429]


def test_the_address_counts_in_any_case_and_trimmed(guarded):
    email = new_email()
    assert [log_in(guarded, written).status_code
            for written in (email.upper(), f"  {email}", email.title(), email)] == [401, 401, 401, 429]


def test_no_spelling_that_leads_to_an_account_has_guesses_of_its_own(guarded):
    """The sign of Kelvin was a k before, and finds the accounts of then."""
    user = sign_up(guarded, new_email("kkk"))
    spelled = [user.email.replace("kkk", name) for name in ("k\u212ak", "\u212akk", "\u212a\u212a\u212a")]
    assert [log_in(guarded, email).status_code for email in [*spelled, user.email]] == [401] * 3 + [429]


def test_successes_count_nothing(guarded):
    user = sign_up(guarded)
    assert statuses(2, lambda: log_in(guarded, user.email)) == [401] * 2
    assert statuses(6, lambda: log_in(guarded, user.email, user.password)) == [200] * 6
    assert statuses(2, lambda: log_in(guarded, user.email)) == [401, 429]


def test_parallel_failures_do_not_slip_past(guarded):
    user = sign_up(guarded)
    answers = in_parallel(30, lambda: log_in(guarded, user.email))
    assert Counter(answer.status_code for answer in answers) == {401: 3, 429: 27}
    assert log_in(guarded, user.email, user.password).status_code == 429


def test_a_refusal_costs_no_hashing(guarded):
    """A hundred of them take less than a few hashes."""
    email = new_email()
    statuses(3, lambda: log_in(guarded, email))
    began = time.monotonic()
    assert statuses(100, lambda: log_in(guarded, email)) == [429] * 100
    assert time.monotonic() - began < 2


# ---- networks that an account knows ----


def test_a_strangers_failures_shut_out_the_stranger_alone(start):
    """With the limits as they are by default."""
    api = start(Api, RATE_LIMIT_LOGIN_FAILURE=None, TRUSTED_PROXIES="127.0.0.1")
    user, stranger = sign_up(api), "203.0.113.9"
    assert [log_in_from(api, stranger, user, "wrong password") for _ in range(11)] == [401] * 10 + [429]
    assert log_in_from(api, ADDRESS, user) == 200
    assert log_in_from(api, "198.51.100.1", user) == 200
    assert log_in_from(api, stranger, user) == 429


def test_failures_over_all_networks_shut_those_that_the_account_does_not_know(guarded):
    user = sign_up(guarded)
    before = rejections(guarded, endpoint="login_failure", scope="account")
    fail_everywhere(guarded, user)
    refused = log_in(guarded, user.email, user.password, **{"X-Forwarded-For": new_network()})
    assert (refused.status_code, refused.headers["RateLimit-Policy"]) == (429, '"login_failure";q=30;w=3600')
    assert log_in_from(guarded, new_network(), user, "wrong password") == 429
    assert rejections(guarded, endpoint="login_failure", scope="account") == before + 2
    assert log_in_from(guarded, ADDRESS, user) == 200
    assert [log_in_from(guarded, ADDRESS, user, "wrong password") for _ in range(4)] == [401] * 3 + [429]


def test_an_unknown_account_is_shut_over_all_networks_alike(guarded):
    email = new_email()
    answers = [log_in(guarded, email, **{"X-Forwarded-For": new_network()}).status_code for _ in range(32)]
    assert answers == [401] * 30 + [429] * 2


def test_parallel_failures_from_many_networks_do_not_slip_past(guarded):
    user = sign_up(guarded)
    answers = in_parallel(50, lambda: log_in_from(guarded, new_network(), user, "wrong password"))
    assert Counter(answers) == {401: 30, 429: 20}


def test_a_login_makes_its_network_known(guarded, database):
    user, home = sign_up(guarded), new_network()
    assert log_in_from(guarded, home, user) == 200
    eventually(lambda: home[:-1] + "0/24" in networks_of(database, user))
    fail_everywhere(guarded, user)
    assert log_in_from(guarded, home, user) == 200
    assert log_in_from(guarded, new_network(), user) == 429


def test_a_network_is_forgotten_after_90_days(guarded, database):
    user = sign_up(guarded)
    fail_everywhere(guarded, user)

    def after(days):
        database.execute("UPDATE account_networks SET last_login_at = now() - %s * interval '1 hour' "
                         "WHERE user_id = %s", days * 24 - 1, user.id)
        return log_in_from(guarded, ADDRESS, user, "wrong password")

    assert [after(90), after(91)] == [401, 429]


def test_a_network_is_noted_once_a_day(guarded, database):
    user = sign_up(guarded)
    here = (user.id, "127.0.0.0/24")

    def noted_at():
        return database.value("SELECT last_login_at FROM account_networks WHERE user_id = %s AND network = %s", *here)

    def log_in_after(hours):
        """When it was noted before."""
        database.execute("UPDATE account_networks SET last_login_at = now() - %s * interval '1 hour' "
                         "WHERE user_id = %s AND network = %s", hours, *here)
        before = noted_at()
        assert log_in_from(guarded, ADDRESS, user) == 200
        return before

    before = log_in_after(23)
    assert log_in_from(guarded, new_network(), user) == 200
    eventually(lambda: len(networks_of(database, user)) == 2)  # what was asked for before has come, too
    assert noted_at() == before
    before = log_in_after(25)
    eventually(lambda: noted_at() > before)


def test_an_account_knows_its_newest_networks_and_no_more(guarded, database):
    user = sign_up(guarded)
    database.execute("""
        INSERT INTO account_networks (user_id, network, last_login_at)
        SELECT %s, set_masklen(('172.16.' || n || '.0')::inet, 24)::cidr, now() - n * interval '1 day'
        FROM generate_series(2, 40) n""", user.id)
    homes = [new_network() for _ in range(3)]
    assert in_parallel(3, lambda: log_in_from(guarded, homes.pop(), user)) == [200] * 3

    def trimmed():
        networks = networks_of(database, user)
        return {network[:3] for network in networks[:3]} == {"10."} and networks

    networks = eventually(trimmed)
    assert (len(networks), networks[3]) == (NETWORKS_KEPT, "127.0.0.0/24")
    assert networks[4:] == [f"172.16.{n}.0/24" for n in range(2, 2 + NETWORKS_KEPT - 4)]


def test_networks_go_with_the_account(guarded, database):
    user = sign_up(guarded)
    eventually(lambda: networks_of(database, user) == ["127.0.0.0/24"])
    database.execute("DELETE FROM users WHERE id = %s", user.id)
    assert networks_of(database, user) == []
