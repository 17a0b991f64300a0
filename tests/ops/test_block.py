"""The command `block`: addresses that every API process refuses with 403,
before anything else and within a second."""
import re

import pytest

from support.exposition import Page
from support.levers import obeyed
from support.openapi import route_table
from support.ports import free_port
from support.program import Api, run
from support.waiting import eventually
from support.wire import Connection, request

PROXY = {"TRUSTED_PROXIES": "127.0.0.1/32, 10.9.0.0/16"}


def block(database, *words, code=0, **environment):
    """`personaworlds block WORDS…`: what it said."""
    done = run("block", *words, DATABASE_URL=database.url, **environment)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stderr


@pytest.fixture(scope="module")
def apis(database):
    """Two processes behind a proxy on this host, so that a test may come from any address."""
    with Api(database.url, **PROXY) as one, Api(database.url, **PROXY) as other:
        yield one, other


@pytest.fixture(scope="module")
def api(apis):
    return apis[0]


@pytest.fixture(autouse=True)
def clear(database):
    yield
    database.execute("DELETE FROM blocked_addresses; DELETE FROM settings")


def ask(api, address, method="GET", path="/healthz", **options):
    return api.client.request(method, path, headers={"X-Forwarded-For": address} | options.pop("headers", {}),
                              **options)


def is_refused(api, address):
    return ask(api, address).status_code == 403


def is_let_in(api, address):
    return ask(api, address).status_code == 200


def errors(api):
    """How many statements failed as a column or table is missing."""
    return Page(api.metrics()).value("db_errors_total", sqlstate_class="42")


def blocked_requests(api):
    return Page(api.metrics()).value("requests_blocked_total")


# ---- what processes make of it ----


def test_every_process_refuses_a_blocked_network_within_a_second_and_lets_it_in_again(database, apis):
    assert all(is_let_in(api, "203.0.113.9") for api in apis)
    block(database, "add", "203.0.113.0/24")
    for api in apis:
        obeyed(lambda api=api: is_refused(api, "203.0.113.9"))
        assert is_refused(api, "203.0.113.255") and is_let_in(api, "203.0.114.0") and is_let_in(api, "2001:db8::1")
        assert api.log.wait_for("blocks_changed")["networks"] == 1
    assert block(database, "remove", "203.0.113.0/24") == "203.0.113.0/24 is let in again\n"
    for api in apis:
        obeyed(lambda api=api: is_let_in(api, "203.0.113.9"))


def test_a_process_that_starts_later_obeys_what_is_there(database, start):
    block(database, "add", "203.0.113.9")
    late = start(Api, **PROXY)
    obeyed(lambda: is_refused(late, "203.0.113.9"))


def test_a_block_ends_by_itself_also_while_the_database_cannot_be_asked(database, api):
    block(database, "add", "203.0.113.9", "--for", "1s")
    block(database, "add", "203.0.113.10")
    obeyed(lambda: is_refused(api, "203.0.113.9") and is_refused(api, "203.0.113.10"))
    database.execute("ALTER TABLE blocked_addresses_version RENAME TO elsewhere")
    try:
        api.log.wait_for("blocks_changed", reason="expired")
        assert is_let_in(api, "203.0.113.9") and is_refused(api, "203.0.113.10")
    finally:
        database.execute("ALTER TABLE elsewhere RENAME TO blocked_addresses_version")
    database.execute("DELETE FROM blocked_addresses")
    obeyed(lambda: is_let_in(api, "203.0.113.10"))


@pytest.mark.parametrize("table, column, message, command, done", [
    ("blocked_addresses", "cidr", "blocks_unreadable", ("block", "add"), "blocks_changed"),
    ("settings", "value", "state_unreadable", ("settings", "set", "llm.max_concurrency"), "setting_changed")])
def test_a_table_that_cannot_be_read_is_logged_once_until_it_can(database, start, table, column, message, command,
                                                                 done):
    api = start(Api, **PROXY)
    for value in ["11", "12"]:
        failures = errors(api)
        database.execute(f"ALTER TABLE {table} RENAME {column} TO elsewhere")
        database.execute("UPDATE blocked_addresses_version SET version = version + 1")  # so that they are read again
        try:
            eventually(lambda failures=failures: errors(api) >= failures + 8)
        finally:
            database.execute(f"ALTER TABLE {table} RENAME elsewhere TO {column}")
        changes = len(api.log.find(done))
        run(*command, f"203.0.113.{value}" if command[0] == "block" else value, DATABASE_URL=database.url)
        api.log.wait_for(done, count=changes + 1)
    assert len(api.log.find(message, error="statement failed")) == 2


