"""HTTP/1.1 as a strict reader sees it (RFC 9112; RFC 9110, 5.5): the requests that bytes hold, and
the answers. What two readers could see differently is an error here, so a server that answers a
request which this reader doesn't see has let one be smuggled in."""
import json
import re
from dataclasses import dataclass, field

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
TEXT = rb"[\t\x20-\x7e\x80-\xff]*"  # without control characters but tab
FIELD = re.compile(rb"(%s):(%s)" % (TOKEN, TEXT))
TARGET = re.compile(rb"[\x21-\x7e\x80-\xff]+")
ABSOLUTE = re.compile(rb"https?://[^/?#]+", re.IGNORECASE)
# What some readers take and others refuse, where it doesn't matter which requests there are.
PLAIN_TARGET = re.compile(rb"[/*][!$%&'()*+,\-./:;=?@_~0-9A-Za-z]*|(?i:https?)://[\w.:-]+([/?][!$-;=?@_~A-Za-z]*)?")
PLAIN_HOST = re.compile(rb"[\w.:\[\]-]*")
CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})([ \t]*;%s)?" % TEXT)
EXTENSIONS = re.compile(rb"(?:[ \t]*;[ \t]*%s(?:[ \t]*=[ \t]*(?:%s|\"[^\"\\]*\"))?)*" % (TOKEN, TOKEN))
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")

MALFORMED = 400  # a request that can't be read
UNREAD = {414, 431}  # its head is more than the server takes
LIMITS = {413, *UNREAD, 503}  # so is the request
TOO_SLOW = 408
NO_ROOM = 503  # from 500 on: what framing may give


class Broken(Exception):
    """The request ends here, and so does the connection."""


class Unfinished(Exception):
    """More bytes would be needed."""


@dataclass
class Head:
    method: str
    target: bytes
    version: str = "1.1"
    fields: list = field(default_factory=list)  # (name in small letters, value)
    length: int = 0
    is_chunked: bool = False
    is_doubtful: bool = False  # it may be refused, too
    body: str = "whole"  # or "broken", "unfinished"

    def values(self, name):
        return [value for known, value in self.fields if known == name]

    @property
    def id(self):
        """The X-Request-Id that the answer must have; None: the server makes one."""
        given = [value.decode("latin-1") for value in self.values("x-request-id")]
        return given[0] if len(given) == 1 and REQUEST_ID.fullmatch(given[0]) else None

    @property
    def keeps(self):
        """Whether a further request may follow."""
        words = {word.strip().lower() for value in self.values("connection") for word in value.split(b",")}
        return b"close" not in words and (self.version == "1.1" or b"keep-alive" in words)


@dataclass
class Requests:
    heads: list
    is_broken: bool = False  # what is behind them can't be read
    # Whether something begins behind them that isn't whole. A server may refuse it, or be silent.
    is_unfinished: bool = False
    rest: bytes = b""  # from what was refused or isn't whole

    @property
    def bodies(self):
        """Whether each answer has a body; None: a server may take what it refuses for a HEAD."""
        return [head.method != "HEAD" for head in self.heads] + [None if self.rest.startswith(b"HEAD ") else True]


# ---- requests ----


def line_at(data, at):
    """The line without its CR LF, and where the next begins."""
    end = data.find(b"\n", at)
    if end < 0:
        raise Unfinished
    if data[end - 1:end] != b"\r" or end == at:
        raise Broken
    return data[at:end - 1], end + 1


def read_request_line(line):
    parts = line.split(b" ")
    if len(parts) != 3 or not re.fullmatch(TOKEN, parts[0]) or not TARGET.fullmatch(parts[1]):
        raise Broken
    method, target, version = parts
    if version not in (b"HTTP/1.0", b"HTTP/1.1"):
        raise Broken
    if not (target.startswith(b"/") or ABSOLUTE.match(target) or (target == b"*" and method == b"OPTIONS")):
        raise Broken
    return Head(method.decode(), target, version[-3:].decode(), is_doubtful=not PLAIN_TARGET.fullmatch(target))


def read_fields(data, at):
    """Header lines or trailers, up to the empty line."""
    fields = []
    while True:
        line, at = line_at(data, at)
        if not line:
            return fields, at
        found = FIELD.fullmatch(line)
        if not found:
            raise Broken
        fields.append((found[1].decode().lower(), found[2].strip(b" \t")))


def look_at_framing(head):
    lengths, codings, hosts = (head.values(name) for name in ("content-length", "transfer-encoding", "host"))
    if len(hosts) > 1 or (not hosts and head.version == "1.1") or len(lengths) + len(codings) > 1:
        raise Broken
    if codings and (codings[0].lower() != b"chunked" or head.version == "1.0"):
        raise Broken
    if lengths and not re.fullmatch(rb"\d{1,18}", lengths[0]):
        raise Broken
    head.length, head.is_chunked = int(lengths[0]) if lengths else 0, bool(codings)
    head.is_doubtful |= not all(map(PLAIN_HOST.fullmatch, hosts)) or len(head.values("expect")) > 0


def read_head(data, at):
    line, at = line_at(data, at)
    head = read_request_line(line)
    head.fields, at = read_fields(data, at)
    look_at_framing(head)
    return head, at


def skip(data, at, length):
    if len(data) - at < length:
        raise Unfinished
    return at + length


def read_chunks(head, data, at):
    while True:
        line, at = line_at(data, at)
        found = CHUNK.fullmatch(line)
        if not found or int(found[1], 16) >= 1 << 63:
            raise Broken
        head.is_doubtful |= not EXTENSIONS.fullmatch(found[2] or b"")
        size = int(found[1], 16)
        if size == 0:
            return read_fields(data, at)[1]
        at = skip(data, at, size)
        end = data[at:at + 2]
        if not b"\r\n".startswith(end):
            raise Broken
        at = skip(data, at, 2)


