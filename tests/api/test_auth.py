"""Sign-up, login and the token."""
import re
import time
from collections import Counter

import pytest

from support import tokens
from support.people import new_email, persona_fields, sign_up
from support.program import CHECKOUT, Api
from support.waiting import eventually, in_parallel

# Argon2id of what a Mac typed, before passwords had a normal form.
TYPED_BEFORE = "s\u0327ifre of before"
HASH_OF_BEFORE = ("$argon2id$v=19$m=19456,t=2,p=1$OTMvf9R/4JOJykK1HrfViQ$"
                  "ZV77fh42QJxyZR/wxbHmYbwEuA4/y22Sx2PBXl1SGlI")
NOBODY = "7d444840-9dc0-41d1-b245-5ffdce74fad2"
WITH_TOKEN = [
    ("GET", "/personas"), ("POST", "/personas"), ("GET", f"/personas/{NOBODY}"), ("PUT", f"/personas/{NOBODY}"),
    ("DELETE", f"/personas/{NOBODY}"),
    ("GET", f"/personas/{NOBODY}/digest/today"), ("GET", f"/personas/{NOBODY}/digest/latest"), ("GET", "/rooms"),
    ("GET", f"/rooms/{NOBODY}/posts"),
    ("POST", f"/rooms/{NOBODY}/posts/draft"), ("POST", f"/posts/{NOBODY}/approve"),
    ("POST", f"/posts/{NOBODY}/generate-replies"),
    ("GET", f"/posts/{NOBODY}/thread"),
]


def valid_body(method, path):
    if path.endswith("/draft"):
        return {"persona_id": NOBODY}
    return persona_fields() if path.startswith("/personas") and method in ("POST", "PUT") else {}


def signup(api, email, password="long enough", **more):
    return api.client.post("/auth/signup", json={"email": email, "password": password} | more)


def login(api, email, password="long enough"):
    return api.client.post("/auth/login", json={"email": email, "password": password})


def test_sign_up_gives_a_token_that_works(api):
    answer = signup(api, new_email())
    assert answer.status_code == 201
    assert set(answer.json()) == {"token", "user_id"}
    assert api.client.get("/personas", headers={"Authorization": f"Bearer {answer.json()['token']}"}).status_code == 200


def test_login_gives_a_token_of_the_same_user(api):
    email = new_email()
    user_id = signup(api, email).json()["user_id"]
    answer = login(api, email)
    assert answer.status_code == 200
    assert set(answer.json()) == {"token", "user_id"} and answer.json()["user_id"] == user_id
    assert api.client.get("/personas", headers={"Authorization": f"Bearer {answer.json()['token']}"}).status_code == 200


def test_an_email_is_trimmed_and_lower_cased(api, database):
    email = new_email()
    user_id = signup(api, f" \t{email.upper()}\n ").json()["user_id"]
    assert database.value("SELECT email FROM users WHERE id = %s", user_id) == email
    for written in (email, email.upper(), f"  {email.title()} "):
        assert login(api, written).json()["user_id"] == user_id
    answer = signup(api, email.swapcase())
    assert (answer.status_code, answer.json()["error"]) == (409, "email already registered")


def test_only_ascii_is_folded_in_an_email(api, database):
    """The sign of Kelvin and the dotted I are no k and i: they may be somebody else's."""
    email = new_email("ikşk")
    written = email.replace("ikşk", "İ\u212aŞk")
    user_id = signup(api, written.replace("Şk", "ŞK")).json()["user_id"]
    assert database.value("SELECT email FROM users WHERE id = %s", user_id) == written
    assert login(api, written).json()["user_id"] == user_id
    other_id = signup(api, email).json()["user_id"]
    assert other_id != user_id
    assert [login(api, spelled).json()["user_id"] for spelled in (email, written)] == [other_id, user_id]


def test_an_account_of_before_is_found_in_any_case_of_any_script(api, database):
    """Its address was stored in lower case; a new account can't come between."""
    email = new_email("before")
    user_id = signup(api, email).json()["user_id"]
    before = email.replace("before", "şükrü.inan")
    database.execute("UPDATE users SET email = %s WHERE id = %s", before, user_id)
    for written in (before, before.replace("şükrü.inan", "ŞÜKRÜ.İNAN"), before.replace("şük", "Şü\u212a")):
        assert login(api, written).json()["user_id"] == user_id
        answer = signup(api, written)
        assert (answer.status_code, answer.json()["error"]) == (409, "email already registered")


@pytest.mark.parametrize("hidden", ["\n", "\r", "\t", "\x00", "\x1b", "\x7f", "\x85", "\u00ad", "\u200b", "\u200d",
                                    "\u202e", "\u2028", "\u2066", "\ufeff"])
