"""Requests with an Idempotency-Key, and what they are answered."""
from support.people import new_room, persona_fields, sign_up
from support.waiting import eventually

USED, RUNNING = "idempotency key was used for another request", "request with this idempotency key is still running"
TEMPLATE = {"name": "Once", "prompt_rules": "Be brief.", "turn_count": 4, "word_limit": 80, "is_public": False}


class Scene:
    """Somebody with what the routes need, and a request to each of them: its path, its body, another
    body, and how often it had its effect."""

    def __init__(self, api, database):
        self.database, self.user, self.room = database, sign_up(api), new_room(database)
        self.persona = self.user.persona()
        self.draft = self.user.draft(self.persona, self.room)
        self.post = self.user.publish(self.persona, self.room)
        self.replier = self.user.persona(name="Second")

    def count(self, what, *values):
        return self.database.value(f"SELECT count(*) FROM {what}", *values)

    def request(self, pattern):
        mine = self.user.id
        return {
            "/personas": ("/personas", persona_fields(name="Once"), persona_fields(name="Twice"),
                          lambda: self.count("personas WHERE user_id = %s AND name IN ('Once', 'Twice')", mine)),
            "/personas/{id}/preview": (
                f"/personas/{self.persona.id}/preview?room_id={self.room.id}", {}, {"voice": persona_fields()},
                lambda: self.count("quota_events WHERE user_id = %s AND quota_type = 'preview' "
                                   "AND expires_at IS NULL", mine)),
            "/rooms/{id}/posts/draft": (
                f"/rooms/{self.room.id}/posts/draft", {"persona_id": self.persona.id},
                {"persona_id": self.replier.id},
                lambda: self.count("posts WHERE user_id = %s AND id NOT IN (%s, %s)", mine, self.draft.id,
                                   self.post.id)),
            "/posts/{id}/approve": (
                f"/posts/{self.draft.id}/approve", {"content": "Said once."}, {"content": "Said twice."},
                lambda: self.count("events WHERE user_id = %s AND event_name = 'post_approved' "
                                   "AND metadata->>'post_id' = %s", mine, self.draft.id)),
            "/posts/{id}/generate-replies": (
                f"/posts/{self.post.id}/generate-replies", {"persona_ids": [self.replier.id]}, {},
                lambda: self.count("jobs WHERE post_id = %s AND job_type = 'generate_reply'", self.post.id)),
            "/rooms/{id}/battles": (
                f"/rooms/{self.room.id}/battles", {"topic": "Once or twice?"}, {"topic": "Twice or once?"},
                lambda: self.count("posts WHERE user_id = %s AND template_id IS NOT NULL", mine)),
            "/templates": ("/templates", TEMPLATE, TEMPLATE | {"name": "Twice"},
                           lambda: self.count("templates WHERE owner_user_id = %s", mine)),
        }[pattern]


KEYED = ["/personas", "/personas/{id}/preview", "/rooms/{id}/posts/draft", "/posts/{id}/approve",
         "/posts/{id}/generate-replies", "/rooms/{id}/battles", "/templates"]


def keyed(user, key, path, body):
    return user.post(path, json=body, headers={"Idempotency-Key": key})


def is_refused(answer, status, error):
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert "Idempotency-Replayed" not in answer.headers
    return True


def is_running(answer):
    return is_refused(answer, 409, RUNNING) and answer.headers["Retry-After"] == "1"


def insist(act):
    """Repeats the request while it is said to run."""

    def once():
        answer = act()
        return not (answer.status_code == 409 and is_running(answer)) and answer

    return eventually(once, within=20)


def is_replay(answer, first):
    assert answer.headers["Idempotency-Replayed"] == "true"
    assert (answer.status_code, answer.content) == (first.status_code, first.content)
    assert answer.headers["Content-Type"] == first.headers["Content-Type"]
    return True
