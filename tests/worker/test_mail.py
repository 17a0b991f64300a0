"""Mails: jobs that talk to a mail server, which fails in every way that one can."""
import re
import time
import uuid

import pytest

from fakes.openai import self_signed
from fakes.smtp import Fault, FakeSmtp, authority
from support.mail import last_mail, verify
from support.people import new_email, sign_up
from support.ports import free_port
from support.program import Api, Worker
from support.queue import write_job
from support.waiting import eventually

pytestmark = pytest.mark.long

SOON = {"JOB_RETRY_BASE": "1ms"}  # a second, the least
PROD = {"APP_ENV": "prod", "LLM_PROVIDER": "mock"}
PERMANENT, LATER = "FAILED", "PENDING"


@pytest.fixture
def server():
    with FakeSmtp() as server:
        yield server


def mail_job(database, user, type="verification_mail"):
    id = write_job(database, type=type, user_id=user.id)
    database.execute("NOTIFY jobs")  # else it waits for the poll
    return id


def job(database, id):
    return database.row("SELECT * FROM jobs WHERE id = %s", id)


def ended(database, id, status="DONE", within=20):
    return eventually(lambda: (row := job(database, id))["status"] == status and row, within)


def failed_attempt(database, id):
    """The job's row after its first attempt, whatever became of it."""
    return eventually(lambda: (row := job(database, id))["error"] and row["status"] != "PROCESSING" and row, within=30)


# ---- what a mail is ----


def test_a_mail_is_one_that_readers_and_filters_understand(start, database, api, server):
    start(Worker, **server.settings | {"MAIL_FROM": "Persönlich <mail@personaworlds.test>"})
    user = sign_up(start(Api, **server.settings))
    user.put("/me", json={"language": "tr"})
    user.post("/me/verify")
    mail = last_mail(server, user)
    headers = mail.message
    assert (mail.sender, mail.recipients) == ("mail@personaworlds.test", [user.email])
    assert headers["From"] == "Persönlich <mail@personaworlds.test>" and headers["To"] == user.email
    assert headers["Auto-Submitted"] == "auto-generated" and headers["MIME-Version"] == "1.0"
    assert headers.get_content_type() == "text/plain" and headers.get_content_charset() == "utf-8"
    assert re.fullmatch(r"<[0-9a-f-]{36}@personaworlds\.test>", headers["Message-ID"])
    assert abs(headers["Date"].datetime.timestamp() - time.time()) < 60
    assert mail.raw.isascii() and not re.search(rb"(?<!\r)\n", mail.raw)
    assert max(map(len, mail.raw.split(b"\r\n"))) <= 78


def test_the_token_is_in_the_mail_and_nowhere_else(start, database, api, server):
    worker = start(Worker, **server.settings)
    user = sign_up(api)
    mail_job(database, user)
    user.post("/me/verify")
    mail = last_mail(server, user)
    for table in ("mail_links", "jobs", "mail_asks", "users"):
        assert database.value(f"SELECT count(*) FROM {table} t WHERE strpos(t::text, %s) > 0", mail.token) == 0
    worker.log.wait_for("job_completed", job_type="verification_mail")
    for service in (worker, api):
        assert mail.token not in str(service.log.lines) and user.email not in str(service.log.lines)


def test_without_a_server_the_link_is_in_the_log_alone(start, database, api):
    worker = start(Worker, FRONTEND_ORIGIN="https://pages.test/")
    user = sign_up(api)
    user.post("/me/verify")
    line = worker.log.wait_for("mail_not_sent")
    assert (line["level"], line["job_type"], line["user_id"]) == ("warn", "verification_mail", user.id)
    assert re.fullmatch(r"https://pages\.test/verify\?token=[\w-]{43}", line["link"])
    assert verify(api, line["link"].partition("=")[2]).status_code == 200


def test_in_prod_no_link_is_ever_in_the_log(start, database, api):
    """The API may have a server that the worker lacks."""
    worker = start(Worker, **PROD | SOON)
    id = mail_job(database, sign_up(api))
    assert failed_attempt(database, id)["error"] == "SMTP_URL isn't set"
    assert not worker.log.find("mail_not_sent")


# ---- what the server says ----