def test_an_email_has_nothing_that_people_cannot_see(api, database, hidden):
    for email in (f"a{hidden}b{new_email()}", f"{new_email()}.a{hidden}b"):
        answer = signup(api, email)
        assert answer.status_code == 400
        if hidden != "\x00":
            assert answer.json()["error"] == "invalid email or password"
            assert database.count("users", email=email) == 0


def test_an_account_of_before_with_such_an_email_still_logs_in(api, database):
    email = new_email()
    user_id = signup(api, email).json()["user_id"]
    database.execute("UPDATE users SET email = %s WHERE id = %s", f"a\u200bb{email}", user_id)
    assert login(api, f"A\u200bB{email}").json()["user_id"] == user_id


@pytest.mark.parametrize("email, password", [
    ("nobody", "long enough"), ("", "long enough"), ("   ", "long enough"), (None, "long enough"),
    ("@" + "x" * 254, "long enough"),
    ("ş" * 127 + "@", "long enough"), ("a@example.org", "seven77"), ("a@example.org", ""), ("a@example.org", None),
    ("a@example.org", "x" * 1025),
    ("a@example.org", "ş" * 513), ("a@example.org", "ş" * 3), ("a@example.org", "şşşx"),
])
def test_a_bad_email_or_password_is_refused(api, database, email, password):
    answer = signup(api, email, password)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid email or password")
    assert database.count("users", email=email) == 0


@pytest.mark.parametrize("body", [{}, {"email": "a@example.org"}, {"password": "long enough"}])
def test_a_missing_email_or_password_is_refused(api, body):
    answer = api.client.post("/auth/signup", json=body)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid email or password")


@pytest.mark.parametrize("password",
                         ["eight888", "x" * 1024, "ş" * 512, "şşşş", "  blanks count  ", "        ", '"\\\t🦊 emoji'])
def test_a_password_has_8_to_1024_bytes_and_is_taken_as_it_is(api, password):
    email = new_email()
    assert signup(api, email, password).status_code == 201
    assert login(api, email, password).status_code == 200
    if password.strip() and password.strip() != password:
        assert login(api, email, password.strip()).status_code == 401


def test_a_password_is_the_same_however_its_letters_were_typed(api):
    """A Mac types "ş" as two code points, where Windows types one."""
    one, two = "şifre-güzel", "s\u0327ifre-gu\u0308zel"
    for first, then in ((one, two), (two, one)):
        email = new_email()
        assert signup(api, email, first).status_code == 201
        assert [login(api, email, typed).status_code for typed in (first, then, "sifre-guzel")] == [200, 200, 401]


def test_a_password_of_1024_bytes_may_become_longer_in_its_normal_form(api):
    email, password = new_email(), "\u0958" * 341 + "x"  # a letter that is two in form C
    assert signup(api, email, password).status_code == 201
    assert [login(api, email, typed).status_code
            for typed in (password, "\u0915\u093c" * 170, password[:-1] + "y")] == [200, 401, 401]


def test_an_account_of_before_logs_in_with_what_was_hashed_then(api, database):
    """Its hash is of the code points as they were typed."""
    email = new_email()
    user_id = signup(api, email).json()["user_id"]
    database.execute("UPDATE users SET password_hash = %s WHERE id = %s", HASH_OF_BEFORE, user_id)
    assert [login(api, email, typed).status_code
            for typed in (TYPED_BEFORE, TYPED_BEFORE + "x")] == [200, 401]


@pytest.fixture(scope="module")
def strict(database):
    with Api(database.url, REFUSE_COMMON_PASSWORDS="1") as api:
        yield api


@pytest.mark.parametrize("password", ["password", "PassWord", "12345678", "qwertyuiop", "        ", "\t" * 8, "a" * 30,
                                      "felicidade"])
def test_a_common_password_is_refused(strict, database, password):
    email = new_email()
    answer = signup(strict, email, password)
    assert (answer.status_code, answer.json()["error"]) == (400, "password is too common")
    assert database.count("users", email=email) == 0


def test_the_10000_most_common_passwords_are_refused_and_no_others(strict):
    """What is shorter or no address is told first."""
    words = (CHECKOUT / "backend/data/common_passwords.txt").read_text().split()
    assert len(set(words)) == 10000 and min(map(len, words)) == 8
    for password in words[::500] + words[-1:]:
        assert signup(strict, new_email(), password).json()["error"] == "password is too common"
        assert signup(strict, new_email(), f"{password} and more").status_code == 201
    for email, password in ((new_email(), "qwerty"), ("nobody", "password")):
        assert signup(strict, email, password).json()["error"] == "invalid email or password"


def test_common_passwords_are_refused_in_production_alone(api, start):
    assert signup(api, new_email(), "password").status_code == 201
    production = {"APP_ENV": "prod", "LLM_PROVIDER": "mock"}
    assert signup(start(Api, **production), new_email(), "password").status_code == 400
    assert signup(start(Api, **production, REFUSE_COMMON_PASSWORDS="0"), new_email(), "password").status_code == 201


