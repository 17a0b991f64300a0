"""A client can't choose its own bucket.
Every test here counts failed logins' requests by address, two an hour."""
import itertools
from collections import Counter

import pytest

from support.limits import RATE_LIMIT
from support.people import new_email
from support.program import JWT_SECRET, Api, run

PROXY = "127.0.0.1/32"
_hosts = itertools.count(1)


def new_address():
    """An address that no test has used."""
    n = next(_hosts)
    return f"198.51.{n // 250}.{n % 250 + 1}"


def ask(api, *forwarded):
    headers = [("X-Forwarded-For", value) for value in forwarded]
    return api.client.post("/auth/login", json={"email": new_email(), "password": "wrong"}, headers=headers).status_code


def ask_until_refused(api, *forwarded):
    answers = [ask(api, *forwarded) for _ in range(3)]
    assert answers == [401, 401, 429]


@pytest.fixture(scope="module")
def alone(database):
    """An API that faces its clients."""
    with Api(database.url, RATE_LIMIT_AUTH="2/1h") as api:
        yield api


@pytest.fixture(scope="module")
def proxied(database):
    """Behind a proxy on this host, and others in two networks."""
    with Api(database.url, RATE_LIMIT_AUTH="2/1h", TRUSTED_PROXIES=f"{PROXY}, 10.0.0.0/8 fd00::/8") as api:
        yield api


def test_an_untrusted_peer_is_the_client_whatever_it_writes(alone):
    ask_until_refused(alone, new_address())
    assert [ask(alone, *forwarded)
            for forwarded in [(), (new_address(),), ("127.0.0.1",), (new_address(), new_address())]] == [429] * 4


def test_behind_one_proxy_the_last_hop_is_the_client(proxied):
    client = new_address()
    ask_until_refused(proxied, client)
    assert ask(proxied, new_address()) == 401


def test_what_a_client_wrote_itself_does_not_count(proxied):
    client = new_address()
    ask_until_refused(proxied, f"{new_address()}, {client}")
    assert ask(proxied, f"{new_address()}, {new_address()},{client}") == 429
    assert ask(proxied, f"10.1.1.1, {client}") == 429
    assert ask(proxied, f"garbage, , {client}") == 429


def test_behind_two_proxies_both_are_passed_over(proxied):
    client = new_address()
    ask_until_refused(proxied, f"{client}, 10.3.2.1")
    assert ask(proxied, f"{client},10.99.0.1 , fd00::7") == 429
    assert ask(proxied, f"{new_address()}, {client}, 10.3.2.1") == 429
    assert ask(proxied, f"{new_address()}, 10.3.2.1") == 401


def test_several_header_lines_are_one_list(proxied):
    client = new_address()
    ask_until_refused(proxied, new_address(), client, "10.3.2.1")
    assert ask(proxied, f"{new_address()}, {client}", "10.3.2.1") == 429
    assert ask(proxied, client, new_address()) == 401


@pytest.mark.parametrize("name", ["Forwarded", "X-Real-IP", "X-Client-IP", "X-Forwarded", "X-Cluster-Client-IP",
                                  "True-Client-IP", "CF-Connecting-IP", "Client-IP", "Via", "X_Forwarded_For"])
def test_no_other_header_names_the_client(proxied, name):
    """A proxy passes them on as the client wrote them."""
    client = new_address()
    answers = [proxied.client.post("/auth/login", json={},
                                   headers={"X-Forwarded-For": client, name: value.format(new_address())}).status_code
               for value in ("{}", "for={}", "{}")]
    assert answers == [401, 401, 429]


@pytest.mark.parametrize("garbage", ["unknown", "_secret", "198.51.100.7:http", "[2001:db8::1", "198.51.100.256",
                                     "198.051.100.7", "2001:db8::1%eth0", "x" * 300, "' OR 1=1 --"])
