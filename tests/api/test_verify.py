"""An address is verified by a link that was sent to it."""
import pytest

from fakes.smtp import FakeSmtp
from support.mail import invalid, is_verified, last_mail, verify, write_link
from support.people import new_email, sign_up
from support.program import Api, Worker
from support.waiting import eventually, in_parallel

PROD = {"APP_ENV": "prod", "LLM_PROVIDER": "mock"}


@pytest.fixture(scope="module")
def server():
    with FakeSmtp() as server:
        yield server


@pytest.fixture(scope="module")
def api(database, server):
    with Api(database.url, **server.settings) as api:
        yield api


@pytest.fixture(scope="module", autouse=True)
def worker(database, server):
    with Worker(database.url, **server.settings) as worker:
        yield worker


def settled(database, user):
    """No mail to the user is left to be sent."""
    return eventually(lambda: not database.value("SELECT count(*) FROM jobs WHERE user_id = %s AND status IN "
                                                 "('PENDING', 'PROCESSING') AND job_type LIKE '%%_mail'", user.id),
                      within=20)


def send_again(user):
    answer = user.post("/me/verify", json={})
    assert (answer.status_code, answer.json()) == (202, {"ok": True})


def move(user, email):
    answer = user.put("/me", json={"email": email, "current_password": user.password})
    assert answer.status_code == 200, answer.text
    user.email = answer.json()["email"]


# ---- the way of everybody ----


def test_a_sign_up_sends_the_link_that_verifies_the_address(api, server, database):
    user = sign_up(api)
    mail = last_mail(server, user)
    assert not is_verified(user)
    assert mail.link == f"http://localhost:8080/verify?token={mail.token}" and len(mail.token) == 43
    answer = verify(api, mail.token)
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert is_verified(user)
    assert invalid(verify(api, mail.token)), "once"
    assert database.count("mail_links", user_id=user.id) == 0


def test_a_link_is_sent_again_and_those_before_stay_good(api, server, database):
    user = sign_up(api)
    first = last_mail(server, user)
    settled(database, user)
    send_again(user)
    second = last_mail(server, user, count=2)
    assert first.token != second.token
    assert verify(api, first.token).status_code == 200
    assert invalid(verify(api, second.token)), "there is nothing left to verify"
    send_again(user)
    assert len(server.to(user)) == 2 and settled(database, user), "who is verified gets no mail"


def test_the_newest_five_links_are_good(api, server, database):
    user = sign_up(api)
    last_mail(server, user)
    older = [write_link(database, user, "verification", created_at=f"now() - interval '{n} minutes'")
             for n in range(1, 7)]
    settled(database, user)
    send_again(user)
    last_mail(server, user, count=2)
    assert database.count("mail_links", user_id=user.id) == 5
    assert invalid(verify(api, older[3])) and verify(api, older[2]).status_code == 200


# ---- what is no good link ----


def test_a_link_lasts_a_day_from_when_it_was_sent(api, server, database):
    user = sign_up(api)
    mail = last_mail(server, user)
    assert database.value("SELECT expires_at - created_at = interval '24 hours' FROM mail_links WHERE user_id = %s",
                          user.id)
    database.execute("UPDATE mail_links SET expires_at = now() - interval '1 microsecond' WHERE user_id = %s", user.id)
    assert invalid(verify(api, mail.token)) and not is_verified(user)
    database.execute("UPDATE mail_links SET expires_at = now() + interval '1 minute' WHERE user_id = %s", user.id)
    assert verify(api, mail.token).status_code == 200


@pytest.mark.parametrize("token", ["x", "x" * 43, "x" * 200, "ş" * 200, "' OR true --"])
def test_what_is_no_token_is_refused(api, token):
    assert invalid(verify(api, token))


@pytest.mark.parametrize("token, sentence", [
    ("", "token is required"), (" ", "token is required"), (None, "token is required"),
    ("x" * 201, "token must be <= 200 chars")])
def test_a_token_must_be_there(api, token, sentence):
    answer = verify(api, token)
    assert (answer.status_code, answer.json()["error"]) == (400, sentence)


def test_a_link_to_a_new_password_verifies_nothing_by_itself(api, database):
    user = sign_up(api)
    assert invalid(verify(api, write_link(database, user, "reset"))) and not is_verified(user)


def test_a_changed_address_begins_unverified_and_has_a_link_of_its_own(api, server, database):
    user = sign_up(api)
    first = last_mail(server, user)
    settled(database, user)
    move(user, new_email())
    second = last_mail(server, user)
    assert invalid(verify(api, first.token)) and not is_verified(user)
    assert verify(api, second.token).status_code == 200 and is_verified(user)
    move(user, new_email())
    assert not is_verified(user)
    assert last_mail(server, user).recipients == [user.email]