def test_an_account_of_before_with_a_common_password_logs_in(api, strict):
    email = new_email()
    assert signup(api, email, "password").status_code == 201
    assert login(strict, email, "password").status_code == 200


@pytest.mark.parametrize("character", ["x", "ş", "語", "🦊"])
def test_an_email_has_at_most_254_bytes(api, character):
    """Without the white space around it."""
    email = new_email()
    times, rest = divmod(254 - len(email), len(character.encode()))
    long = character * times + "y" * rest + email
    assert signup(api, f" \u3000{long}\n").status_code == 201
    assert login(api, long).status_code == 200
    assert signup(api, "x" + long).status_code == 400


def test_parallel_sign_ups_of_one_email_give_one_account(api, database):
    email = new_email()
    answers = in_parallel(12, lambda: signup(api, email))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 11}
    assert database.count("users", email=email) == 1


def test_a_password_is_stored_as_argon2id_alone(api, database):
    user = sign_up(api, password="planted-password-of-the-test")
    row = database.row("SELECT * FROM users WHERE id = %s", user.id)
    assert row["password_hash"].startswith("$argon2id$")
    assert not any("planted-password" in str(value) for value in row.values())


@pytest.mark.parametrize("wrong", ["Correct horse battery", "correct horse battery ", "correct horse batter",
                                   "x" * 1024, "x" * 2000, "x"])
def test_a_wrong_password_is_refused(api, user, wrong):
    answer = login(api, user.email, wrong)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid credentials")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_an_unknown_email_is_refused_in_the_same_words_and_time(api, user):
    def duration(email):
        started = time.monotonic()
        answer = login(api, email, "wrong password")
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid credentials")
        return time.monotonic() - started

    # A busy machine makes some longer; on a very busy one it takes many until one isn't.
    known, unknown = [], []

    def alike():
        known.append(duration(user.email))
        unknown.append(duration(new_email()))
        return len(known) >= 40 and 0.85 < min(unknown) / min(known) < 1.18

    eventually(alike, within=30, pause=0)


@pytest.mark.parametrize("slug, recorded", [
    ("my-slug", "my-slug"), ("  My_Slug  Two!", "my-slug-two"), ("--a--b--", "a-b"), ("x" * 80, "x" * 64),
    ("", None), (None, None), ("!!!", None), ("ışık", "k"),
])
def test_a_share_slug_records_where_the_user_came_from(api, database, slug, recorded):
    user_id = signup(api, new_email(), share_slug=slug).json()["user_id"]
    events = database.rows("SELECT event_name, metadata FROM events WHERE user_id = %s", user_id)
    expected = [{"event_name": "signup_from_share",
                 "metadata": {"share_slug": recorded, "source": "public_profile"}}] if recorded else []
    assert events == expected


def test_a_refused_sign_up_records_nothing(api, user, database):
    before = database.count("events", event_name="signup_from_share")
    assert signup(api, user.email, share_slug="my-slug").status_code == 409
    assert signup(api, new_email(), password="short", share_slug="my-slug").status_code == 400
    assert database.count("events", event_name="signup_from_share") == before


def test_the_token_is_hs256_with_these_claims_for_a_day(api):
    before = int(time.time())
    answer = signup(api, new_email()).json()
    header, claims = tokens.read(answer["token"])
    assert header["alg"] == "HS256"
    assert set(claims) == {"user_id", "sub", "sid", "jti", "iss", "aud", "iat", "exp"}
    assert claims["user_id"] == claims["sub"] == answer["user_id"]
    assert before <= claims["iat"] <= time.time() + 1
    assert claims["exp"] - claims["iat"] == 24 * 3600


def asked(api, authorization):
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = api.client.get("/personas", headers=headers)
    if answer.status_code == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        return answer.json()["error"]
    return answer.status_code


def test_a_token_made_with_the_key_is_good(api, user):
    assert asked(api, f"Bearer {tokens.token(tokens.claims_for(user.id))}") == 200


@pytest.mark.parametrize("authorization, error", [
    (None, "missing auth header"), ("Basic YTpi", "invalid auth header"), ("Bearer", "invalid auth header"),
    ("token", "invalid auth header"),
    ("Bearerabc", "invalid auth header"), ("Bearer abc", "invalid token"), ("Bearer a.b.c", "invalid token"),
    ("Bearer ..", "invalid token"),
    ("Bearer " + "x" * 5000, "invalid token"),
])
def test_a_header_that_is_no_bearer_token_is_refused(api, authorization, error):
    assert asked(api, authorization) == error


def now():
    return int(time.time())


