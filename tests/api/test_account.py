"""A user's own account: what it is, its address and password, its sessions."""
import threading

import pytest

from support import tokens
from support.people import new_email, new_room, sign_up
from support.program import Api
from support.sessions import is_in, log_in, session_of
from support.waiting import eventually, in_parallel

ANOTHER = "another long password"


def login(user, password):
    return user.api.client.post("/auth/login", json={"email": user.email, "password": password})


def refused(answer):
    return answer.status_code, answer.json()["error"]


# ---- what it is ----


def test_an_account_says_what_it_has(user, database):
    persona, room = user.persona(), new_room(database)
    user.draft(persona, room)
    user.publish(persona, room, "Tabs or spaces? Tabs.")
    database.execute("INSERT INTO notifications (user_id, type, title) VALUES (%s, 'persona_followed', 'Somebody')",
                     user.id)
    me = user.get("/me").json()
    claims = tokens.read(user.token)[1]
    assert {name: me[name] for name in ("user_id", "email", "is_admin", "unread_count", "drafts_count",
                                        "personas_count")} == {
        "user_id": user.id, "email": user.email, "is_admin": True, "unread_count": 1, "drafts_count": 1,
        "personas_count": 1}
    assert me["limits"] == {"draft_max_len": 500, "reply_max_len": 280, "topic_max_len": 180, "preview_quota": 5}
    assert me["session"]["id"] == claims["sid"] and "language" not in me
    user.token = tokens.token(tokens.claims_for(user.id))
    assert "session" not in user.get("/me").json()


def test_counts_go_no_further_than_a_thousand(user, database):
    room = new_room(database)
    for n in (999, 1, 1):
        database.execute("INSERT INTO posts (room_id, user_id, content) SELECT %s, %s, 'A draft.' FROM "
                         "generate_series(1, %s)", room.id, user.id, n)
    assert user.get("/me").json()["drafts_count"] == 1000


# ---- address and language ----


def test_a_language_changes_without_a_password(user):
    for language in ("tr", "en"):
        answer = user.put("/me", json={"language": language})
        assert answer.status_code == 200 and answer.json()["language"] == language
        assert answer.json() == user.get("/me").json()
    assert user.put("/me", json={}).json()["language"] == "en"


def test_an_address_changes_with_the_password_alone_and_isnt_verified_then(user, database):
    database.execute("UPDATE users SET email_verified_at = now() WHERE id = %s", user.id)
    old, new = user.email, new_email()
    for password in ({}, {"current_password": "wrong"}, {"current_password": "x" * 2000}):
        assert refused(user.put("/me", json={"email": new} | password)) == (403, "wrong password")
    assert user.put("/me", json={"email": old.upper()}).status_code == 200
    assert database.value("SELECT email_verified_at FROM users WHERE id = %s", user.id)
    answer = user.put("/me", json={"email": f" {new.upper()} ", "current_password": user.password})
    assert answer.status_code == 200 and answer.json()["email"] == new
    assert database.value("SELECT email_verified_at FROM users WHERE id = %s", user.id) is None
    assert login(user, user.password).status_code == 401
    user.email = new
    assert login(user, user.password).status_code == 200 and is_in(user)


@pytest.mark.parametrize("body, sentence", [
    ({"language": "de"}, "language must be tr or en"), ({"email": "nobody"}, "invalid email or password"),
    ({"email": "@" + "x" * 254}, "invalid email or password"), ({"nope": 1}, None)])
def test_what_an_account_cant_have_is_refused(user, body, sentence):
    answer = user.put("/me", json=body | {"current_password": user.password})
    assert answer.status_code == 400 and answer.json()["error"] == (sentence or answer.json()["error"])


def test_an_address_has_one_account(api, user, other):
    taken = {"email": other.email, "current_password": user.password}
    assert refused(user.put("/me", json=taken)) == (409, "email already registered")
    people, wanted = [sign_up(api) for _ in range(4)], new_email()
    answers = in_parallel(4, lambda: (one := people.pop()).put(
        "/me", json={"email": wanted, "current_password": one.password}))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


def test_two_that_want_an_address_at_one_moment_are_told_apart(user, database):
    """The other one's is seen by the constraint alone."""
    wanted, answers = new_email(), []
    with database.connect() as connection, connection.transaction():
        connection.execute("INSERT INTO users (email, password_hash) VALUES (%s, 'x')", [wanted])
        change = threading.Thread(target=lambda: answers.append(
            user.put("/me", json={"email": wanted, "current_password": user.password})))
        change.start()
        eventually(lambda: database.value("SELECT count(*) FROM pg_locks WHERE NOT granted"))
    change.join(10)
    assert refused(answers[0]) == (409, "email already registered")


# ---- password ----


def test_a_new_password_ends_all_other_sessions(user, database):
    again, third = log_in(user), log_in(user)
    before = tokens.read(user.token)[1]
    answer = user.put("/me/password", json={"current_password": user.password, "new_password": ANOTHER})
    assert answer.status_code == 200 and set(answer.json()) == {"token"}
    eventually(lambda: not is_in(again) and not is_in(third))
    assert is_in(user)
    user.token = answer.json()["token"]
    assert is_in(user) and session_of(user) == before["sid"]
    assert login(user, user.password).status_code == 401 and login(user, ANOTHER).status_code == 200


