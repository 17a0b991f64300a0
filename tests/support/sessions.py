"""Sessions as tests see them: by what a token may."""
from support import tokens

# What ends the session that asks, others of its user, or the account.
LAST_ACTS = {("POST", "/auth/logout"), ("DELETE", "/me"), ("PUT", "/me/password"), ("POST", "/me/sessions/end-others")}


def session_of(user):
    return tokens.read(user.token)[1]["sid"]


def log_in(user, **headers):
    """The same person, logged in once more."""
    again = user.at(user.api)
    answer = user.api.client.post("/auth/login", json={"email": user.email, "password": user.password}, headers=headers)
    assert answer.status_code == 200, answer.text
    again.token = answer.json()["token"]
    return again


def is_in(user):
    answer = user.get("/rooms")
    assert answer.status_code in (200, 401), answer.text
    assert answer.status_code == 200 or answer.json()["error"] == "invalid token"
    return answer.status_code == 200
