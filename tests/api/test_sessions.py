"""Sessions: tokens name them, and one that ended is refused by every process within a second."""
import threading
import time

import pytest

from support import tokens
from support.people import new_email, new_room, sign_up
from support.program import JWT_SECRET, Api, Worker, run
from support.sessions import is_in, log_in, session_of
from support.waiting import eventually, in_parallel

WITHIN = 5.0  # a second is the promise; a busy machine gets some more
BEFORE = "the-secret-before-0123456789abcdefghij"


def end_by_hand(database, session):
    database.execute("UPDATE sessions SET ended_at = now() WHERE id = %s", session)


def refresh(user):
    answer = user.post("/auth/refresh")
    if answer.status_code == 200:
        assert set(answer.json()) == {"token"}
        return answer.json()["token"]
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid token")
    return None


# ---- the token ----


def test_each_login_begins_a_session_that_its_token_names(user, database):
    again = log_in(user)
    rows = database.rows("SELECT id::text, ended_at, expires_at - created_at AS lives FROM sessions WHERE user_id = %s",
                         user.id)
    assert {row["id"] for row in rows} == {session_of(user), session_of(again)} and len(rows) == 2
    claims = tokens.read(user.token)[1]
    assert {row["lives"].total_seconds() for row in rows} == {claims["exp"] - claims["iat"]}
    assert {row["ended_at"] for row in rows} == {None}


def test_a_token_says_who_made_it_for_whom_and_no_two_are_the_same(user):
    one, other = tokens.read(user.token)[1], tokens.read(log_in(user).token)[1]
    assert (one["iss"], one["aud"]) == (other["iss"], other["aud"]) == ("personaworlds", "personaworlds api")
    assert one["jti"] != other["jti"] and len(one["jti"]) == 32


@pytest.mark.parametrize("claims", [
    {"iss": "somebody"}, {"iss": 1}, {"iss": ""}, {"aud": "another api"}, {"aud": ["personaworlds api"]}, {"sid": 1},
    {"sid": ""}, {"sid": "no id"}, {"sid": ["x"]}])
def test_a_token_of_another_issuer_or_audience_or_with_a_session_that_is_none_is_refused(user, claims):
    user.token = tokens.token(tokens.claims_for(user.id, **claims))
    assert not is_in(user)


def test_a_token_of_before_sessions_lives_to_its_end(user):
    """It can't be ended, so it can't be made anew either."""
    user.token = tokens.token(tokens.claims_for(user.id))
    assert user.post("/auth/logout").json() == {"ok": True}
    assert is_in(user) and refresh(user) is None


@pytest.mark.parametrize("sent, kept", [
    ("Mozilla/5.0 (X11)", "Mozilla/5.0 (X11)"), ("x" * 200, "x" * 200), ("ş" * 201, "ş" * 200), (b"\xff\xfe", ""),
    (b"tab\there", "")])
def test_a_session_keeps_where_it_was_begun(user, database, sent, kept):
    sent = sent.encode() if isinstance(sent, str) else sent
    for person in (log_in(user, **{"User-Agent": sent}), sign_up_with(user.api, sent)):
        assert database.value("SELECT user_agent FROM sessions WHERE id = %s", session_of(person)) == kept


def sign_up_with(api, agent):
    person = sign_up(api)
    answer = api.client.post("/auth/signup", json={"email": new_email(), "password": person.password},
                             headers={"User-Agent": agent})
    person.token = answer.json()["token"]
    return person


# ---- logout ----


def test_logging_out_ends_this_session_alone(user):
    again = log_in(user)
    assert again.post("/auth/logout").json() == {"ok": True}
    assert not is_in(again) and is_in(user)
    answer = again.post("/auth/logout")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid token")


def test_a_session_that_ended_is_refused_by_all_processes_within_a_second(start, user, database):
    """Whoever ended it: a logout at one of them, or an operator by hand."""
    apis = [user.api, start(Api), start(Api)]
    for end in (lambda person: person.post("/auth/logout"), lambda person: end_by_hand(database, session_of(person))):
        people = [log_in(user) for _ in range(3)]
        assert all(is_in(person.at(api)) for person in people for api in apis)
        for person in people:
            end(person)
        ended = time.monotonic()
        for person in people:
            for api in apis:
                eventually(lambda: not is_in(person.at(api)), within=10, pause=0.01)
        assert time.monotonic() - ended < WITHIN
        assert all(is_in(user.at(api)) for api in apis)