@pytest.mark.parametrize("fault, becomes, error", [
    (Fault("RCPT", 550), PERMANENT, "550"), (Fault(".", 554), PERMANENT, "554"), (Fault("DATA", 554), PERMANENT, "554"),
    (Fault("RCPT", 451), LATER, "451"), (Fault(".", 452), LATER, "452"), (Fault("GREETING", 554), LATER, "554"),
    (Fault("MAIL", 550), LATER, "550"), (Fault("MAIL", 530), LATER, "530"), (Fault("RCPT", 421), LATER, "421"),
], ids=lambda value: f"{value.command} {value.code}" if isinstance(value, Fault) else None)
def test_what_is_refused_for_good_fails_and_all_else_is_tried_again(start, database, api, server, fault, becomes,
                                                                    error):
    server.fault = fault
    worker = start(Worker, **server.settings)
    worker.expect_errors("job_failed_permanently")
    user = sign_up(api)
    row = failed_attempt(database, mail_job(database, user))
    assert (row["status"], row["attempts"]) == (becomes, 1)
    assert row["error"].startswith("smtp: ") and re.search(error, row["error"])
    assert user.email not in row["error"] and server.mails == []


def test_a_passing_trouble_delays_a_mail(start, database, api, server):
    server.fault = Fault("RCPT", 451, times=2)
    start(Worker, **server.settings | SOON)
    user = sign_up(api)
    row = ended(database, mail_job(database, user))
    assert row["attempts"] == 3 and len(server.to(user)) == 1
    assert verify(api, last_mail(server, user).token).status_code == 200


def test_a_server_that_is_away_gets_the_mail_when_it_is_back(start, database, api):
    port = free_port()
    start(Worker, SMTP_URL=f"smtp://127.0.0.1:{port}", MAIL_FROM="mail@personaworlds.test", **SOON)
    user = sign_up(api)
    id = mail_job(database, user)
    assert "smtp: " in failed_attempt(database, id)["error"]
    with FakeSmtp(port) as server:
        ended(database, id)
        assert len(server.to(user)) == 1


@pytest.mark.parametrize("command", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "."])
def test_a_server_that_hangs_ends_an_attempt_and_holds_up_nothing(start, database, api, server, command):
    server.fault = Fault(command)
    worker = start(Worker, WORKER_TASK_TIMEOUT="2s", **server.settings)
    id = mail_job(database, sign_up(api))
    assert server.hanging.wait(10)
    beside = write_job(database, type="weekly_digest", user_id=sign_up(api).id,
                       subject_date=database.value("SELECT this_monday()"))
    ended(database, beside)
    assert worker.client.get("/healthz").status_code == 200
    row = failed_attempt(database, id)
    assert row["status"] == LATER and re.search("timed out|timeout", row["error"].lower())


def test_a_server_that_hangs_at_the_end_has_the_mail(start, database, api, server):
    """Its goodbye is nobody's business any more."""
    server.fault = Fault("QUIT")
    worker = start(Worker, **server.settings)
    user = sign_up(api)
    row = ended(database, mail_job(database, user), within=10)
    assert row["attempts"] == 1 and len(server.to(user)) == 1
    assert server.hanging.wait(10)
    began = time.monotonic()
    worker.stop()
    assert time.monotonic() - began < 10


def test_a_worker_that_is_told_to_stop_waits_for_no_server_for_ever(start, database, api, server):
    server.fault = Fault("DATA")
    worker = start(Worker, WORKER_DRAIN_TIMEOUT="500ms", **server.settings)
    id = mail_job(database, sign_up(api))
    assert server.hanging.wait(10)
    worker.stop()
    row = job(database, id)
    assert (row["status"], row["attempts"]) == ("PENDING", 0)


def test_a_worker_that_is_killed_over_a_mail_loses_none(start, database, api, server):
    server.fault = Fault(".")
    worker = Worker(database.url, **server.settings).start()
    user = sign_up(api)
    id = mail_job(database, user)
    assert server.hanging.wait(10)
    worker.kill()
    server.fault = None
    start(Worker, **server.settings)
    ended(database, id)
    assert verify(api, last_mail(server, user).token).status_code == 200


def test_many_mails_go_out_at_once(start, database, api, server):
    worker = start(Worker, **server.settings)
    people = [sign_up(api) for _ in range(40)]
    for person in people:
        mail_job(database, person)
    eventually(lambda: len(server.mails) == 40, within=20)
    assert {mail.recipients[0] for mail in server.mails} == {person.email for person in people}
    eventually(lambda: 'jobs_processed_total{type="verification_mail",status="done"} 40' in worker.metrics())


def test_mails_that_wait_for_their_turn_lose_no_attempt(start, database, api, server):
    """Sixteen hang, and those behind them aren't tried; they are due again, and hang in their turn."""
    server.fault = Fault("RCPT")
    worker = start(Worker, WORKER_TASK_TIMEOUT="2s", JOB_RETRY_BASE="1h", JOB_RETRY_MAX="1h", **server.settings)
    for _ in range(20):
        sign_up(api)
    database.execute("INSERT INTO jobs (job_type, user_id) SELECT 'verification_mail', id FROM users")
    worker.log.wait_for("job_failed_retrying", count=16, within=20)
    assert worker.log.wait_for("job_released", count=4, within=20)
    worker.log.wait_for("job_failed_retrying", count=20, within=20)
    assert database.value("SELECT max(attempts) FROM jobs WHERE job_type = 'verification_mail'") == 1


