"""Who may do what: every row of the route table, asked by everybody there is."""
import time
import uuid

import pytest

from support import tokens
from support.mail import write_link
from support.openapi import route_table
from support.pages import assets_of
from support.people import new_email, new_room, persona_fields, sign_up
from support.program import Api
from support.sessions import LAST_ACTS, log_in, session_of

OK = {200, 201, 202}
ADMIN = new_email("admin")
PUBLIC, OWN, SHARED = "public", "own", "shared"

# What a stranger with a good token gets: SHARED and PUBLIC routes answer everybody alike, OWN ones
# only their owner. (method, pattern): (kind, whose id or slug stands in the path, body, status for
# the stranger)
MATRIX = {
    ("GET", "/healthz"): (PUBLIC, None, None, 200),
    ("GET", "/readyz"): (PUBLIC, None, None, 200),
    ("GET", "/metrics"): (PUBLIC, None, None, 200),
    ("GET", "/openapi.json"): (PUBLIC, None, None, 200),
    ("POST", "/auth/signup"): (PUBLIC, None, lambda world: {"email": f"{uuid.uuid4().hex}@example.org",
                                                            "password": "long enough"}, 201),
    ("POST", "/auth/login"): (PUBLIC, None,
                              lambda world: {"email": world.owner.email, "password": world.owner.password}, 200),
    ("POST", "/auth/logout"): (SHARED, None, None, 200),
    ("POST", "/auth/refresh"): (SHARED, None, None, 200),
    ("POST", "/auth/forgot"): (PUBLIC, None, lambda world: {"email": world.owner.email}, 202),
    ("POST", "/auth/reset"): (PUBLIC, None, lambda world: {"token": world.link("reset"),
                                                           "password": "another long password"}, 200),
    ("POST", "/auth/verify"): (PUBLIC, None, lambda world: {"token": world.link("verification")}, 200),
    ("POST", "/me/verify"): (SHARED, None, None, 202),
    ("GET", "/me"): (SHARED, None, None, 200),
    ("PUT", "/me"): (SHARED, None, lambda world: {"language": "tr"}, 200),
    ("DELETE", "/me"): (SHARED, None, lambda world: {"password": world.owner.password}, 202),
    ("PUT", "/me/password"): (SHARED, None, lambda world: {"current_password": world.owner.password,
                                                           "new_password": "another long password"}, 200),
    ("GET", "/me/export"): (SHARED, None, None, 200),
    ("GET", "/search"): (SHARED, None, None, 200),
    ("GET", "/me/sessions"): (SHARED, None, None, 200),
    ("DELETE", "/me/sessions/{id}"): (OWN, "session", None, 404),
    ("POST", "/me/sessions/end-others"): (SHARED, None, None, 200),
    ("GET", "/me/following"): (SHARED, None, None, 200),
    ("GET", "/me/posts"): (SHARED, None, None, 200),
    ("GET", "/personas"): (SHARED, None, None, 200),
    ("POST", "/personas"): (SHARED, None, lambda world: persona_fields(), 201),
    ("GET", "/personas/{id}"): (OWN, "persona", None, 404),
    ("PUT", "/personas/{id}"): (OWN, "persona", lambda world: persona_fields(), 404),
    ("DELETE", "/personas/{id}"): (OWN, "spare_persona", None, 404),
    ("POST", "/personas/{id}/preview"): (OWN, "persona", None, 404),
    ("POST", "/personas/{id}/publish-profile"): (OWN, "persona", lambda world: {}, 404),
    ("POST", "/personas/{id}/unpublish-profile"): (OWN, "second_persona", lambda world: {}, 404),
    ("GET", "/personas/{id}/digest/today"): (OWN, "persona", None, 404),
    ("GET", "/personas/{id}/digest/latest"): (OWN, "persona", None, 404),
    ("GET", "/rooms"): (SHARED, None, None, 200),
    ("GET", "/rooms/{id}"): (SHARED, "room", None, 200),
    ("GET", "/rooms/{id}/posts"): (SHARED, "room", None, 200),
    ("POST", "/rooms/{id}/posts/draft"): (OWN, "room", lambda world: {"persona_id": world.ids["persona"]}, 404),
    ("POST", "/rooms/{id}/battles"): (SHARED, "room", lambda world: {"topic": "Tabs or spaces"}, 201),
    ("PUT", "/posts/{id}"): (OWN, "draft", lambda world: {"content": "Edited."}, 403),
    ("DELETE", "/posts/{id}"): (OWN, "spare_post", None, 403),
    ("POST", "/posts/{id}/approve"): (OWN, "draft", lambda world: {}, 403),
    ("POST", "/posts/{id}/generate-replies"): (OWN, "post", lambda world: {"persona_ids": [world.ids["persona"]]}, 400),
    ("GET", "/posts/{id}/thread"): (OWN, "second_draft", None, 403),
    ("GET", "/b/{id}"): (PUBLIC, "post", None, 200),
    ("GET", "/b/{id}/meta"): (PUBLIC, "post", None, 200),
    ("GET", "/b/{id}/card.png"): (PUBLIC, "post", None, 200),
    ("POST", "/battles/{id}/remix-intent"): (PUBLIC, "post", None, 200),
    ("GET", "/templates"): (PUBLIC, None, None, 200),
    ("POST", "/templates"): (SHARED, None, lambda world: {"name": "Short", "prompt_rules": "Be brief.", "turn_count": 4,
                                                          "word_limit": 80}, 201),
    ("PUT", "/templates/{id}"): (OWN, "template", lambda world: {"name": "Shorter", "prompt_rules": "Be brief.",
                                                                 "turn_count": 4, "word_limit": 80}, 404),
    ("DELETE", "/templates/{id}"): (OWN, "spare_template", None, 404),
    ("GET", "/p/{slug}"): (PUBLIC, "slug", None, 200),
    ("GET", "/p/{slug}/posts"): (PUBLIC, "slug", None, 200),
    ("GET", "/p/{slug}/feed.atom"): (PUBLIC, "slug", None, 200),
    ("POST", "/p/{slug}/follow"): ("follow", "slug", None, 200),
    ("DELETE", "/p/{slug}/follow"): ("follow", "slug", None, 200),
    ("GET", "/stream"): ("stream", None, None, 200),
    ("GET", "/discover"): (PUBLIC, None, None, 200),
    ("GET", "/oembed"): (PUBLIC, None, None, 200),
    ("GET", "/sitemap.xml"): (PUBLIC, None, None, 200),
    ("GET", "/robots.txt"): (PUBLIC, None, None, 200),
    ("GET", "/manifest.webmanifest"): (PUBLIC, None, None, 200),
    ("GET", "/favicon.svg"): (PUBLIC, None, None, 200),
    ("GET", "/a/{name}"): (PUBLIC, "asset", None, 200),
    ("GET", "/feed"): (SHARED, None, None, 200),
    ("GET", "/notifications"): (SHARED, None, None, 200),
    ("POST", "/notifications/{id}/read"): (SHARED, "notification", None, 200),
    ("POST", "/notifications/read"): (SHARED, None, lambda world: {"ids": [1]}, 200),
    ("POST", "/notifications/read-all"): (SHARED, None, None, 200),
    ("GET", "/digest/weekly"): (SHARED, None, None, 200),
    ("POST", "/events"): (PUBLIC, None, lambda world: {"event_name": "follow_click"}, 202),
    ("GET", "/admin/analytics/summary"): ("admin", None, None, 403),
}