def test_a_process_that_starts_knows_who_was_logged_out(start, database, user):
    """From its first answer on, and however many pages they fill."""
    gone = log_in(user)
    end_by_hand(database, session_of(gone))
    database.execute("SELECT revoke_tokens(array_agg(gen_random_uuid()), array_agg(now())) "
                     "FROM generate_series(1, 10001)")
    last = log_in(user)
    end_by_hand(database, session_of(last))
    for _ in range(3):
        api = start(Api)
        assert not is_in(last.at(api)) and not is_in(gone.at(api)) and is_in(user.at(api))
        assert api.log.find("revocations_read")[0]["ids"] >= 10003


def test_many_that_end_at_once_are_all_refused(user, database, start):
    other = start(Api)
    people = [log_in(user) for _ in range(8)]
    in_parallel(8, lambda: people.pop().post("/auth/logout"))
    people = [log_in(user) for _ in range(3)]
    database.execute("UPDATE sessions SET ended_at = now() WHERE user_id = %s AND ended_at IS NULL", user.id)
    eventually(lambda: not any(is_in(person.at(api)) for person in [user, *people] for api in (other, user.api)))
    assert database.value("SELECT count(*) FROM sessions s JOIN revocations r USING (id) WHERE user_id = %s",
                          user.id) == 12


def test_on_a_public_route_an_ended_session_counts_as_none(user, other, database):
    persona = other.persona()
    slug = other.post(f"/personas/{persona.id}/publish-profile", json={}).json()["slug"]
    user.post("/auth/logout")
    answer = user.post(f"/p/{slug}/follow")
    assert (answer.status_code, answer.json()["error"]) == (401, "signup_required")
    assert user.get(f"/p/{slug}").status_code == 200


def test_nobody_gets_in_with_a_password_that_was_changed_meanwhile(user, database):
    """The change waits for no login: a login that checked the old one waits for the change."""
    with database.connect() as connection, connection.transaction():
        connection.execute("UPDATE users SET password_hash = 'another' WHERE id = %s", [user.id])
        logins = []

        def log_in_once():
            logins.append(user.api.client.post("/auth/login", json={"email": user.email, "password": user.password}))

        login = threading.Thread(target=log_in_once)
        login.start()
        eventually(lambda: database.value("SELECT count(*) FROM pg_locks WHERE NOT granted"))
    login.join(10)
    assert (logins[0].status_code, logins[0].json()["error"]) == (401, "invalid credentials")
    assert database.count("sessions", user_id=user.id) == 1


# ---- a new token ----


def test_a_refreshed_token_is_of_the_same_session_and_lives_anew(user, database):
    before = tokens.read(user.token)[1]
    database.execute("UPDATE sessions SET expires_at = now() + interval '1 minute' WHERE id = %s", before["sid"])
    old, user.token = user.token, refresh(user)
    after = tokens.read(user.token)[1]
    assert after["sid"] == before["sid"] and after["jti"] != before["jti"]
    assert after["exp"] - after["iat"] == 24 * 3600
    assert database.value("SELECT expires_at > now() + interval '23 hours' FROM sessions WHERE id = %s", before["sid"])
    assert is_in(user)
    user.token = old
    assert is_in(user), "the token of before lives to its end"


@pytest.mark.parametrize("age, lives", [("29 days 23:59", True), ("30 days 00:00:01", False)])
def test_a_session_lives_30_days_at_most(user, database, age, lives):
    database.execute("UPDATE sessions SET created_at = now() - %s::interval WHERE id = %s", age, session_of(user))
    assert bool(refresh(user)) == lives
    assert is_in(user)


def test_an_ended_session_gets_no_new_token_even_before_the_process_knows(user, database):
    with database.connect() as connection, connection.transaction():
        connection.execute("ALTER TABLE sessions DISABLE TRIGGER sessions_revoke_ended")
        connection.execute("UPDATE sessions SET ended_at = now() WHERE id = %s", [session_of(user)])
        connection.execute("ALTER TABLE sessions ENABLE TRIGGER sessions_revoke_ended")
    assert is_in(user) and refresh(user) is None