def read_body(head, data, at):
    try:
        return read_chunks(head, data, at) if head.is_chunked else skip(data, at, head.length)
    except Broken:
        head.body = "broken"
    except Unfinished:
        head.body = "unfinished"
    return None


def read_requests(data):
    """The requests that a connection's bytes hold, up to where it must end."""
    heads, at = [], 0
    while True:
        while data.startswith(b"\r\n", at):  # empty lines before a request are ignored
            at += 2
        if data[at:] in (b"", b"\r"):
            return Requests(heads)
        try:
            head, after = read_head(data, at)
        except Broken:
            return Requests(heads, True, b"\r\n\r\n" not in data[at:], data[at:])
        except Unfinished:
            return Requests(heads, is_unfinished=True, rest=data[at:])
        heads.append(head)
        at = read_body(head, data, after)
        if at is None or not head.keeps:
            return Requests(heads)


# ---- answers ----


@dataclass
class Answer:
    status_code: int
    headers: dict  # names in small letters
    body: bytes

    @property
    def closes(self):
        return self.headers.get("connection", "").lower() == "close"

    @property
    def error(self):
        """The code of the envelope, or None."""
        return json.loads(self.body)["code"] if self.status_code >= 400 and self.body else None


STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-5]\d\d) [\x20-\x7e]*")
GO_AHEAD = b"HTTP/1.1 100 Continue\r\n\r\n"
ONCE = {"connection", "content-length", "content-type", "x-request-id", "date"}


def can_be_loaded(text):
    try:
        return json.loads(text) is not None
    except ValueError:
        return False


def read_answer(said, at, has_body):
    """An answer and where it ends; `has_body` as in Requests. Anything amiss is an AssertionError."""
    end = said.find(b"\r\n\r\n", at)
    assert end >= 0, f"half an answer: {said[at:at + 200]!r}"
    first, *lines = said[at:end].split(b"\r\n")
    status = STATUS_LINE.fullmatch(first)
    assert status, f"no status line: {first!r}"
    fields = [FIELD.fullmatch(line) for line in lines]
    assert all(fields), f"no header line in {lines}"
    names = [found[1].decode().lower() for found in fields]
    assert all(names.count(name) <= 1 for name in ONCE), f"repeated headers: {names}"
    headers = {name: found[2].decode("latin-1").strip() for name, found in zip(names, fields)}
    assert "x-request-id" in headers, f"an answer without X-Request-Id: {headers}"
    if has_body is None:
        has_body = len(said) > end + 4
    has_body = has_body and int(status[1]) not in (204, 304)
    assert "content-length" in headers or not has_body, f"an answer without length: {headers}"
    length = int(headers["content-length"]) if has_body else 0
    body = said[end + 4:end + 4 + length]
    assert len(body) == length, f"{len(body)} bytes of a body of {length}: {body[-100:]!r}"
    is_json = int(status[1]) >= 400 or headers.get("content-type", "").startswith("application/json")
    assert not (body and is_json) or can_be_loaded(body), f"no JSON: {body!r}"
    return Answer(int(status[1]), headers, body), end + 4 + length


def read_answers(said, bodies=()):
    """All answers of a connection."""
    answers, at = [], 0
    while at < len(said):
        if said.startswith(GO_AHEAD, at):
            at += len(GO_AHEAD)
            continue
        has_body = bodies[len(answers)] if len(answers) < len(bodies) else True
        answer, at = read_answer(said, at, has_body)
        answers.append(answer)
    return answers


# ---- both ----


def what_is_wrong_with(answer, head):
    """With the answer to a request that was read; None: nothing."""
    is_refusal = answer.error == "malformed_request"
    if answer.closes and (answer.status_code in UNREAD or (is_refusal and head.is_doubtful)):
        return None
    if head.id not in (None, answer.headers["x-request-id"]):
        return f"the answer is to {answer.headers['x-request-id']}, not to {head.id}"
    if head.body == "whole" and answer.status_code in LIMITS and answer.closes:
        return None
    if answer.status_code >= 500 and answer.status_code != NO_ROOM:
        return f"status {answer.status_code}"
    if head.body == "whole" and is_refusal:
        return f"a request that is right was refused: {head}"
    if head.body != "whole" and not answer.closes:
        return f"a body that isn't whole left the connection open: {head}"
    return None


def what_is_wrong(sent, said):
    """None, or how the answers to what was sent differ from what a strict reader would give. The
    client has sent all, and has read to the end."""
    requests = read_requests(sent)
    try:
        answers = read_answers(said, requests.bodies)
    except AssertionError as wrong:
        return str(wrong)
    for n, answer in enumerate(answers):
        if n and answers[n - 1].closes:
            return "an answer behind the last one"
        if n < len(requests.heads):
            wrong = what_is_wrong_with(answer, requests.heads[n])
            if wrong:
                return wrong
        elif n > len(requests.heads) or not (requests.is_broken or requests.is_unfinished):
            return f"smuggled: nobody asked for answer {n + 1}, {answer}"
        elif answer.status_code not in {MALFORMED, *LIMITS, TOO_SLOW} or not answer.closes:
            return f"no refusal, or the connection stays open: {answer}"
    due = sum(head.body != "unfinished" for head in requests.heads)
    due += requests.is_broken and not requests.is_unfinished
    if len(answers) < due and not (answers and answers[-1].closes):
        return f"{len(answers)} answers to {due} requests"
    return None