def test_a_token_of_before_sessions_gets_one_with_a_new_password(user):
    session = session_of(user)
    user.token = tokens.token(tokens.claims_for(user.id))
    answer = user.put("/me/password", json={"current_password": user.password, "new_password": ANOTHER})
    user.token = answer.json()["token"]
    assert is_in(user) and session_of(user) != session


@pytest.mark.parametrize("password, good", [
    ("eight888", True), ("seven77", False), ("x" * 1024, True), ("x" * 1025, False), ("ş" * 512, True), ("", False),
    (None, False)])
def test_a_new_password_has_8_to_1024_bytes(user, password, good):
    answer = user.put("/me/password", json={"current_password": user.password, "new_password": password})
    if good:
        assert answer.status_code == 200 and login(user, password).status_code == 200
    else:
        assert refused(answer) == (400, "new password must be 8 to 1024 bytes")


def test_of_two_changes_of_one_password_one_counts(user):
    wanted = [f"{ANOTHER} {n}" for n in range(2)]
    answers = in_parallel(2, lambda: user.put("/me/password", json={"current_password": user.password,
                                                                    "new_password": wanted.pop()}))
    assert sorted(answer.status_code for answer in answers) == [200, 403]


@pytest.mark.parametrize("route, body", [
    (("PUT", "/me"), {"email": "a-new-one@example.org", "current_password": "guess"}),
    (("PUT", "/me/password"), {"current_password": "guess", "new_password": ANOTHER}),
    (("DELETE", "/me"), {"password": "guess"})], ids=lambda value: " ".join(value) if type(value) is tuple else "")
def test_a_wrong_password_counts_as_a_failed_login(start, route, body):
    api = start(Api, RATE_LIMIT_LOGIN_FAILURE="2/1m")
    user = sign_up(api)
    answers = [user.request(*route, json=body) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [403, 403, 429]
    assert login(user, user.password).status_code == 429
    assert is_in(user)


def test_changes_of_an_account_are_limited_by_user(start):
    api = start(Api, RATE_LIMIT_ACCOUNT="2/1m")
    user, other = sign_up(api), sign_up(api)
    assert user.put("/me", json={"language": "tr"}).status_code == 200
    assert user.put("/me/password", json={"new_password": ANOTHER}).status_code == 403
    for method, path, body in (("PUT", "/me", {}), ("PUT", "/me/password", {"new_password": ANOTHER}),
                               ("DELETE", "/me", {"password": user.password})):
        assert refused(user.request(method, path, json=body)) == (429, "rate limit exceeded")
    assert user.get("/me").status_code == 200 and other.put("/me", json={}).status_code == 200


# ---- sessions ----


def sessions(user):
    return user.get("/me/sessions").json()["sessions"]


def test_sessions_are_listed_the_last_seen_first(user, database):
    again = log_in(user, **{"User-Agent": "A phone"})
    ended, expired = log_in(user), log_in(user)
    ended.post("/auth/logout")
    database.execute("UPDATE sessions SET expires_at = now() WHERE id = %s", session_of(expired))
    database.execute("UPDATE sessions SET last_seen_at = now() - interval '1 minute' WHERE id = %s", session_of(user))
    listed = sessions(user)
    assert [(one["id"], one["current"]) for one in listed] == [(session_of(again), False), (session_of(user), True)]
    assert listed[0]["user_agent"] == "A phone" and set(listed[0]) == {"id", "created_at", "last_seen_at",
                                                                       "user_agent", "current"}


def test_a_hundred_sessions_are_listed(user, database):
    database.execute("INSERT INTO sessions (user_id) SELECT %s FROM generate_series(1, 99)", user.id)
    assert len(sessions(user)) == 100
    database.execute("INSERT INTO sessions (user_id) VALUES (%s)", user.id)
    assert len(sessions(user)) == 100


def test_a_session_of_ones_own_is_ended_by_its_id(user, other):
    again = log_in(user)
    assert user.delete(f"/me/sessions/{session_of(again)}").json() == {"ended": 1}
    assert not is_in(again) and is_in(user)
    for id in (session_of(again), session_of(other)):
        assert refused(user.delete(f"/me/sessions/{id}")) == (404, "session not found")
    assert refused(user.delete("/me/sessions/x")) == (400, "session id is invalid")
    assert is_in(other)
    assert user.delete(f"/me/sessions/{session_of(user)}").json() == {"ended": 1} and not is_in(user)


def test_all_other_sessions_are_ended_at_once(user):
    people = [log_in(user) for _ in range(3)]
    assert user.post("/me/sessions/end-others").json() == {"ended": 3}
    eventually(lambda: not any(map(is_in, people)))
    assert is_in(user) and user.post("/me/sessions/end-others").json() == {"ended": 0}
    user.token = tokens.token(tokens.claims_for(user.id))
    assert user.post("/me/sessions/end-others").json() == {"ended": 1}
