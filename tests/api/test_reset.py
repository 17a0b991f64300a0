"""Who has forgotten the password sets a new one by a link in a mail; nobody learns from that which
addresses have an account."""
import statistics
import time
import uuid

import pytest

from fakes.smtp import FakeSmtp
from support.mail import forgot, invalid, is_verified, last_mail, reset, write_link
from support.people import new_email, sign_up
from support.program import Api, Worker, release_binary
from support.sessions import is_in, log_in
from support.waiting import eventually, in_parallel

ANOTHER = "another long password"


@pytest.fixture(scope="module")
def server():
    with FakeSmtp() as server:
        yield server


@pytest.fixture(scope="module")
def settings(server):
    return server.settings


@pytest.fixture(scope="module", autouse=True)
def worker(database, settings):
    with Worker(database.url, **settings) as worker:
        yield worker


@pytest.fixture
def known(api):
    """Somebody of before mails were sent: only what a test asks for is in the box."""
    return sign_up(api)


def login(user, password):
    return user.api.client.post("/auth/login", json={"email": user.email, "password": password}).status_code


def asked(answer):
    assert (answer.status_code, answer.json()) == (202, {"ok": True}), answer.text
    return answer


def drained(database):
    return eventually(lambda: database.value("SELECT count(*) FROM jobs WHERE job_type = 'reset_mail' AND status IN "
                                             "('PENDING', 'PROCESSING')") == 0, within=20)


# ---- the way of everybody ----


def test_a_forgotten_password_is_set_anew(api, server, known):
    before = log_in(known)
    asked(forgot(api, f" {known.email.upper()} "))
    mail = last_mail(server, known)
    assert mail.link == f"http://localhost:8080/reset?token={mail.token}"
    assert mail.message["Subject"] == "Set a new password"
    answer = reset(api, mail.token)
    assert answer.status_code == 200 and set(answer.json()) == {"token", "user_id"}
    assert answer.json()["user_id"] == known.id
    eventually(lambda: not is_in(known) and not is_in(before))
    known.token = answer.json()["token"]
    assert is_in(known) and is_verified(known), "who read the mail has the address"
    assert login(known, known.password) == 401 and login(known, ANOTHER) == 200
    assert invalid(reset(api, mail.token, "a third long password")), "once"


def test_sessions_end_at_other_processes_too(api, start, database, known):
    second = start(Api)
    assert is_in(known.at(second))
    reset(api, write_link(database, known, "reset"))
    eventually(lambda: not is_in(known.at(second)))


def test_a_link_outlives_the_processes(start, settings, server, database, known):
    worker = Worker(database.url, **settings).start()
    api = Api(database.url).start()
    asked(forgot(api, known.email))
    mail = last_mail(server, known)
    for process in (api, worker):
        process.kill()
    assert reset(start(Api), mail.token).status_code == 200


# ---- what is no good link ----


def test_a_link_lasts_half_an_hour_from_when_it_was_sent(api, server, database, known):
    asked(forgot(api, known.email))
    mail = last_mail(server, known)
    assert database.value("SELECT expires_at - created_at = interval '30 minutes' FROM mail_links WHERE user_id = %s",
                          known.id)
    database.execute("UPDATE mail_links SET expires_at = now() - interval '1 microsecond' WHERE user_id = %s", known.id)
    assert invalid(reset(api, mail.token)) and login(known, known.password) == 200
    database.execute("UPDATE mail_links SET expires_at = now() + interval '1 minute' WHERE user_id = %s", known.id)
    assert reset(api, mail.token).status_code == 200


def test_what_is_no_token_is_refused(api):
    assert invalid(reset(api, "x" * 43))
    assert reset(api, None).json()["error"] == "token is required"


def test_a_link_of_a_verification_sets_no_password(api, database, known):
    assert invalid(reset(api, write_link(database, known, "verification"))) and is_in(known)


def test_a_new_password_ends_all_other_links(api, database, known):
    links = [write_link(database, known, "reset") for _ in range(2)]
    assert reset(api, links[0]).status_code == 200
    assert invalid(reset(api, links[1])) and database.count("mail_links", user_id=known.id) == 0


def test_a_link_counts_for_the_address_it_was_sent_to(api, database, known):
    link = write_link(database, known, "reset")
    assert known.put("/me", json={"email": new_email(), "current_password": known.password}).status_code == 200
    assert invalid(reset(api, link)) and is_in(known)


def test_a_deleted_account_isnt_brought_back(api, server, database, known):
    link = write_link(database, known, "reset")
    known.request("DELETE", "/me", json={"password": known.password})
    assert invalid(reset(api, link))
    asked(forgot(api, known.email))
    assert drained(database) and server.to(known) == []


def test_of_two_who_use_a_link_at_once_one_sets_the_password(api, database, known):
    link, wanted = write_link(database, known, "reset"), [f"{ANOTHER} {n}" for n in range(3)]
    tried = list(wanted)
    answers = database.crowd("users", known.id, 3, lambda: reset(api, link, wanted.pop()))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400]
    assert sorted(login(known, password) for password in tried) == [200, 401, 401]