def test_garbage_ends_the_walk_at_the_last_good_hop(database, garbage):
    proxy = f"10.7.{len(garbage) % 250}.{sum(garbage.encode()) % 250}"
    with Api(database.url, RATE_LIMIT_AUTH="2/1h", TRUSTED_PROXIES=f"{PROXY}, 10.0.0.0/8") as api:
        ask_until_refused(api, f"{new_address()}, {garbage}, {proxy}")
        assert ask(api, proxy) == 429
        assert ask(api, "10.200.1.1") == 401
        api.heard()
        (line,) = api.log.find("forwarded_unreadable")  # one for all of them
        assert {name: line[name] for name in ("level", "header", "proxy", "item")} == {
            "level": "warn", "header": "X-Forwarded-For", "proxy": proxy, "item": garbage[:64]}


@pytest.mark.parametrize("written", ["{}:1111", "{}:1112", '"{}"', '"{}:8"', "{},", ",, {} ,\t,", "{}, 10.0.0.5:3333",
                                     "{}:1, [fd00::5]:3333", "::ffff:{}", "64:ff9b::{}", "[64:ff9b::{}]:443"])
def test_an_address_is_the_same_however_a_proxy_writes_it(proxied, written):
    client = new_address()
    ask_until_refused(proxied, client)
    assert ask(proxied, written.format(client)) == 429
    assert ask(proxied, written.format(new_address())) == 401


@pytest.mark.parametrize("written", ["[{}]", "[{}]:443", '"[{}]:443"', "{}"])
def test_so_is_one_of_ipv6(proxied, written):
    client = f"2001:db8:6:{next(_hosts):x}::1"
    ask_until_refused(proxied, client)
    assert ask(proxied, written.format(client)) == 429


# ---- Forwarded ----


@pytest.fixture(scope="module")
def by_forwarded(database):
    with Api(database.url, RATE_LIMIT_AUTH="2/1h", TRUSTED_PROXIES=f"{PROXY}, 10.0.0.0/8 fd00::/8",
             FORWARDED_HEADER="forwarded") as api:
        yield api


def forwards(api, *lines, **others):
    return api.client.post("/auth/login", json={"email": new_email(), "password": "wrong"},
                           headers=[*(("Forwarded", line) for line in lines), *others.items()]).status_code


@pytest.mark.parametrize("written", ["for={}", 'For="{}:4711"', "proto=https;for={};by=10.1.1.1",
                                     'for={}, for="[fd00::5]:1"', "for=198.51.100.1, for={}",
                                     'by="a,b;for=1.1.1.1";FOR={} , ,', 'for="198.51.100.1, for="{}";by="_p"'])
def test_forwarded_names_the_client_where_it_is_chosen(by_forwarded, written):
    client = new_address()
    assert [forwards(by_forwarded, f"for={client}") for _ in range(3)] == [401, 401, 429]
    assert forwards(by_forwarded, written.format(client)) == 429
    assert forwards(by_forwarded, written.format(new_address())) == 401


def test_several_lines_of_forwarded_are_one_list(by_forwarded):
    client = new_address()
    answers = [forwards(by_forwarded, f"for={new_address()}", f"for={client}", "for=10.1.1.1") for _ in range(3)]
    assert answers == [401, 401, 429]


def test_then_x_forwarded_for_is_the_clients_own(by_forwarded):
    client = new_address()
    answers = [forwards(by_forwarded, f"for={client}", **{"X-Forwarded-For": new_address()}) for _ in range(3)]
    assert answers == [401, 401, 429]


def test_an_element_without_for_ends_the_walk(by_forwarded):
    proxy = "10.66.1.1"
    answers = [forwards(by_forwarded, f"for={new_address()}, proto=http, for={proxy}") for _ in range(3)]
    assert answers == [401, 401, 429]
    assert by_forwarded.log.wait_for("forwarded_unreadable", item="proto=http")["header"] == "Forwarded"


@pytest.mark.parametrize("value", ["x-real-ip", "both", "X-Forwarded-For, Forwarded"])
def test_no_other_header_can_be_chosen(value):
    done = run("api", JWT_SECRET=JWT_SECRET, FORWARDED_HEADER=value)
    assert done.returncode == 1 and "FORWARDED_HEADER must be one of: x-forwarded-for, forwarded" in done.stdout


# ---- networks ----


@pytest.fixture(scope="module")
def public(database):
    with Api(database.url, RATE_LIMIT_PUBLIC_READ="2/1h", TRUSTED_PROXIES=PROXY) as api:
        yield api