# ---- whom mails may go to ----


@pytest.mark.parametrize("email", ["a b@c.test", "a@b@c.test", "<a@c.test>", "a@c.test>,<b@c.test", "@c.test", "a@",
                                   "\"a\"@c.test", "a;b@c.test", "-a@c.test"])
def test_an_address_that_could_be_taken_for_more_gets_no_mail(start, database, api, server, email):
    worker = start(Worker, **server.settings)
    worker.expect_errors("job_failed_permanently")
    user = sign_up(api)
    database.execute("UPDATE users SET email = %s WHERE id = %s", email, user.id)
    row = ended(database, mail_job(database, user), "FAILED")
    assert row["error"] == "no mail can be sent to the address" and row["attempts"] == 1
    assert server.commands == []


@pytest.mark.parametrize("email", ["ayşe@örnek.test", "a+b'c@c.test", "x" * 200 + "@c.test"])
def test_unusual_addresses_get_their_mail(start, database, api, server, email):
    start(Worker, **server.settings)
    user = sign_up(api)
    database.execute("UPDATE users SET email = %s WHERE id = %s", email, user.id)
    ended(database, mail_job(database, user))
    (mail,) = server.mails
    assert mail.recipients[0].partition("@")[0] == email.partition("@")[0]


def test_nobody_left_to_write_to_is_no_failure(start, database, api, server):
    start(Worker, **server.settings)
    verified, gone = sign_up(api), sign_up(api)
    database.execute("UPDATE users SET email_verified_at = now() WHERE id = %s", verified.id)
    database.execute("WITH gone AS (INSERT INTO account_deletions (user_id) VALUES (%s) RETURNING user_id) "
                     "INSERT INTO jobs (job_type, user_id) SELECT 'verification_mail', user_id FROM gone", gone.id)
    for id in (mail_job(database, verified), write_job(database, type="reset_mail")):
        assert ended(database, id)["attempts"] == 1
    eventually(lambda: database.count("users", id=gone.id) == 0, within=20)
    assert server.commands == []


def test_an_ask_while_a_mail_is_being_sent_sends_another(start, database, api, server):
    server.fault = Fault(".")
    start(Worker, WORKER_TASK_TIMEOUT="20s", **server.settings)
    user = sign_up(api)
    id = mail_job(database, user)
    assert server.hanging.wait(10)
    user.post("/me/verify")
    assert job(database, id)["dirty"]
    server.fault = None
    server.closing.set()
    eventually(lambda: len(server.to(user)) == 2)
    ended(database, id)


# ---- pauses ----


def test_each_kind_of_mail_is_paused_by_itself(start, database, api, server):
    start(Worker, WORKER_POLL_EVERY="200ms", **server.settings)
    user = sign_up(api)
    database.execute("INSERT INTO settings (key, value) VALUES ('queue.pause.verification_mail', 'true')")
    paused, other = mail_job(database, user), mail_job(database, user, "reset_mail")
    ended(database, other)
    assert job(database, paused)["status"] == "PENDING"
    database.execute("DELETE FROM settings")
    ended(database, paused)


# ---- the way there ----


def test_a_login_goes_with_the_mail_and_comes_from_a_file(start, database, api, tmp_path):
    with FakeSmtp(user="mailer", password="planted-smtp-password") as server:
        url = tmp_path / "smtp_url"
        url.write_text(server.url + "\n")
        start(Worker, SMTP_URL_FILE=url, MAIL_FROM="mail@personaworlds.test")
        user = sign_up(api)
        ended(database, mail_job(database, user))
        assert server.mails[0].login == "\0mailer\0planted-smtp-password"


def test_a_refused_login_is_a_wrong_setting(start, database, api):
    with FakeSmtp(user="mailer", password="planted-smtp-password") as server:
        worker = start(Worker, **server.settings | {"SMTP_URL": server.url.replace("planted", "mistyped")})
        row = failed_attempt(database, mail_job(database, sign_up(api)))
        assert row["status"] == LATER and "denied" in row["error"] and "password" not in row["error"]
        assert "mistyped" not in str(worker.log.lines)