# ---- the new password ----


@pytest.mark.parametrize("password, good", [("eight888", True), ("seven77", False), ("x" * 1024, True),
                                            ("x" * 1025, False), ("", False), (None, False)])
def test_a_new_password_has_8_to_1024_bytes(api, database, known, password, good):
    link = write_link(database, known, "reset")
    answer = reset(api, link, password)
    if good:
        assert answer.status_code == 200 and login(known, password) == 200
    else:
        assert (answer.status_code, answer.json()["error"]) == (400, "new password must be 8 to 1024 bytes")
        assert reset(api, link).status_code == 200, "the link is still good"


def test_a_new_password_is_not_a_common_one(start, database, known):
    api = start(Api, REFUSE_COMMON_PASSWORDS="true")
    link = write_link(database, known, "reset")
    answer = reset(api, link, "password123")
    assert (answer.status_code, answer.json()["error"]) == (400, "password is too common")
    assert reset(api, link).status_code == 200


# ---- known or not ----


@pytest.mark.parametrize("email", ["", " ", None, "nobody", "x" * 250 + "@y.de", "a\u202eb@example.org"])
def test_what_is_no_address_is_refused(api, email):
    answer = forgot(api, email)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid email")


def test_an_unknown_address_is_answered_alike(api, server, database, known):
    answers = [asked(forgot(api, email)) for email in (known.email, new_email())]
    own = {"x-request-id", "date", "ratelimit"}
    shown = [{name: value for name, value in answer.headers.items() if name not in own} for answer in answers]
    assert shown[0] == shown[1]
    last_mail(server, known)
    assert drained(database)
    assert database.value("SELECT count(*) FROM jobs WHERE job_type = 'reset_mail' AND "
                          "(status <> 'DONE' OR user_id IS NULL)") == 0


def test_an_unknown_address_takes_as_long(database, start):
    """Each address is asked for once, as a fourth ask would make no job."""
    api = start(Api, program=release_binary())
    salt = uuid.uuid4().hex
    database.execute("INSERT INTO users (email, password_hash, weekly_due_at) SELECT 'known-' || n || %s, 'x', NULL "
                     "FROM generate_series(1, 2000) n", f"-{salt}@example.org")
    took, turn = {"known": [], "strange": []}, iter(range(1, 2001))

    def ask(name):
        began = time.perf_counter()
        asked(forgot(api, f"{name}-{next(turn)}-{salt}@example.org"))
        took[name].append(time.perf_counter() - began)

    def alike():
        """Of 100 each, 4 at a time; on a busy machine of more."""
        names = ["known", "strange"] * 100
        in_parallel(4, lambda: [ask(names.pop()) for _ in range(50)])
        known, strange = (statistics.median(took[name]) for name in ("known", "strange"))
        print(f"medians of {len(took['known'])}: {known * 1e3:.2f} ms, {strange * 1e3:.2f} ms")
        return abs(known - strange) < 0.0005 and known > 0.1

    assert eventually(alike, within=45, pause=0)


# ---- how many ----


def test_an_account_gets_three_mails_an_hour_and_the_fourth_is_answered_alike(api, server, database, known):
    for n in range(1, 6):
        asked(forgot(api, known.email.upper() if n % 2 else known.email))
        assert drained(database) and len(server.to(known)) == min(n, 3)
    database.execute("UPDATE mail_asks SET began_at = began_at - interval '59 minutes'")
    asked(forgot(api, known.email))
    assert drained(database) and len(server.to(known)) == 3
    database.execute("UPDATE mail_asks SET began_at = began_at - interval '1 minute'")
    asked(forgot(api, known.email))
    assert last_mail(server, known, count=4)


def test_of_many_asks_at_once_three_count(api, database, known):
    for answer in in_parallel(12, lambda: forgot(api, known.email)):
        asked(answer)
    assert database.value("SELECT max(asks) FROM mail_asks") == 3


def test_an_address_asks_five_times_an_hour(start):
    api = start(Api, RATE_LIMIT_FORGOT=None)
    for _ in range(5):
        asked(forgot(api, new_email()))
    answer = forgot(api, new_email())
    assert (answer.status_code, answer.json()["error"]) == (429, "rate limit exceeded")
    assert 3500 < int(answer.headers["Retry-After"]) <= 3600


def test_an_account_with_an_address_of_before_folding_gets_its_mail(api, server, database, known):
    """Its address is stored in lower case in every script; its owner may write it in capitals."""
    email = f"şule-{uuid.uuid4().hex[:8]}@example.org"
    database.execute("UPDATE users SET email = %s WHERE id = %s", email, known.id)
    asked(forgot(api, email.upper()))
    assert reset(api, last_mail(server, email).token).status_code == 200