@pytest.mark.parametrize("network, refused, let_in", [
    ("203.0.113.9", ["203.0.113.9", "::ffff:203.0.113.9"], ["203.0.113.8"]),
    ("::ffff:203.0.113.8/125", ["203.0.113.8", "203.0.113.15"], ["203.0.113.16"]),
    ("2001:db8::/32", ["2001:db8::1", "2001:DB8:ffff::"], ["2001:db9::", "203.0.113.9"])])
def test_addresses_are_compared_as_addresses(database, api, network, refused, let_in):
    block(database, "add", network)
    obeyed(lambda: is_refused(api, refused[0]))
    assert all(is_refused(api, address) for address in refused) and all(is_let_in(api, address) for address in let_in)


def test_the_address_is_the_one_that_limits_count_by(database, api):
    """What a client writes itself neither gets it in nor somebody else out."""
    block(database, "add", "203.0.113.9")
    obeyed(lambda: is_refused(api, "203.0.113.9"))
    assert is_refused(api, "198.51.100.1, 203.0.113.9") and is_refused(api, "203.0.113.9, 10.9.1.1") and is_let_in(
        api, "203.0.113.9, 198.51.100.1")
    assert api.client.get("/healthz").status_code == 200


def test_nested_blocks_end_one_by_one(database, api):
    block(database, "add", "203.0.113.0/24")
    block(database, "add", "203.0.113.9", "--for", "1h")
    obeyed(lambda: is_refused(api, "203.0.113.9") and is_refused(api, "203.0.113.8"))
    block(database, "remove", "203.0.113.0/24")
    obeyed(lambda: is_let_in(api, "203.0.113.8"))
    assert is_refused(api, "203.0.113.9")


def test_a_row_written_by_hand_counts(database, api):
    database.execute("INSERT INTO blocked_addresses (cidr) VALUES ('203.0.113.9')")
    obeyed(lambda: is_refused(api, "203.0.113.9"))
    database.execute("TRUNCATE blocked_addresses")
    obeyed(lambda: is_let_in(api, "203.0.113.9"))


# ---- before anything else ----


def test_whatever_is_asked_for_the_answer_is_the_same(database, api):
    block(database, "add", "203.0.113.9")
    obeyed(lambda: is_refused(api, "203.0.113.9"))
    before = blocked_requests(api)
    routes = [(method, re.sub(r"\{\w+\}", "x", pattern)) for method, pattern in route_table()]
    asked = [*routes, ("OPTIONS", "/rooms"), ("GET", "/nowhere"), ("PATCH", "/rooms"), ("HEAD", "/healthz")]
    for method, path in asked:
        answer = ask(api, "203.0.113.9", method, path)
        assert answer.status_code == 403, (method, path)
        if method != "HEAD":
            assert answer.json() == {"error": "address blocked", "code": "address_blocked",
                                     "request_id": answer.headers["X-Request-Id"]}
    assert blocked_requests(api) == before + len(asked)
    assert Page(api.metrics()).value("http_requests_total", route="unmatched", method="POST", status="403") > 0


def test_its_body_is_not_read_and_its_connection_is_closed(database, api):
    """A body over the limit, and one that is promised but never sent, would be a 413 and a wait."""
    block(database, "add", "203.0.113.9")
    obeyed(lambda: is_refused(api, "203.0.113.9"))
    for length in (1, 10_000_000):
        with Connection(api.port, within=2) as connection:
            connection.send(request("POST", "/auth/login", "X-Forwarded-For: 203.0.113.9", f"Content-Length: {length}"))
            assert connection.answer().status_code == 403 and connection.closed()


def test_no_limit_counts_it(database, start):
    strict = start(Api, RATE_LIMIT_AUTH="2/1h", **PROXY)
    block(database, "add", "203.0.113.9")
    obeyed(lambda: is_refused(strict, "203.0.113.9"))
    login = {"json": {"email": "nobody@example.org", "password": "wrong"}}
    assert [ask(strict, "203.0.113.9", "POST", "/auth/login", **login).status_code for _ in range(4)] == [403] * 4
    block(database, "remove", "203.0.113.9")
    obeyed(lambda: is_let_in(strict, "203.0.113.9"))
    assert ask(strict, "203.0.113.9", "POST", "/auth/login", **login).status_code == 401


def test_an_address_is_logged_once_however_often_it_comes(database, api):
    block(database, "add", "198.51.100.0/24")
    obeyed(lambda: is_refused(api, "198.51.100.1"))
    for address in ("198.51.100.1", "198.51.100.2"):
        assert [is_refused(api, address) for _ in range(5)] == [True] * 5
    api.heard()
    assert [line["client"] for line in api.log.find("address_blocked")
            if line["client"].startswith("198.51.100.")] == ["198.51.100.1", "198.51.100.2"]


