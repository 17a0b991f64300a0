"""script/bench provider [OPTION...]: what a slow or hanging model provider costs.

- added cost: the time of a call through our layer less the provider's own time, which the fake
  provider (a process of its own) reports; beside a plain client on the same fake in the same run.
  Whole answers, and streamed ones: a chunk a millisecond, with the words wanted as they come;
- memory: the API with 1000 drafts in flight, whole, and streamed: half of each answer has come;
- neighbours: p99 of /healthz, /feed and /notifications while the provider hangs and 500
  drafts wait, in turn with another API that has no draft waiting.
"""
import argparse
import asyncio
import json
import math
import multiprocessing
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

CHECKOUT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT / "tests"))

from support.people import sign_up  # noqa: E402
from support.postgres import Cluster  # noqa: E402
from support.program import Api, run  # noqa: E402
from support.waiting import eventually  # noqa: E402
from support.wire import Connection  # noqa: E402

PROGRAM, CALLER = CHECKOUT / "build" / "personaworlds", CHECKOUT / "build" / "tests" / "bench_llm"
PATHS = ("/healthz", "/feed", "/notifications")
WAYS = ("whole", "streamed")
HEAD = "POST {} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n{}Content-Length: {}\r\n\r\n{}"


PIECES = ["Is", " it", "?", " I", " had", " the", " same", " last", " week", " and", " kept", " the", " old", " one",
          " for", " a", " day", ".", " Then", " "]


def chunk(content, **choice):
    delta = {"choices": [{"index": 0, "delta": {"content": content}, "finish_reason": None} | choice]}
    return f"data: {json.dumps(delta)}\n\n".encode()


CHUNKS, END = [chunk(piece) for piece in PIECES], chunk("", finish_reason="stop") + b"data: [DONE]\n\n"