@pytest.mark.parametrize("smtps", [False, True])
def test_a_connection_is_encrypted_and_its_certificate_verified(start, database, api, tmp_path, smtps):
    ca, tls = authority(tmp_path)
    with FakeSmtp(tls=tls, smtps=smtps) as server:
        settings = server.settings | elsewhere(server)
        start(Worker, SMTP_CA_BUNDLE=ca, **settings)
        ended(database, mail_job(database, sign_up(api)))
        assert server.mails[0].encrypted


def elsewhere(server):
    """Settings under which a server counts as one of another machine, although it is on this one."""
    host = {"127.0.0.1": "0.0.0.0"}
    url = server.url
    for name, other in host.items():
        url = url.replace(name, other)
    return {"SMTP_URL": url} | PROD


@pytest.mark.parametrize("smtps", [False, True])
def test_a_certificate_that_nobody_vouches_for_gets_no_mail(start, database, api, tmp_path, smtps):
    with FakeSmtp(tls=self_signed(tmp_path), smtps=smtps) as server:
        start(Worker, **server.settings | elsewhere(server))
        row = failed_attempt(database, mail_job(database, sign_up(api)))
        assert row["status"] == LATER and "certificate" in row["error"]
        assert not any(command.startswith(("MAIL", "AUTH", "RCPT")) for command in server.commands)


@pytest.mark.parametrize("settings", [PROD, {"user": "mailer"}], ids=["in prod", "with a password"])
def test_a_server_elsewhere_that_offers_no_encryption_hears_nothing(start, database, api, settings):
    login = {"user": "mailer", "password": "planted-smtp-password"} if "user" in settings else {}
    with FakeSmtp(**login) as server:
        own = elsewhere(server)
        start(Worker, **server.settings | (own if settings is PROD else {"SMTP_URL": own["SMTP_URL"]}))
        row = failed_attempt(database, mail_job(database, sign_up(api)))
        assert row["status"] == LATER and "smtp: " in row["error"]
        assert not any(command.startswith(("MAIL", "AUTH", "RCPT")) for command in server.commands)


def test_outside_prod_a_server_elsewhere_may_be_one_of_a_test(start, database, api, server):
    start(Worker, **server.settings | {"SMTP_URL": elsewhere(server)["SMTP_URL"]})
    ended(database, mail_job(database, sign_up(api)))
    assert not server.mails[0].encrypted


# ---- settings ----


@pytest.mark.parametrize("settings, sentence", [
    ({"SMTP_URL": "smtp://planted@mail.test"}, "SMTP_URL must be smtp://"),
    ({"SMTP_URL": "http://mail.test"}, "SMTP_URL"),
    ({"SMTP_URL": "smtp://user:planted@at@mail.test"}, "SMTP_URL"), ({"SMTP_URL": "smtp://mail.test:0"}, "SMTP_URL"),
    ({"SMTP_URL": "smtp://mail.test:65536"}, "SMTP_URL"), ({"SMTP_URL": "smtp://mail.test/path"}, "SMTP_URL"),
    ({"SMTP_URL": "smtp://"}, "SMTP_URL"), ({"SMTP_URL": "smtp://mail.test"}, "MAIL_FROM must be set"),
    ({"SMTP_URL": "smtp://mail.test", "MAIL_FROM": "nobody"}, "MAIL_FROM must be an e-mail address"),
    ({"SMTP_URL": "smtp://mail.test", "MAIL_FROM": "A <a@b>\r\nBcc: c@d"}, "MAIL_FROM"),
    ({"SMTP_URL": "smtp://mail.test", "MAIL_FROM": "A\r\nBcc: c@d <a@b>"}, "MAIL_FROM")])
def test_a_setting_that_cant_be_ends_the_start(database, settings, sentence):
    worker = Worker(database.url, **settings).launch()
    worker.expect_errors("startup_failed")
    worker.wait_for_end(code=1)
    (line,) = worker.log.find("startup_failed")
    assert sentence in line["error"] and "planted" not in line["error"]


def test_links_and_counts_that_are_over_are_forgotten(start, database, api):
    user = sign_up(api)
    for days in (0, 2):
        database.execute("INSERT INTO mail_links (token_hash, user_id, purpose, email, expires_at) VALUES "
                         "(%s, %s, 'reset', 'x', now() + interval '1 hour' - %s * interval '1 day')",
                         uuid.uuid4().bytes, user.id, days)
        database.execute("INSERT INTO mail_asks (bucket, began_at, asks) VALUES (%s, now() - %s * interval '1 day', 1)",
                         uuid.uuid4().bytes, days)
    start(Worker)
    eventually(lambda: database.count("mail_links") == database.count("mail_asks") == 1, within=10)
    assert new_email()