def test_the_same_address_sends_nothing(api, server, database):
    user = sign_up(api)
    last_mail(server, user)
    settled(database, user)
    for change in ({"email": user.email.upper()}, {"language": "tr"}):
        assert user.put("/me", json=change).status_code == 200
    assert settled(database, user) and len(server.to(user)) == 1


def test_of_two_who_use_a_link_at_once_one_does(api, database):
    user = sign_up(api)
    token = write_link(database, user, "verification")
    answers = database.crowd("users", user.id, 4, lambda: verify(api, token))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]


def test_a_deleted_account_has_no_link(api, server, database):
    user = sign_up(api)
    mail = last_mail(server, user)
    assert user.request("DELETE", "/me", json={"password": user.password}).status_code == 202
    assert invalid(verify(api, mail.token))
    eventually(lambda: database.count("users", id=user.id) == 0, within=20)
    assert database.count("mail_links", user_id=user.id) == 0


# ---- how many ----


def test_three_a_day_are_sent_again(start, server):
    api = start(Api, **server.settings | {"RATE_LIMIT_VERIFICATION": None})
    user, other = sign_up(api), sign_up(api)
    assert [user.post("/me/verify").status_code for _ in range(4)] == [202, 202, 202, 429]
    answer = user.post("/me/verify")
    assert answer.json()["error"] == "rate limit exceeded" and int(answer.headers["Retry-After"]) > 86000
    send_again(other)


def test_an_address_gets_five_a_day_whoever_asks(api, server, database):
    """Also by those who sign up with it in turn, or move to it."""
    victim, asked = new_email(), 0
    for _ in range(7):
        stranger = sign_up(api)
        last_mail(server, stranger)
        settled(database, stranger)
        move(stranger, victim.upper() if asked % 2 else victim)
        settled(database, stranger)
        asked += 1
        assert len(server.to(victim)) == min(asked, 5)
        move(stranger, new_email())
        settled(database, stranger)
    database.execute("UPDATE mail_asks SET began_at = began_at - interval '1 day'")
    move(stranger, victim)
    assert last_mail(server, victim, count=6)


# ---- administrators ----


def test_admin_emails_counts_for_verified_addresses_alone(start, server, database):
    boss = new_email("boss")
    api = start(Api, ADMIN_EMAILS=boss, **server.settings)
    user = sign_up(api, boss)
    assert user.get("/admin/analytics/summary").status_code == 403 and not user.get("/me").json()["is_admin"]
    assert verify(api, last_mail(server, boss).token).status_code == 200
    assert user.get("/admin/analytics/summary").status_code == 200 and user.get("/me").json()["is_admin"]
    settled(database, user)
    move(user, new_email())
    assert user.get("/admin/analytics/summary").status_code == 403


# ---- language ----


def test_a_mail_is_in_the_language_of_its_reader(api, server, database):
    user = sign_up(api)
    assert "confirm the address" in last_mail(server, user).text.replace("\n", " ")
    settled(database, user)
    user.persona(preferred_language="tr")
    send_again(user)
    mail = last_mail(server, user, count=2)
    assert mail.message["Subject"] == "E-posta adresini doğrula" and "lütfen" in mail.text
    settled(database, user)
    user.put("/me", json={"language": "en"})
    send_again(user)
    assert last_mail(server, user, count=3).message["Subject"] == "Confirm your e-mail address"


# ---- without a mail server ----


@pytest.mark.parametrize("path, body", [("/auth/forgot", {"email": "somebody@example.org"}), ("/me/verify", {}),
                                        ("/auth/reset", {"token": "x", "password": "another long password"})])
def test_in_prod_a_missing_server_is_said(start, path, body):
    api = start(Api, **PROD)
    api.expect_errors("http_request")
    answer = sign_up(api).post(path, json=body)
    assert (answer.status_code, answer.json()["error"], answer.json()["code"]) == (
        503, "mail is not set up", "mail_is_not_set_up")


def test_without_a_server_a_sign_up_sends_nothing(start, database):
    for settings in (PROD, {}):
        user = sign_up(start(Api, **settings))
        assert database.value("SELECT count(*) FROM jobs WHERE user_id = %s AND job_type = 'verification_mail'",
                              user.id) == 0


def test_a_link_works_at_an_api_that_was_started_since(server, start, database):
    api = Api(database.url, **server.settings).start()
    user = sign_up(api)
    mail = last_mail(server, user)
    api.stop()
    assert verify(start(Api, **server.settings), mail.token).status_code == 200


def test_many_addresses_are_verified_at_once(api, server):
    people = [sign_up(api) for _ in range(8)]
    tokens = [last_mail(server, person).token for person in people]
    assert [answer.status_code for answer in in_parallel(8, lambda: verify(api, tokens.pop()))] == [200] * 8
    assert all(map(is_verified, people))
