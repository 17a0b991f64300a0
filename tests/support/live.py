"""A client of event streams, as a page's: it reads on a thread of its own."""
import json
import socket
import threading
import time
from dataclasses import dataclass

from support.waiting import eventually


@dataclass
class Event:
    name: str
    id: str
    data: dict
    at: float  # time.monotonic() when it was there


def request_of(api, watch=(), token=None, last_id=None, method="GET", version="1.1", headers=None):
    lines = [f"{method} /stream?watch={','.join(str(post) for post in watch)} HTTP/{version}",
             f"Host: 127.0.0.1:{api.port}", "Accept: text/event-stream"]
    lines += [f"Authorization: Bearer {token}"] if token else []
    lines += [f"Last-Event-ID: {last_id}"] if last_id else []
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Frames:
    """Takes an answer's bytes as they come, and gives its head and its events."""

    def __init__(self):
        self.status, self.headers, self.body = None, {}, b""
        self.events, self.comments, self.is_whole = [], 0, False
        self._raw, self._chunked, self._text = b"", False, b""

    def take(self, data):
        self._raw += data
        if self.status is None and b"\r\n\r\n" in self._raw:
            head, self._raw = self._raw.split(b"\r\n\r\n", 1)
            first, *fields = head.decode().split("\r\n")
            self.status = int(first.split()[1])
            self.headers = {name.lower(): value for name, value in (field.split(": ", 1) for field in fields)}
            self._chunked = self.headers.get("transfer-encoding") == "chunked"
        if self.status is not None:
            self._take_body()

    def _take_body(self):
        while self._chunked and b"\r\n" in self._raw:
            size, rest = self._raw.split(b"\r\n", 1)
            if len(rest) < int(size, 16) + 2:
                break
            self._raw = rest[int(size, 16) + 2:]
            self.is_whole = self.is_whole or int(size, 16) == 0
            self._take_text(rest[:int(size, 16)])
        if not self._chunked:
            text, self._raw = self._raw, b""
            self._take_text(text)

    def _take_text(self, text):
        self.body += text
        self._text += text
        while b"\n\n" in self._text:
            block, self._text = self._text.split(b"\n\n", 1)
            fields = dict(line.partition(b":")[::2] for line in block.split(b"\n"))
            self.comments += b"" in fields
            if b"event" in fields:
                self.events.append(Event(fields[b"event"].strip().decode(), fields.get(b"id", b"").strip().decode(),
                                         json.loads(fields[b"data"]), time.monotonic()))


class Answer:
    """An answer that comes in events. `with` closes it."""

    def __init__(self, api, request):
        self.frames, self.ended = Frames(), threading.Event()
        self.socket = socket.create_connection(("127.0.0.1", api.port))
        self.socket.sendall(request)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        try:
            while data := self.socket.recv(1 << 16):
                self.frames.take(data)
        except OSError:
            pass
        self.ended.set()

    @property
    def status(self):
        return eventually(lambda: self.frames.status, within=15)

    @property
    def events(self):
        return list(self.frames.events)

    def named(self, name):
        return [event for event in self.events if event.name == name]

    def wait_for(self, name, count=1, within=20):
        """The newest event with the name, when there are so many."""
        return eventually(lambda: (found := self.named(name)) and len(found) >= count and found[-1], within)

    def wait_for_end(self, within=20):
        assert self.ended.wait(within), "the stream goes on"
        return self

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()
        self._thread.join(10)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Stream(Answer):
    """A live stream."""

    def __init__(self, api, *watch, user=None, **request):
        super().__init__(api, request_of(api, [getattr(post, "id", post) for post in watch],
                                         token=user and user.token, **request))

    def begun(self):
        assert self.status == 200, self.frames.body
        self.wait_for("hello")
        return self

    @property
    def last_id(self):
        return next((event.id for event in reversed(self.events) if event.id), None)

    def __enter__(self):
        return self.begun()


def streams_open(api):
    from support.exposition import Page
    return Page(api.metrics()).value("streams_open")