class World:
    """What the owner has, of each kind one."""

    def __init__(self, api, database):
        self.api, self.owner, self.other = api, sign_up(api), sign_up(api)
        self.link = lambda purpose: write_link(database, sign_up(api), purpose)
        room = new_room(database)
        personas = [self.owner.persona(name=f"Persona {n}") for n in range(3)]
        self.ids = {
            "room": room.id, "persona": personas[0].id, "spare_persona": personas[1].id,
            "second_persona": personas[2].id,
            "draft": self.owner.draft(personas[0], room).id, "second_draft": self.owner.draft(personas[0], room).id,
            "post": self.owner.publish(personas[0], room, "Tabs or spaces? Tabs.").id,
            "spare_post": self.owner.publish(personas[0], room).id,
            "slug": self.owner.post(f"/personas/{personas[0].id}/publish-profile", json={}).json()["slug"],
            "template": self.new_template(), "spare_template": self.new_template(),
            "asset": assets_of(api)[0], "notification": "1", "session": session_of(log_in(self.owner)),
        }
        # Or each reader waits for one.
        database.execute("INSERT INTO thread_summaries (post_id, version, summary) SELECT id, '', 'Said.' FROM posts")
        ended = log_in(self.owner)
        ended.post("/auth/logout")
        self.ended_token = ended.token
        self.remix_token = self.owner.post(f"/battles/{self.ids['post']}/remix-intent", json={}).json()["remix_token"]

    def new_template(self):
        """Public, so that what a stranger may not do to it isn't what hides it."""
        fields = {"name": "Short", "prompt_rules": "Be brief.", "turn_count": 4, "word_limit": 80, "is_public": True}
        return self.owner.post("/templates", json=fields).json()["id"]

    def token_of(self, person, row):
        """For what ends sessions or the account, somebody new asks."""
        return sign_up(self.api).token if row in LAST_ACTS else person.token

    def ask(self, row, header=None):
        _, whose, body, _ = MATRIX[row]
        method, pattern = row
        path = pattern.replace("{id}", self.ids[whose]).replace("{slug}", self.ids[whose]).replace(
            "{name}", self.ids[whose]) if whose else pattern
        params = {"room_id": self.ids["room"]} if path.endswith("/preview") else None
        params = {"q": "tabs"} if path == "/search" else params
        params = {"url": f"http://localhost:8080/b/{self.ids['post']}"} if path == "/oembed" else params
        headers = {"Authorization": header} if header is not None else {}
        return self.api.client.request(method, path, headers=headers, params=params, json=body(self) if body else None)


