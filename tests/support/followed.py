"""Drafts and previews whose words are followed as they come."""
import json

from fakes.openai import answer
from support.live import Answer
from support.people import sign_up
from support.waiting import eventually

EVENTS = "text/event-stream"


def request_of(user, path, body=None, accept=EVENTS, **headers):
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{user.api.port}", f"Authorization: Bearer {user.token}",
             f"Accept: {accept}", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


class Followed(Answer):
    """A request for one, and its events. What was shown by the label is `shown`."""

    def __init__(self, user, path, body=None, **request):
        super().__init__(user.api, request_of(user, path, body, **request))

    @property
    def names(self):
        """Of the events, each run of texts as one."""
        names = [event.name for event in self.events]
        return [name for at, name in enumerate(names) if at == 0 or name != "text" or names[at - 1] != "text"]

    @property
    def shown(self):
        texts = {}
        for event in self.events:
            if event.name in ("text", "restart"):
                label = event.data.get("label")
                texts[label] = texts.get(label, "") + event.data["delta"] if event.name == "text" else ""
        return texts

    @property
    def text(self):
        return self.shown.get(None, "")

    def whole(self, within=20):
        """At its end, to which it came properly."""
        eventually(lambda: self.frames.is_whole or self.ended.is_set(), within)
        assert self.frames.is_whole, self.frames.body
        return self

    def done(self):
        """The data of its last event, which is `done`."""
        last = self.whole().events[-1]
        assert last.name == "done", self.frames.body
        return last.data

    def failed(self):
        """The same of one that is `error`: with its status, and the sentence."""
        last = self.whole().events[-1]
        assert last.name == "error", self.frames.body
        assert {"error", "code", "status", "request_id"} <= set(last.data)
        return last.data["status"], last.data["error"]

    def answer(self):
        """A plain answer: its status, and its JSON."""
        headers = eventually(lambda: self.frames.headers, within=20)
        assert headers["content-type"] == "application/json", headers
        eventually(lambda: len(self.frames.body) == int(headers["content-length"]))
        return self.frames.status, json.loads(self.frames.body)


def follow_draft(user, persona, room, **more):
    return Followed(user, f"/rooms/{room.id}/posts/draft", {"persona_id": persona.id} | more.pop("body", {}), **more)


def follow_preview(user, persona, room, **more):
    return Followed(user, f"/personas/{persona.id}/preview?room_id={room.id}", **more)


def units_used(database, persona, kind="draft"):
    """Those that are held by requests under way, too."""
    return database.value("SELECT count(*) FROM quota_events WHERE persona_id = %s AND quota_type = %s "
                          "AND (expires_at IS NULL OR expires_at > now())", persona.id, kind)


def calls_counted(database, user):
    """The model's calls on the user's account."""
    return database.value("SELECT model_calls_today(%s::uuid)", user.id)


def speaking_as(provider, **more):
    """Settings of an API whose model is the scripted provider."""
    return {"LLM_PROVIDER": "openai", "OPENAI_BASE_URL": provider.url, "OPENAI_RETRY_BASE": "50ms",
            "API_REQUEST_TIMEOUT": "1500ms", "API_THREADS": 1} | more


def warm(api, provider):
    """Somebody whose API knows its model: from its second text on, words flow."""
    author = sign_up(api)
    provider.default = answer("Warm. Is it?")
    with follow_draft(author, author.persona(), author.room("go-backend")) as draft:
        draft.done()
    provider.forget()
    return author


def is_undone(database, provider, persona, kind="draft"):
    """The provider isn't asked any more, nothing is stored, and the unit was given back: its
    reservation is gone, and didn't just run out."""
    eventually(lambda: provider.in_flight == 0)
    eventually(lambda: database.count("quota_events", persona_id=persona.id, quota_type=kind) == 0)
    return database.count("posts", persona_id=persona.id) == 0


def is_idle(database):
    return database.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                          "AND state <> 'idle' AND pid <> pg_backend_pid()") == 0