def test_a_foreign_session_can_be_neither_ended_nor_refreshed(user, other, database):
    thief = user.at(user.api)
    thief.token = tokens.token(tokens.claims_for(user.id, sid=session_of(other)))
    assert refresh(thief) is None
    thief.post("/auth/logout")
    assert database.value("SELECT ended_at FROM sessions WHERE id = %s", session_of(other)) is None


# ---- what is kept, and how long ----


def test_sessions_and_revocations_go_when_their_tokens_have_expired(user, database, start):
    database.execute("DELETE FROM revocations")  # they go oldest first
    gone, ended, kept = log_in(user), log_in(user), log_in(user)
    for person, age in ((gone, "61 minutes"), (ended, "61 minutes"), (kept, "59 minutes")):
        database.execute("UPDATE sessions SET expires_at = now() - %s::interval WHERE id = %s", age, session_of(person))
    end_by_hand(database, session_of(ended))
    end_by_hand(database, session_of(user))
    start(Worker)
    left = lambda: {str(row["id"]) for row in database.rows("SELECT id FROM sessions WHERE user_id = %s", user.id)}
    eventually(lambda: left() == {session_of(user), session_of(kept)})
    eventually(lambda: database.count("revocations", id=session_of(ended)) == 0)
    assert database.count("revocations", id=session_of(user)) == 1


def test_a_request_notes_its_session_once_an_hour(user, database):
    again = log_in(user)
    database.execute("UPDATE sessions SET last_seen_at = now() - interval '2 hours' WHERE user_id = %s", user.id)
    again.get("/rooms")
    seen = lambda person: database.value(
        "SELECT last_seen_at > now() - interval '1 minute' FROM sessions WHERE id = %s", session_of(person))
    eventually(lambda: seen(again))
    assert not seen(user)


# ---- the key of before ----


def test_a_new_key_logs_nobody_out(database, start):
    before = start(Api, JWT_SECRET=BEFORE)
    user, author = sign_up(before), sign_up(before)
    room = new_room(database)
    post = author.publish(author.persona(), room, "Tabs or spaces? Tabs.")
    remix = user.post(f"/battles/{post.id}/remix-intent").json()["remix_token"]
    after = start(Api, JWT_SECRET_PREVIOUS=BEFORE)
    user.api = after
    assert is_in(user) and is_in(log_in(user)) and refresh(user)
    answer = user.post(f"/rooms/{room.id}/battles", json={"topic": "Tabs or spaces?", "remix_token": remix})
    assert answer.status_code == 201 and answer.json()["remix_used"]
    third = "a-third-secret-0123456789abcdefghijkl"
    for key, good in ((JWT_SECRET, True), (BEFORE, True), (third, False), ("", False)):
        user.token = tokens.token(tokens.claims_for(user.id), key=key)
        assert is_in(user) == good
    assert is_in(log_in(user)) and not is_in(log_in(user).at(before)), "new tokens are made with the new key"


@pytest.mark.parametrize("previous", ["short", "dev-secret-change-me"])
def test_a_weak_key_of_before_is_as_bad_as_a_weak_key(previous):
    settings = {"JWT_SECRET": JWT_SECRET, "JWT_SECRET_PREVIOUS": previous, "APP_ENV": "prod", "LLM_PROVIDER": "mock"}
    done = run("api", **settings)
    assert done.returncode == 1 and "JWT_SECRET_PREVIOUS " in done.stdout
    done = run("doctor", "secrets", **settings)
    assert done.returncode == 1 and "JWT_SECRET_PREVIOUS " in done.stdout


def test_routes_of_sessions_are_limited_as_auth(start):
    api = start(Api, RATE_LIMIT_AUTH="2/1m")
    user = sign_up(api)
    assert refresh(user)
    for route in ("/auth/refresh", "/auth/logout"):
        answer = user.post(route)
        assert answer.status_code == 429 and answer.headers["RateLimit-Policy"].startswith('"auth"')
    assert api.client.post("/auth/verify", json={"token": "x"}).status_code == 429
