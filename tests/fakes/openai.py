"""A scripted OpenAI-compatible server on a loopback port, for tests and by hand.

    with FakeProvider([status(429, retry_after="1"), broken_json()], default=answer()) as provider:
        ...                     # OPENAI_BASE_URL=provider.url
        assert len(provider.requests) == 3

A script's steps are played one per request in the order of arrival, then `default` for ever. Both
may be changed at any time (`play`, `default`). A step can also be a function of the request that
returns a step. By hand, in tests/: python3 -m fakes.openai --port 0 --delay 300ms
"""

import argparse
import asyncio
import collections
import dataclasses
import itertools
import json
import signal
import ssl
import subprocess
import threading
import time

from fakes import event_stream
from fakes.texts import text_for

MAX_BODY = 4 * 1024 * 1024


@dataclasses.dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict  # names in lower case
    json: object  # None where the body is not JSON
    connection: int  # counts accepted connections from 1: reuse shows
    at: float  # time.monotonic()

    @property
    def system(self):
        return self._message("system")

    @property
    def user(self):
        return self._message("user")

    def _message(self, role):
        messages = self.json.get("messages", []) if isinstance(self.json, dict) else []
        return "\n".join(m.get("content", "") for m in messages if m.get("role") == role)


# --- Steps: what happens to one request. ---
# Each is an async function of (provider, request, writer). True: the connection stays open.


def answer(text=None, delay=0.0, usage=True, finish="stop"):
    """A completion; `text` may be a function of the request;
    None: a fitting text, different each time."""

    async def play(provider, request, writer):
        await asyncio.sleep(delay)
        content = text(request) if callable(text) else text if text is not None else provider.next_text(request)
        return await _complete(request, writer, _completion(request, content, usage, finish))

    return play


def models(*names):
    """The list of models, for GET /v1/models."""
    return raw({"object": "list", "data": [{"id": name, "object": "model"} for name in names]})


def status(code, retry_after=None, retry_after_ms=None, delay=0.0, body=None):
    """An error answer. `retry_after` goes out as it is: seconds, a date, or rubbish."""
    headers = {"Retry-After": retry_after, "retry-after-ms": retry_after_ms}

    async def play(provider, request, writer):
        await asyncio.sleep(delay)
        error = {"error": {"message": f"scripted {code}", "type": "scripted", "code": None}}
        return await _send(writer, code, error if body is None else body,
                           {k: v for k, v in headers.items() if v is not None})

    return play


def raw(body, **headers):
    """These bytes, or this object as JSON, under 200; headers by their names with "_" for "-"."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}

    async def play(provider, request, writer):
        if isinstance(body, dict) and not names:
            return await _complete(request, writer, body)
        return await _send(writer, 200, body, names)

    return play


def said(content="", finish="stop", **message):
    """A completion whose message has these members, too."""

    async def play(provider, request, writer):
        completion = _completion(request, "")
        completion["choices"][0] |= {"message": {"role": "assistant", "content": content} | message,
                                     "finish_reason": finish}
        return await _complete(request, writer, completion)

    return play


def broken_json():
    return raw(b'{"id":"chatcmpl-broken","choices":[{"index":0,"message":{"role":"assistant","content":"Half an ans')


def no_choices():
    return raw({"id": "chatcmpl-none", "object": "chat.completion", "choices": []})


def empty():
    return answer(text=" \n ")


def huge(size=8 * 1024 * 1024):
    """The beginning of a completion of `size` bytes, as much as the client takes."""
    head = f'HTTP/1.1 200 Scripted\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n\r\n'.encode()
    start, piece = b'{"choices":[{"message":{"role":"assistant","content":"', b"word " * 13107

    async def play(provider, request, writer):
        writer.write(head + start)
        for _ in range(size // len(piece)):
            writer.write(piece)
            await writer.drain()
        return False

    return play


def redirect(to="http://127.0.0.1:1/elsewhere", code=307):
    async def play(provider, request, writer):
        return await _send(writer, code, {}, {"Location": to})

    return play


def hang(text=None):
    """Nothing until `provider.release()` or the client's leaving; then a normal answer."""

    async def play(provider, request, writer):
        await provider.wait_for_release()
        return await answer(text)(provider, request, writer)

    return play


def close_early(after=0):
    """Closes without an answer, or after the first `after` bytes of one."""

    async def play(provider, request, writer):
        writer.write(_message(200, _completion(request, provider.next_text(request)))[:after])
        return False

    return play


WAIT, CUT = object(), object()  # for `speak`: until provider.release(); the connection ends


def speak(*pieces, finish="stop"):
    """A streamed completion of these pieces, WAITs and CUTs. provider.spoken has each piece's time."""

    async def play(provider, request, writer):
        released = provider.released  # a release counts from here on, not from the WAIT on
        event_stream.begin(writer)
        for piece in pieces:
            if piece is CUT:
                return False
            if piece is WAIT:
                await released.wait()
                released = provider.released
                continue
            provider.spoken.append((piece, time.monotonic()))
            await event_stream.send_line(writer, event_stream.words(piece))
        await event_stream.send_line(writer, event_stream.words("", finish))
        return await event_stream.end(writer)

    return play


def drip(every=0.2, size=1):
    """A normal answer, `size` bytes at a time."""

    async def play(provider, request, writer):
        message = _message(200, _completion(request, provider.next_text(request)))
        for start in range(0, len(message), size):
            writer.write(message[start : start + size])
            await writer.drain()
            await asyncio.sleep(every)
        return True

    return play


# --- A completion


