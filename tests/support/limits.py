"""Rate limits as a caller meets them."""
import re
import uuid

from support.exposition import Page
from support.people import User
from support.tokens import claims_for, token

RATE_LIMIT = re.compile(r'"(\w+)";r=(\d+);t=(\d+)')


def log_in(api, email, password="wrong password", **headers):
    return api.client.post("/auth/login", json={"email": email, "password": password}, headers=headers)


def statuses(n, act):
    return [act().status_code for _ in range(n)]


def rejections(api, **labels):
    return Page(api.metrics()).value("rate_limit_events_total", **labels)


def stranger(api):
    """Somebody with a valid token and no account: user limits come before the database."""
    id = str(uuid.uuid4())
    return User(api, None, None, token(claims_for(id)), id)