class Fake(asyncio.Protocol):
    """Answers each request after `delay` with the microseconds that it took as its last word;
    streamed, the words before it come evenly until then. delay None: never; streamed, never more
    than the first half of the words."""

    delay, in_flight = 0.0, None

    def connection_made(self, transport):
        self.transport, self.rest = transport, b""

    def data_received(self, data):
        self.rest += data
        head, mark, body = self.rest.partition(b"\r\n\r\n")
        if not mark or len(body) < int(re.search(rb"(?i)content-length: *(\d+)", head)[1]):
            return
        self.rest = b""
        began, is_streamed = time.perf_counter(), b'"stream":true' in body
        if is_streamed:
            self.begin_stream(began)
        elif self.delay is not None:
            asyncio.get_running_loop().call_later(self.delay, self.answer, began)
        with self.in_flight.get_lock():
            self.in_flight.value += 1

    def answer(self, began):
        message = {"role": "assistant", "content": "".join(PIECES) + own_time(began)}
        body = json.dumps({"choices": [{"message": message}]})
        self.transport.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                             f"{len(body)}\r\n\r\n{body}".encode())

    def begin_stream(self, began):
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                             b"Transfer-Encoding: chunked\r\n\r\n")
        if self.delay is None:
            self.write_chunk(b"".join(CHUNKS[:len(CHUNKS) // 2]))
        else:
            self.go_on(began, 0)

    def go_on(self, began, number):
        if number == len(CHUNKS):
            self.write_chunk(chunk(own_time(began)) + END)
            self.transport.write(b"0\r\n\r\n")
            return
        self.write_chunk(CHUNKS[number])
        asyncio.get_running_loop().call_later(self.delay / len(CHUNKS), self.go_on, began, number + 1)

    def write_chunk(self, data):
        self.transport.write(b"%x\r\n%b\r\n" % (len(data), data))


def own_time(began):
    return f"{(time.perf_counter() - began) * 1e6:.1f}"


def serve(delay, port, in_flight):
    async def forever():
        Fake.delay, Fake.in_flight = delay, in_flight
        server = await asyncio.get_running_loop().create_server(Fake, "127.0.0.1", 0, backlog=2048)
        port.value = server.sockets[0].getsockname()[1]
        await server.serve_forever()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(forever())


class FakeProcess:
    def __init__(self, delay):
        self.port, self.in_flight = multiprocessing.Value("i", 0), multiprocessing.Value("i", 0)
        self.process = multiprocessing.Process(target=serve, args=(delay, self.port, self.in_flight), daemon=True)

    def __enter__(self):
        self.process.start()
        self.url = f"http://127.0.0.1:{eventually(lambda: self.port.value)}"
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.join()


def p99(values):
    return statistics.quantiles(values, n=100)[98]


def plain_calls(port, calls):
    """The same without our layer: a socket, one call after the other."""
    request, added = HEAD.format("/v1/chat/completions", "", 2, "{}"), []
    with Connection(port) as connection:
        for _ in range(calls):
            began = time.perf_counter()
            connection.send(request)
            text = connection.answer().body.decode()
            added.append((time.perf_counter() - began) * 1e6 - float(re.search(r' ([\d.]+)"', text)[1]))
    return added


def measure_plain():
    with FakeProcess(0.02) as fake:
        plain_calls(fake.port.value, 50)
        return [value / 1000 for value in plain_calls(fake.port.value, 200)]


def measure_added(options, way):
    with FakeProcess(0.02) as fake:
        done = subprocess.run([CALLER, fake.url, str(options.rate * options.seconds), str(options.rate), way],
                              capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    added = [float(line) / 1000 for line in done.stdout.split()]
    assert len(added) == options.rate * options.seconds and not any(map(math.isnan, added)), done.stdout
    return added


def start_api(database, fake, limit, way="whole"):
    return Api(database.url, program=PROGRAM, read_log=False, LLM_PROVIDER="openai", OPENAI_BASE_URL=fake.url,
               LLM_MAX_CONCURRENCY=limit, OPENAI_STREAM="always" if way == "streamed" else "never",
               API_REQUEST_TIMEOUT="10m", OPENAI_REQUEST_TIMEOUT="10m")


class Drafts:
    """`count` drafts that wait for a provider which hangs."""

    def __init__(self, api, fake, count, in_flight):
        self.user = sign_up(api)
        room, personas = self.user.room("go-backend"), [self.user.persona() for _ in range(-(-count // 50))]
        self.connections = [Connection(api.port, within=60) for _ in range(count)]
        for number, connection in enumerate(self.connections):
            body = f'{{"persona_id":"{personas[number // 50].id}"}}'
            connection.send(HEAD.format(f"/rooms/{room.id}/posts/draft", f"Authorization: Bearer {self.user.token}\r\n",
                                        len(body), body))
        eventually(lambda: fake.in_flight.value >= in_flight and in_all(api) >= count, within=60)

    def close(self):
        for connection in self.connections:
            connection.close()


def in_all(api):
    return float(re.search(r"^http_requests_in_flight (\S+)", api.metrics(), re.MULTILINE)[1])


def most_memory(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


def processor_time(process):
    return pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]


def is_idle(process):
    """Whatever came has been read."""
    before = processor_time(process)
    time.sleep(0.5)
    return processor_time(process) == before


def measure_memory(database, way):
    with FakeProcess(None) as fake:
        # Each thread has its share, and not the same number of connections.
        api = start_api(database, fake, 4000, way).start()
        try:
            drafts = Drafts(api, fake, 1000, 1000)
            eventually(lambda: is_idle(api.process), within=60)
            memory = most_memory(api.process)
            drafts.close()
            return memory
        finally:
            api.kill()


def wrk_p99(api, path, token, seconds):
    done = subprocess.run(["wrk", "-t1", "-c4", f"-d{seconds}", "--latency", "-H", f"Authorization: Bearer {token}",
                           f"http://127.0.0.1:{api.port}{path}"],
                          capture_output=True, text=True, check=True)
    assert "Non-2xx" not in done.stdout, done.stdout
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", done.stdout).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def measure_neighbours(database, options):
    with FakeProcess(None) as fake:
        idle, loaded = (start_api(database, fake, 64).start() for _ in range(2))
        try:
            drafts = Drafts(loaded, fake, 500, 64)
            token = drafts.user.token
            found = {path: ([], []) for path in PATHS}
            for _ in range(options.rounds):
                for path, sides in found.items():
                    for side, api in zip(sides, (loaded, idle)):
                        side.append(wrk_p99(api, path, token, options.seconds))
            drafts.close()
            return found
        finally:
            idle.kill()
            loaded.kill()


def spread(values):
    return f"median {statistics.median(values):.3f} ms, p99 {p99(values):.3f} ms"


def verdict(holds):
    return "ok" if holds else "SHORT"


def main():
    parser = argparse.ArgumentParser(prog="script/bench provider", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default, what in (("rate", 500, "calls a second"), ("seconds", 5, "of each measurement"),
                                ("rounds", 5, "of the neighbours")):
        parser.add_argument(f"--{name}", type=int, default=default, metavar="N", help=f"{what} (default {default})")
    options = parser.parse_args()
    plain = measure_plain()
    print(f"a plain socket, one call after the other: {spread(plain)}")
    for way in WAYS:
        added = measure_added(options, way)
        print(f"added to a {way} call, {options.rate}/s: {spread(added)}  (p99 under 1 ms: {verdict(p99(added) < 1)})")
    with tempfile.TemporaryDirectory(prefix="personaworlds-bench-"), Cluster() as cluster:
        database = cluster.create()
        for command in ("migrate", "seed"):
            assert run(command, program=PROGRAM, DATABASE_URL=database.url).returncode == 0
        for way in WAYS:
            memory = measure_memory(database, way)
            print(f"1000 {way} drafts in flight: {memory:.1f} MiB at most  (under 64: {verdict(memory < 64)})")
        for path, (loaded, idle) in measure_neighbours(database, options).items():
            ratio = statistics.median(loaded) / statistics.median(idle)
            print(f"p99 of {path:15} {statistics.median(loaded):7.2f} ms with 500 waiting, "
                  f"{statistics.median(idle):7.2f} ms idle, ratio {ratio:.2f}"
                  f"  (at most 1.10: {verdict(ratio <= 1.1)})")


if __name__ == "__main__":
    main()