def test_ten_thousand_blocks_are_obeyed_as_fast(database, api):
    database.execute("INSERT INTO blocked_addresses (cidr) SELECT ('100.64.0.0'::inet + n * 2)::cidr "
                     "FROM generate_series(1, 10000) n")
    obeyed(lambda: is_refused(api, "100.64.78.32"))
    assert is_refused(api, "100.64.0.2") and is_let_in(api, "100.64.0.3") and is_let_in(api, "100.64.78.33")


# ---- the command ----


def test_add_says_until_when_and_list_shows_it(database):
    assert block(database, "list") == "no address is blocked\n"
    assert block(database, "add", "203.0.113.77/24", "--reason",
                 "scrapes profiles") == "203.0.113.0/24 is refused until it is removed\n"
    assert re.fullmatch(r"2001:db8::/32 is refused until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n",
                        block(database, "add", "2001:DB8::/32", "--for", "90m"))
    header, *lines = block(database, "list").splitlines()
    columns = [header.index(name) for name in ("NETWORK", "SINCE", "EXPIRES IN", "REASON")]
    cells = [[line[start:end].strip() for start, end in zip(columns, [*columns[1:], None])] for line in lines]
    assert [[network, left in ("1h29m", "1h30m", "never"), reason] for network, _, left, reason in cells] == [
        ["203.0.113.0/24", True, "scrapes profiles"], ["2001:db8::/32", True, ""]]
    block(database, "add", "203.0.113.0/24", "--for", "2h", "--reason", "still")
    assert database.row("SELECT reason, expires_at - created_at = interval '2 hours' AS two_hours "
                        "FROM blocked_addresses WHERE family(cidr) = 4") == {
        "reason": "still", "two_hours": True}
    assert block(database, "remove", "203.0.113.9") == "203.0.113.9/32 was not blocked\n"


def test_of_an_ipv6_address_it_says_what_network_its_owner_has(database):
    assert block(database, "add", "2001:db8:1:2:3::9") == (
        "2001:db8:1:2:3::9/128 is refused until it is removed\nits owner has more addresses: a customer's network is "
        "usually 2001:db8:1:2::/64\n")


@pytest.mark.parametrize("network, reason", [
    ("0.0.0.0/0", "is everybody"), ("::/0", "is everybody"), ("127.0.0.1", "this machine's own"),
    ("::1", "this machine's own"), ("0.0.0.0/1", "this machine's own"),
    ("::ffff:127.1.2.3", "this machine's own"), ("::/8", "this machine's own"), ("10.9.3.4", "TRUSTED_PROXIES"),
    ("10.0.0.0/8", "TRUSTED_PROXIES"), ("64:ff9b::203.0.113.9", "the IPv4 address behind it"),
    ("64:ff9b::/100", "the IPv4 address behind it")])
def test_what_would_hit_the_wrong_ones_wants_force(database, network, reason):
    said = block(database, "add", network, code=3, **PROXY)
    assert said.startswith("personaworlds block: ") and reason in said and "--force" in said and len(
        said.splitlines()) == 1
    assert database.count("blocked_addresses") == 0


def test_force_is_obeyed(database, api):
    block(database, "add", "10.9.0.0/16", "--force", **PROXY)
    assert database.count("blocked_addresses") == 1


@pytest.mark.parametrize("words", [
    [], ["nonsense"], ["add"], ["add", "localhost"], ["add", "203.0.113.9/33"], ["add", "203.0.113.9", "extra"],
    ["add", "203.0.113.9", "--for"], ["list", "extra"],
    ["list", "--force"], ["remove"], ["remove", "all"], ["remove", "203.0.113.9", "--for", "1h"],
    ["add", "203.0.113.9", "--nope"]])
def test_a_wrong_command_line_is_answered_with_the_usage(words):
    done = run("block", *words)
    assert (done.returncode, done.stdout) == (3, "") and "Usage: personaworlds block" in done.stderr


@pytest.mark.parametrize("words",
                         [["--for", "0s"], ["--for", "721h"], ["--reason", "two\nlines"], ["--reason", "x" * 201]])
def test_a_value_that_cannot_be_is_refused(words):
    done = run("block", "add", "203.0.113.9", *words)
    assert (done.returncode, done.stdout) == (3, "") and len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("words", [["list"], ["add", "203.0.113.9"], ["remove", "203.0.113.9"]])
def test_without_a_database_it_says_why(words):
    done = run("block", *words, within=10,
               DATABASE_URL=f"postgres://postgres:planted-secret@127.0.0.1:{free_port()}/x?sslmode=disable")
    assert (done.returncode, done.stdout) == (4, "")
    assert "refused" in done.stderr and "planted-secret" not in done.stderr


def test_help():
    done = run("block", "--help")
    assert (done.returncode, done.stderr) == (0, "") and "--force" in done.stdout
