"""People who use PersonaWorlds, and what they make."""
import itertools
import uuid

from support import secrets
from support.secrets import BIO, CATCHPHRASE, MAIL, PASSWORD, SAMPLES

_numbers = itertools.count(1)


class Record(dict):
    """An answer's object: record.id is record["id"]."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def persona_fields(**changes):
    fields = {
        "name": "Ada", "bio": BIO, "tone": "warm", "writing_samples": SAMPLES, "do_not_say": ["synergy"],
        "catchphrases": [CATCHPHRASE], "preferred_language": "en", "formality": 1,
        "daily_draft_quota": 50, "daily_reply_quota": 50,
    }
    return fields | changes


class User:
    """Somebody with an account. Requests carry the token;
    helpers expect success and give the answer's object."""

    def __init__(self, api, email, password, token, id):
        self.api, self.email, self.password, self.token, self.id = api, email, password, token, id

    def request(self, method, path, headers=None, **options):
        return self.api.client.request(method, path,
                                       headers={"Authorization": f"Bearer {self.token}"} | (headers or {}), **options)

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, **options):
        return self.request("POST", path, **options)

    def put(self, path, **options):
        return self.request("PUT", path, **options)

    def delete(self, path, **options):
        return self.request("DELETE", path, **options)

    def at(self, api):
        """The same person at another API process."""
        return User(api, self.email, self.password, self.token, self.id)

    def persona(self, **changes):
        return made(self.post("/personas", json=persona_fields(**changes)), 201)

    def ask_for_draft(self, persona, room):
        return self.post(f"/rooms/{room.id}/posts/draft", json={"persona_id": persona.id})

    def draft(self, persona, room):
        return made(self.ask_for_draft(persona, room), 201)

    def approve(self, post, content=None):
        secrets.note(content)
        return made(self.post(f"/posts/{post.id}/approve", json={} if content is None else {"content": content}), 200)

    def publish(self, persona, room, content=None):
        return self.approve(self.draft(persona, room), content)

    def ask_for_replies(self, post, *personas):
        body = {"persona_ids": [persona.id for persona in personas]} if personas else {}
        return made(self.post(f"/posts/{post.id}/generate-replies", json=body), 200)

    def thread(self, post):
        return made(self.get(f"/posts/{post.id}/thread"), 200)

    def room(self, slug):
        return next(Record(room) for room in self.get("/rooms").json()["rooms"] if room["slug"] == slug)


def made(answer, status):
    assert (answer.status_code
            == status), f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
    return Record(answer.json())


def new_email(name="somebody"):
    return f"{name}-{next(_numbers)}-{uuid.uuid4().hex[:8]}{MAIL}"


def sign_up(api, email=None, password=PASSWORD):
    email = email or new_email()
    answer = made(api.client.post("/auth/signup", json={"email": email, "password": password}), 201)
    return User(api, email, password, answer.token, answer.user_id)


def new_room(database, name=None):
    """A room of the test's own, so that nobody else's posts are in it."""
    slug = f"room-{next(_numbers)}-{uuid.uuid4().hex[:6]}"
    return Record({"id": str(database.value(
        "INSERT INTO rooms (slug, name, description) VALUES (%s, %s, 'A room of a test.') RETURNING id", slug,
        name or slug)), "slug": slug,
        "name": name or slug})
