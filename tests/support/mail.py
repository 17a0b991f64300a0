"""Mails as their readers use them, and links as tests write them into the table."""
import base64
import hashlib
import os

from support.waiting import eventually


def last_mail(server, person, count=1):
    """The person's latest mail, once there are so many."""
    return eventually(lambda: len(mails := server.to(person)) >= count and mails, within=20)[-1]


def verify(api, token):
    return api.client.post("/auth/verify", json={"token": token})


def forgot(api, email, **headers):
    return api.client.post("/auth/forgot", json={"email": email}, headers=headers)


def reset(api, token, password="another long password"):
    return api.client.post("/auth/reset", json={"token": token, "password": password})


def is_verified(user):
    return user.get("/me").json()["email_verified"]


def write_link(database, person, purpose, **columns):
    """A link as a job makes it; gives its token. Columns are SQL."""
    token = base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")
    columns = {"email": "email", "expires_at": "now() + interval '20 minutes'"} | columns
    database.execute(f"INSERT INTO mail_links (token_hash, user_id, purpose, {', '.join(columns)}) "
                     f"SELECT %s, id, %s, {', '.join(columns.values())} FROM users WHERE id = %s",
                     hashlib.blake2b(token.encode(), digest_size=32).digest(), purpose, person.id)
    return token


def invalid(answer):
    return (answer.status_code, answer.json()["error"]) == (400, "invalid token")
