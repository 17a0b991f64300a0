"""Drafts and previews whose words are followed as they come."""
import json

from support.live import Answer
from support.waiting import eventually

EVENTS = "text/event-stream"


class Followed(Answer):
    """A request for one, from a user, and its events. What was shown by the label is `shown`."""

    def __init__(self, user, path, body=None, accept=EVENTS, **headers):
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{user.api.port}", f"Authorization: Bearer {user.token}",
                 f"Accept: {accept}", f"Content-Length: {len(content)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        super().__init__(user.api, "\r\n".join(lines).encode() + b"\r\n\r\n" + content)

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
        """At its end: it came to it properly."""
        self.wait_for_end_of_answer(within)
        assert self.frames.is_whole, self.frames.body
        return self

    def wait_for_end_of_answer(self, within=20):
        eventually(lambda: self.frames.is_whole or self.ended.is_set(), within)

    def done(self):
        """The data of its last event, which is `done`."""
        last = self.whole().events[-1]
        assert last.name == "done", self.frames.body
        return last.data

    def failed(self):
        last = self.whole().events[-1]
        assert last.name == "error", self.frames.body
        return last.data

    def refused(self):
        """A plain answer: its status and its envelope."""
        body = eventually(lambda: self.frames.status and json.loads(self.frames.body or self.frames.rest()))
        assert self.frames.headers["content-type"] == "application/json"
        return self.frames.status, body


def follow_draft(user, persona, room, **more):
    return Followed(user, f"/rooms/{room.id}/posts/draft", {"persona_id": persona.id} | more.pop("body", {}), **more)


def follow_preview(user, persona, room, **more):
    return Followed(user, f"/personas/{persona.id}/preview?room_id={room.id}", **more)