@pytest.fixture(scope="module")
def api(database):
    with Api(database.url, ADMIN_EMAILS=ADMIN) as api:
        yield api


@pytest.fixture(scope="module")
def world(api, database):
    return World(api, database)


def bearer(claims, **how):
    return "Bearer " + tokens.token(claims, **how)


def owners(world, **changes):
    return tokens.claims_for(world.owner.id, **changes)


BAD_TOKENS = {
    "expired": lambda world: bearer(owners(world, iat=int(time.time()) - 7200, exp=int(time.time()) - 60)),
    "another key": lambda world: bearer(owners(world), key="another-secret-of-the-tests-0123456789abc"),
    "alg none": lambda world: bearer(owners(world), alg="none"),
    "HS512": lambda world: bearer(owners(world), alg="HS512"),
    "no exp": lambda world: bearer(owners(world, exp=None)),
    "remix token": lambda world: f"Bearer {world.remix_token}",
    "remix claims": lambda world: bearer(tokens.read(world.remix_token)[1]),
    "ended session": lambda world: f"Bearer {world.ended_token}",
    "another issuer": lambda world: bearer(owners(world, iss="somebody")),
    "nobody's": lambda world: bearer(tokens.claims_for(str(uuid.uuid4()))),
    "no token": lambda world: "Bearer nonsense",
}


def test_the_matrix_has_every_route_and_no_other():
    assert set(MATRIX) == set(route_table())


def rows(*kinds):
    return [pytest.param(row, id=" ".join(row)) for row in route_table() if row in MATRIX and MATRIX[row][0] in kinds]


@pytest.mark.parametrize("row", rows(OWN, SHARED, "admin"))
def test_nobody_gets_in(world, row):
    answer = world.ask(row)
    assert (answer.status_code, answer.json()["error"]) == (401, "missing auth header")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    for header in ("", "Basic YTpi", "Bearer", world.owner.token):
        answer = world.ask(row, header)
        assert (answer.status_code, answer.json()["error"]) in ((401, "invalid auth header"),
                                                                (401, "missing auth header")), header


@pytest.mark.parametrize("kind", BAD_TOKENS)
@pytest.mark.parametrize("row", rows(OWN, SHARED, "admin"))
def test_a_bad_token_gets_nobody_in(world, row, kind):
    answer = world.ask(row, BAD_TOKENS[kind](world))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid token")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("kind", [None, *BAD_TOKENS])
@pytest.mark.parametrize("row", rows(PUBLIC))
def test_on_a_public_route_a_bad_token_counts_as_none(world, row, kind):
    assert world.ask(row, kind and BAD_TOKENS[kind](world)).status_code == MATRIX[row][3]


@pytest.mark.parametrize("kind", [None, *BAD_TOKENS])
@pytest.mark.parametrize("row", rows("stream"))
def test_a_stream_needs_no_token_but_refuses_a_bad_one(world, row, kind):
    """So that the end of a session shows."""
    answer = world.ask(row, kind and BAD_TOKENS[kind](world))
    assert answer.status_code == (401 if kind else 200)
    assert not kind or answer.json()["error"] == "invalid token"


@pytest.mark.parametrize("kind", [None, *BAD_TOKENS])
@pytest.mark.parametrize("row", rows("follow"))
def test_following_asks_to_sign_up(world, row, kind):
    answer = world.ask(row, kind and BAD_TOKENS[kind](world))
    assert (answer.status_code,
            answer.json()["error"]) == (401, "invalid token" if kind == "nobody's" else "signup_required")


@pytest.mark.parametrize("row", rows(PUBLIC, SHARED, OWN, "follow", "stream", "admin"))
def test_a_stranger_gets_what_is_everybodys_and_nothing_of_the_owners(world, row):
    """Before the owner asks: whatever a stranger did here would show there."""
    assert world.ask(row, f"Bearer {world.token_of(world.other, row)}").status_code == MATRIX[row][3]


@pytest.mark.parametrize("row", rows(PUBLIC, SHARED, OWN, "stream"))
def test_the_owner_gets_in(world, row):
    answer = world.ask(row, f"Bearer {world.token_of(world.owner, row)}")
    assert answer.status_code in OK, answer.text


@pytest.mark.parametrize("row, status",
                         [(("POST", "/p/{slug}/follow"), 409), (("GET", "/admin/analytics/summary"), 403)])
def test_what_one_may_not_do_though_everything_is_ones_own(world, row, status):
    assert world.ask(row, f"Bearer {world.owner.token}").status_code == status


@pytest.mark.parametrize("row", rows("admin"))
def test_an_administrator_gets_in(world, api, database, row):
    administrator = sign_up(api, ADMIN)
    assert world.ask(row, f"Bearer {administrator.token}").status_code == 403
    database.execute("UPDATE users SET email_verified_at = now() WHERE id = %s", administrator.id)
    assert world.ask(row, f"Bearer {administrator.token}").status_code == 200
