"""TLS on the way to Postgres and to Redis: what the URL asks for holds for services and commands."""
import os
import pwd
import subprocess
from collections import Counter

import pytest

from fakes.smtp import authority
from support.exposition import Page
from support.people import sign_up
from support.postgres import Cluster
from support.program import Api, JWT_SECRET, Worker, prepared, run
from support.redis import Redis
from support.roles import as_role
from support.waiting import eventually, in_parallel

PROD = {"APP_ENV": "prod", "LLM_PROVIDER": "mock"}


def openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def make_certificate(folder, name, subject):
    """A certificate of its own issuer."""
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", f"{name}.key", "-out",
            f"{name}.crt", "-subj", f"/CN={subject}", "-addext", f"subjectAltName=DNS:{subject}")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A Postgres that takes nobody without TLS; its certificate is for `localhost`, not for an
    address."""
    folder = tmp_path_factory.mktemp("certificates")
    make_certificate(folder, "server", "localhost")
    make_certificate(folder, "other", "localhost")
    cluster = Cluster(ssl="on")
    for ending in ("crt", "key"):
        place = cluster.data / f"server.{ending}"
        place.write_bytes((folder / f"server.{ending}").read_bytes())
        place.chmod(0o600)
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(place, account.pw_uid, account.pw_gid)
    with cluster:
        cluster.certificates = folder
        yield cluster


@pytest.fixture(scope="module")
def there(server):
    database = prepared(server)
    (server.data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 trust\nhostssl all all ::1/128 trust\n"
                                             "hostnossl all postgres 127.0.0.1/32 trust\n")
    database.execute("SELECT pg_reload_conf()")
    return database


def url(database, mode, host="localhost", root="server"):
    plain = as_role(database.url, "api").replace("127.0.0.1", host).replace("sslmode=disable", f"sslmode={mode}")
    return plain + f"&sslrootcert={database.cluster.certificates}/{root}.crt"


def test_a_verified_way_carries_all_that_the_services_ask(there):
    settings = {"DATABASE_OWNER_URL": None, "AUTO_MIGRATE": "0"}
    with Api(url(there, "verify-full"), **settings) as api, Worker(
            url(there, "verify-full").replace("_api", "_worker"), **settings):
        ada = sign_up(api)
        assert ada.get("/personas").status_code == 200
        plain = ("SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) "
                 "WHERE usename IN ('personaworlds_api', 'personaworlds_worker') AND ssl = %s")
        assert there.value(plain, True) >= 5 and there.value(plain, False) == 0


@pytest.mark.parametrize("what, why, words", [
    ({"root": "other"}, "the server's certificate can't be verified", "certificate verify failed"),
    ({"host": "127.0.0.1"}, "the server's certificate is another host's", "does not match host name"),
    ({"root": "missing"}, "sslrootcert can't be read", "root certificate file"),
], ids=["another issuer", "another host", "no file"])
def test_a_wrong_certificate_is_refused(there, what, why, words):
    """By services, which say why, and by commands."""
    wrong = url(there, "verify-full", **what)
    service = Api(wrong, DATABASE_OWNER_URL=None, AUTO_MIGRATE="0").launch()
    try:
        service.expect_errors("http_request")
        line = eventually(lambda: [one for one in service.log.find("not_ready") if why in one["error"]])[0]
        assert line["error"].startswith("database ping failed")
        assert service.readiness()[0] == 503
    finally:
        service.stop()
    done = run("queue", "status", DATABASE_URL=wrong)
    assert done.returncode == 4 and words in done.stderr


def test_verify_ca_takes_any_name_of_the_right_issuer(there):
    assert run("queue", "status", DATABASE_URL=url(there, "verify-ca", host="127.0.0.1").replace("_api", "_ops")
               ).returncode == 0
    assert run("queue", "status", DATABASE_URL=url(there, "verify-ca", root="other")).returncode == 4


def test_a_server_that_wants_tls_refuses_who_comes_without(there):
    done = run("queue", "status", DATABASE_URL=as_role(there.url, "ops"))
    assert done.returncode == 4 and "no pg_hba.conf entry" in done.stderr


@pytest.mark.parametrize("kind", [Api, Worker])
@pytest.mark.parametrize("mode, warns", [("require", True), ("disable", True), ("verify-full", False)])
def test_prod_warns_of_another_machine_that_nobody_verifies(kind, mode, warns):
    """TEST-NET-1: nobody is there."""
    service = kind(f"postgres://u@192.0.2.1/x?sslmode={mode}", AUTO_MIGRATE="0", **PROD).launch()
    try:
        service.expect_errors("http_request")
        eventually(lambda: service.log.find("api_listening") or service.log.find("worker_started"))
        found = service.log.find("database_unverified")
        assert [line["setting"] for line in found] == (["DATABASE_URL"] if warns else [])
    finally:
        service.kill()


# ---- Redis ----

HAS_TLS_TO_REDIS = subprocess.run(["pkg-config", "--exists", "hiredis_ssl"]).returncode == 0


def with_tls(test):
    """Of a program that has TLS to Redis."""
    return test if HAS_TLS_TO_REDIS else None


def test_tls_to_redis_is_refused_at_the_start_where_it_is_not_built_in():
    done = run("api", JWT_SECRET=JWT_SECRET, REDIS_URL="rediss://cache:x")
    reason = "REDIS_URL must be redis:// or rediss://" if HAS_TLS_TO_REDIS else "TLS to Redis is not built in"
    assert done.returncode == 1 and reason in done.stdout


@pytest.fixture
def encrypted(tmp_path):
    """Its certificate is for 127.0.0.1, not for a name."""
    authority(tmp_path)
    with Redis(password="word", certificate=tmp_path) as redis:
        redis.ca = str(tmp_path / "ca.pem")
        yield redis


def shares(api):
    return Page(api.metrics()).value("rate_limit_shared") == 1


@with_tls
def test_replicas_share_their_limits_over_tls(start, encrypted):
    settings = {"REDIS_URL": encrypted.url, "REDIS_CA_BUNDLE": encrypted.ca, "RATE_LIMIT_EVENTS": "300/1h"}
    apis = [start(Api, **settings) for _ in range(2)]
    for api in apis:
        eventually(lambda: shares(api))
    turns = iter(apis * 200)
    answers = in_parallel(400, lambda: next(turns).client.post("/events", json={"event_name": "unknown"}))
    assert Counter(answer.status_code for answer in answers) == {400: 300, 429: 100}
    encrypted.kill()
    assert apis[0].log.wait_for("redis_away")
    encrypted.start()
    eventually(lambda: shares(apis[0]), within=10)
    assert run("doctor", "redis", **settings).returncode == 0


@with_tls
@pytest.mark.parametrize("change, why", [
    ({"REDIS_CA_BUNDLE": ""}, "certificate"),
    ({"host": "localhost"}, "hostname mismatch"),
    ({"scheme": "redis"}, ""),
], ids=["unknown authority", "another name", "without TLS"])
def test_a_redis_that_is_not_the_one_meant_is_away(start, encrypted, change, why):
    url = encrypted.url.replace("127.0.0.1", change.pop("host", "127.0.0.1"))
    url = url.replace("rediss", change.pop("scheme", "rediss"))
    settings = {"REDIS_URL": url, "REDIS_CA_BUNDLE": encrypted.ca} | change
    api = start(Api, **settings)
    assert why in api.log.wait_for("redis_away")["error"].lower()
    assert not shares(api)
    looked = run("doctor", "redis", **settings)
    assert looked.returncode != 0 and why in looked.stdout.lower()


@with_tls
def test_a_redis_without_tls_is_away_for_who_wants_it(start):
    with Redis() as plain:
        api = start(Api, REDIS_URL=plain.url.replace("redis:", "rediss:"))
        assert api.log.wait_for("redis_away")
        assert not shares(api)


@with_tls
def test_a_bundle_that_cannot_be_read_ends_the_start(tmp_path):
    done = run("api", JWT_SECRET=JWT_SECRET, REDIS_URL="rediss://127.0.0.1", REDIS_CA_BUNDLE=str(tmp_path / "nothing"))
    assert done.returncode == 1 and "REDIS_CA_BUNDLE can't be read" in done.stdout