def _completion(request, content, usage=True, finish="stop"):
    prompt_tokens, completion_tokens = len(request.system + request.user) // 4, max(1, len(content) // 4)
    completion = {
        "id": f"chatcmpl-{time.monotonic_ns():x}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": request.json.get("model", "fake") if isinstance(request.json, dict) else "fake",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": finish}],
    }
    if usage:
        completion["usage"] = {"prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens,
                               "total_tokens": prompt_tokens + completion_tokens}
    return completion


# --- HTTP/1.1, as little as a client needs


def _message(code, body, headers=None):
    payload = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    lines = [f"HTTP/1.1 {code} Scripted", "Content-Type: application/json", f"Content-Length: {len(payload)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + payload


async def _complete(request, writer, completion):
    """Streamed where the request wants it, and there is a choice to stream."""
    if event_stream.wants_stream(request) and completion.get("choices"):
        return await event_stream.send(request, writer, completion)
    return await _send(writer, 200, completion)


async def _send(writer, code, body, headers=None):
    writer.write(_message(code, body, headers))
    await writer.drain()
    return True


async def _read_request(reader, connection):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip()
               for name, _, value in (line.partition(":") for line in lines if line)}
    length = int(headers.get("content-length", 0))
    if length > MAX_BODY:
        raise ValueError("body too long")
    body = await reader.readexactly(length)
    try:
        parsed = json.loads(body)
    except ValueError:
        parsed = None
    return Request(method, path, headers, parsed, connection, time.monotonic())


def self_signed(folder):
    """A TLS server's context with a certificate that nobody trusts."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "1", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


class FakeProvider:
    """Runs on a thread of its own; everything here may be called from the test's thread."""

    def __init__(self, script=(), default=None, port=0, tls=None):
        self.default = default or answer()
        self.models = status(404)  # the step for GET /v1/models
        self.requests, self.spoken = [], []
        self.in_flight = self.most_in_flight = 0
        self._script = collections.deque(script)
        self._port, self._tls = port, tls
        self._numbers = itertools.count()
        self._connections = itertools.count(1)
        self._tasks = set()
        self.released = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="fake-provider", daemon=True)

    def __enter__(self):
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(timeout=10)
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    @property
    def url(self):
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self._port}"

    def play(self, *steps):
        """Adds steps to the script."""
        self._script.extend(steps)

    def stop_playing(self):
        """Forgets what is left of the script."""
        self._script.clear()

    def release(self):
        """Lets every hanging request go on; later `hang` steps hang again."""
        self._loop.call_soon_threadsafe(self._release)

    def forget(self):
        """Empties the records."""
        self.requests, self.spoken = [], []
        self.most_in_flight = self.in_flight

    def next_text(self, request):
        return text_for(request, next(self._numbers))

    async def wait_for_release(self):
        await self.released.wait()

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _start(self):
        self.released = asyncio.Event()
        self._server = await self._loop.create_server(lambda: _Connection(self._accept), "127.0.0.1", self._port,
                                                      backlog=1024, ssl=self._tls)
        self._port = self._server.sockets[0].getsockname()[1]

    async def _stop(self):
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _release(self):
        self.released.set()
        self.released = asyncio.Event()

    def _accept(self, reader, writer):
        task = self._loop.create_task(self._serve(reader, writer, next(self._connections)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader, writer, connection):
        try:
            gone = writer.transport.get_protocol().gone
            while await self._answer(await _read_request(reader, connection), gone, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass
        finally:
            writer.close()

    async def _answer(self, request, gone, writer):
        self.requests.append(request)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await _unless_gone(self._step(request)(self, request, writer), gone)
        finally:
            self.in_flight -= 1

    def _step(self, request):
        if (request.method, request.path) == ("GET", "/v1/models"):
            return self.models
        if request.method != "POST" or not request.path.endswith("/v1/chat/completions"):
            return status(404)
        step = self._script.popleft() if self._script else self.default
        while not asyncio.iscoroutinefunction(step):
            step = step(request)
        return step


class _Connection(asyncio.StreamReaderProtocol):
    """Streams, and a future that tells when the client has left,
    which a reader tells only to who reads."""

    def __init__(self, accept):
        super().__init__(asyncio.StreamReader(limit=MAX_BODY), accept)
        self.gone = asyncio.get_running_loop().create_future()

    def eof_received(self):
        self._leave()
        return super().eof_received()

    def connection_lost(self, exc):
        self._leave()
        super().connection_lost(exc)

    def _leave(self):
        if not self.gone.done():
            self.gone.set_result(None)


async def _unless_gone(playing, gone):
    """Plays a step to its end, or until the client has left:
    else a hanging one would be in flight for ever."""
    playing = asyncio.ensure_future(playing)
    try:
        await asyncio.wait({playing, gone}, return_when=asyncio.FIRST_COMPLETED)
        return playing.done() and playing.result()
    finally:
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)


def _duration(text):
    for unit, seconds in (("ms", 0.001), ("s", 1)):
        if text.endswith(unit):
            return float(text[: -len(unit)]) * seconds
    raise argparse.ArgumentTypeError("a duration like 300ms or 2s")


def main():
    parser = argparse.ArgumentParser(description="A fake OpenAI-compatible server on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=0, help="0 (default): a free one, printed")
    parser.add_argument("--delay", type=_duration, default=0.0, help="before each answer, like 300ms")
    parser.add_argument("--status", type=int, help="answer every call with this status instead")
    parser.add_argument("--retry-after", help="header of that answer")
    parser.add_argument("--hang", action="store_true", help="never answer")
    args = parser.parse_args()
    default = answer(delay=args.delay)
    if args.status:
        default = status(args.status, retry_after=args.retry_after, delay=args.delay)
    ending = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ending)
    with FakeProvider(default=hang() if args.hang else default, port=args.port) as provider:
        print(provider.url, flush=True)
        signal.sigwait(ending)


if __name__ == "__main__":
    main()