def look(api, address):
    return api.client.get("/p/nobody", headers={"X-Forwarded-For": address})


def policy(answer):
    return int(answer.headers["RateLimit-Policy"].split(";")[1].removeprefix("q="))


def test_a_network_of_56_bits_has_4_times_the_limit(public):
    """However many of its 256 networks of 64 bits ask."""
    answers = [look(public, f"2001:db8:56:10{n:02x}::1") for n in range(20)]
    assert [answer.status_code for answer in answers] == [404] * 8 + [429] * 12
    assert [policy(answer) for answer in answers[:8]] == [2] * 7 + [8]  # the tightest of its buckets
    assert policy(answers[-1]) == 8 and RATE_LIMIT.fullmatch(answers[-1].headers["RateLimit"])[2] == "0"
    assert look(public, "2001:db8:56:1100::1").status_code == 404


def test_a_network_of_48_bits_has_16_times_the_limit(public):
    answers = [look(public, f"2001:db8:48:{n:02x}{n:02x}::{n}") for n in range(60)]
    assert [answer.status_code for answer in answers] == [404] * 32 + [429] * 28
    assert policy(answers[-1]) == 32
    assert look(public, "2001:db8:49::1").status_code == 404


def test_what_a_wider_network_refuses_uses_up_nothing(public):
    """Else who is refused for its neighbours would be refused for itself, too."""
    for n in range(8):
        assert look(public, f"2001:db8:77:{n:x}::1").status_code == 404
    refused = [look(public, "2001:db8:77:ff::1") for _ in range(5)]
    assert [answer.status_code for answer in refused] == [429] * 5
    assert [look(public, f"2001:db8:77:{n + 1:x}00::1").status_code for n in range(24)] == [404] * 24
    assert look(public, "2001:db8:77:ff00::1").status_code == 429


def test_networks_of_ipv4_are_no_buckets(public):
    answers = Counter(look(public, f"203.0.{n // 250}.{n % 250 + 1}").status_code for n in range(100))
    assert answers == {404: 100}
    assert Counter(look(public, f"64:ff9b::198.18.0.{n + 1}").status_code for n in range(100)) == {404: 100}


def test_with_proxies_alone_the_first_of_them_is_the_client(proxied):
    ask_until_refused(proxied, "10.8.8.8, 10.8.8.9")
    assert ask(proxied, "10.8.8.8") == 429


def test_a_network_of_64_bits_is_one_client(proxied):
    ask_until_refused(proxied, "2001:db8:1:2::1")
    assert ask(proxied, "2001:db8:1:2:ffff:ffff:ffff:ffff") == 429
    assert ask(proxied, "2001:0DB8:1:2:3::4") == 429
    assert ask(proxied, "2001:db8:1:3::1") == 401


def test_a_mapped_address_is_the_address(proxied):
    client = new_address()
    ask_until_refused(proxied, f"::ffff:{client}")
    assert ask(proxied, client) == 429
    assert ask(proxied, f"::ffff:{new_address()}") == 401


def test_the_log_names_the_client(proxied):
    client = "2001:db8:77:1::abcd"
    ask_until_refused(proxied, client)
    assert proxied.log.wait_for("rate_limited", client=client)["scope"] == "ip"


def test_networks_with_ipv6_peers(start):
    """The peer of a dual socket is an IPv4 address, so an IPv6 network doesn't have it."""
    api = start(Api, RATE_LIMIT_AUTH="2/1h", TRUSTED_PROXIES="::/0")
    ask_until_refused(api, new_address())
    assert ask(api, new_address()) == 429


@pytest.mark.parametrize("value", ["10.0.0.0/33", "all", "10.0.0.0/8;11.0.0.0/8", "::/129", "10.0.0/8"])
def test_networks_that_cannot_be_read_end_the_start(value):
    done = run("api", JWT_SECRET=JWT_SECRET, TRUSTED_PROXIES=value)
    assert done.returncode == 1
    assert '"msg":"startup_failed"' in done.stdout and "TRUSTED_PROXIES" in done.stdout