FORGED = {
    "alg none": lambda id: tokens.token(tokens.claims_for(id), alg="none"),
    "alg None": lambda id: tokens.token(tokens.claims_for(id), alg="None"),
    "alg none, signed": lambda id: tokens.token(tokens.claims_for(id), header={"alg": "none"}),
    "HS384": lambda id: tokens.token(tokens.claims_for(id), alg="HS384"),
    "HS512": lambda id: tokens.token(tokens.claims_for(id), alg="HS512"),
    "RS256 signed as HS256": lambda id: tokens.token(tokens.claims_for(id), header={"alg": "RS256"}),
    "no alg": lambda id: tokens.token(tokens.claims_for(id), header={"typ": "JWT"}),
    "alg is a number": lambda id: tokens.token(tokens.claims_for(id), header={"alg": 256}),
    "another key": lambda id: tokens.token(tokens.claims_for(id), key="another-secret-0123456789abcdefghij"),
    "empty key": lambda id: tokens.token(tokens.claims_for(id), key=""),
    "signature cut": lambda id: tokens.token(tokens.claims_for(id))[:-4],
    "signature changed": lambda id: tokens.token(tokens.claims_for(id))[:-6] + "AAAAAA",
    "no signature": lambda id: tokens.token(tokens.claims_for(id)).rsplit(".", 1)[0],
    "empty signature": lambda id: tokens.token(tokens.claims_for(id)).rsplit(".", 1)[0] + ".",
    "a fourth part": lambda id: tokens.token(tokens.claims_for(id)) + ".x",
    "no exp": lambda id: tokens.token(tokens.claims_for(id, exp=None)),
    "exp is a text": lambda id: tokens.token(tokens.claims_for(id, exp=str(now() + 600))),
    "expired": lambda id: tokens.token(tokens.claims_for(id, exp=now() - 1)),
    "expired long ago": lambda id: tokens.token(tokens.claims_for(id, exp=1)),
    "negative exp": lambda id: tokens.token(tokens.claims_for(id, exp=-1)),
    "no user": lambda id: tokens.token(tokens.claims_for(id, user_id=None, sub=None)),
    "no sub": lambda id: tokens.token(tokens.claims_for(id, sub=None)),
    "sub of somebody else": lambda id: tokens.token(tokens.claims_for(id, sub=NOBODY)),
    "no user_id": lambda id: tokens.token(tokens.claims_for(id, user_id=None)),
    "user is a number": lambda id: tokens.token(tokens.claims_for(id, user_id=1, sub=1)),
    "user is no id": lambda id: tokens.token(tokens.claims_for("' OR true --")),
    "user is empty": lambda id: tokens.token(tokens.claims_for("")),
    "claims are a list": lambda id: tokens.token([id]),
    "claims are no JSON": lambda id: tokens.token(b"{"),
    "claims are deep": lambda id: tokens.token(b"[" * 3000 + b"]" * 3000),
    "a remix token": lambda id: tokens.token({"battle_id": id, "room_id": id, "topic": "x", "exp": now() + 600}),
    "nobody": lambda id: tokens.token(tokens.claims_for(NOBODY)),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_a_forged_or_stale_token_is_refused(api, user, forge):
    assert asked(api, f"Bearer {forge(user.id)}") == "invalid token"


def test_a_token_ends_in_time_however_often_it_was_good(api, user):
    """What was verified once is remembered, its end too."""
    short = tokens.token(tokens.claims_for(user.id, exp=now() + 2))
    assert asked(api, f"Bearer {short}") == 200
    assert eventually(lambda: (answer := asked(api, f"Bearer {short}")) != 200 and answer, within=4) == "invalid token"


def test_ids_in_a_token_may_be_in_upper_case(api, user):
    persona = user.persona()
    shouting = user.at(api)
    shouting.token = tokens.token(tokens.claims_for(user.id.upper()))
    assert shouting.get("/personas").json()["personas"] == [persona]
    assert shouting.persona().id in {found["id"] for found in user.get("/personas").json()["personas"]}


@pytest.mark.parametrize("method, path", WITH_TOKEN)
def test_these_routes_want_a_token_before_anything_else(api, method, path):
    for body in (b"", b"{", b"{}"):
        answer = api.client.request(method, path, content=body)
        assert (answer.status_code, answer.json()["error"]) == (401, "missing auth header")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("method, path", WITH_TOKEN)
def test_the_token_of_a_user_who_is_gone_is_invalid_everywhere(api, database, method, path):
    gone = sign_up(api)
    database.execute("DELETE FROM users WHERE id = %s", gone.id)
    answer = gone.request(method, path, json=valid_body(method, path))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid token")


def test_tokens_and_passwords_never_come_back(api):
    password = "planted-password-of-the-test"
    for answer in (signup(api, "nobody", password), login(api, new_email(), password),
                   signup(api, "x@example.org", password, nope=password)):
        assert password not in answer.text
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", signup(api, new_email(), password).json()["token"])
