"""Requests at times that are fixed beforehand. A request that has to wait for its turn is late
already: its latency counts from when it was due.

The client takes little of a processor, as it shares the machine with what it measures: one thread,
one epoll, connections that stay open, no more read of an answer than its status and length.
"""
import heapq
import itertools
import math
import multiprocessing
import re
import select
import socket
import time
from collections import deque
from typing import NamedTuple

from job_rates import percentile

CONNECTIONS = 64
PATIENCE = 30  # seconds; the API answers each request within 15
PROBES, PROBED = 200, 300  # a second; seconds, more than a measurement takes
PROBE_CONNECTIONS = 100  # more than are ever slow at a time; each thread of the API has some
LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
LOST = 0  # the status of a request whose connection ended


class Request(NamedTuple):
    """`due` in seconds after the start."""

    due: float
    kind: str
    data: bytes


class Answer(NamedTuple):
    """Times are those of time.monotonic, which all processes share."""

    kind: str
    status: int
    due: float
    sent: float
    ended: float

    @property
    def good(self):
        return 200 <= self.status < 300

    @property
    def ms(self):
        return (self.ended - self.due) * 1000


def request_of(method, path, token="", body=""):
    lines = [f"{method} {path} HTTP/1.1", "Host: bench"]
    lines += [f"Authorization: Bearer {token}"] if token else []
    lines += ["Content-Type: application/json", f"Content-Length: {len(body.encode())}"] if body else []
    return "\r\n".join([*lines, "", body]).encode()


def paced(kind, datas, rate, seconds):
    """`rate` requests a second, the datas in turn."""
    return [Request(n / rate, kind, datas[n % len(datas)]) for n in range(int(rate * seconds))]


class Connection:
    def __init__(self, port, source):
        self.socket = socket.create_connection(("127.0.0.1", port), source_address=(source, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request = None

    def send(self, request, due):
        self.request, self.due, self.sent, self.head, self.left = request, due, time.monotonic(), b"", None
        self.socket.sendall(request.data)

    def receive(self):
        """The status of an answer that has come in whole, else None."""
        try:
            data = self.socket.recv(1 << 16)
        except ConnectionError:
            data = b""
        if not data:
            return LOST
        if self.left is None:
            head, mark, data = (self.head + data).partition(b"\r\n\r\n")
            self.head = head + mark
            if not mark:
                return None
            self.left = int(LENGTH.search(head)[1])
        self.left -= len(data)
        return int(self.head[9:12]) if self.left == 0 else None


class Client:
    """From an address of 127.0.0.0/8: another is another client."""

    def __init__(self, port, connections=CONNECTIONS, source="127.0.0.1"):
        self.port, self.source, self.epoll, self.idle, self.open = port, source, select.epoll(), deque(), {}
        for _ in range(connections):
            self.connect()

    def connect(self):
        connection = Connection(self.port, self.source)
        self.open[connection.socket.fileno()] = connection
        self.epoll.register(connection.socket, select.EPOLLIN)
        self.idle.append(connection)

    def run(self, requests, again_after=None, until=lambda: math.inf):
        """The answers in the order of their ends, of all requests that are due before `until`. With
        `again_after` a request that was refused is due again after so many seconds, until it isn't
        refused."""
        began, numbers, answers = time.monotonic() + 0.1, itertools.count(), []
        self.due = [(began + request.due, next(numbers), request) for request in requests]
        heapq.heapify(self.due)
        while (self.due and self.due[0][0] <= until()) or len(self.idle) < len(self.open):
            now = time.monotonic()
            while self.idle and self.due and self.due[0][0] <= now:
                due, _, request = heapq.heappop(self.due)
                self.idle.popleft().send(request, due)
            for answer, request in self.collect(now):
                answers.append(answer)
                if again_after is not None and not answer.good:
                    heapq.heappush(self.due, (answer.ended + again_after, next(numbers), request))
        return answers

    def collect(self, now):
        """Waits for answers, or until the next request is due."""
        waits_for_time = self.idle and self.due
        ready = self.epoll.poll(max(self.due[0][0] - now, 0) if waits_for_time else PATIENCE)
        if not ready and not waits_for_time:
            raise TimeoutError(f"no answer for {PATIENCE} s")
        for number, _ in ready:
            connection = self.open[number]
            status, request = connection.receive(), connection.request
            if status == LOST:
                self.replace(connection)
            elif status is not None:
                connection.request = None
                self.idle.append(connection)
            if request and status is not None:
                yield Answer(request.kind, status, connection.due, connection.sent, time.monotonic()), request

    def replace(self, connection):
        if not connection.request:
            self.idle.remove(connection)
        del self.open[connection.socket.fileno()]
        connection.socket.close()
        self.connect()

    def close(self):
        for connection in self.open.values():
            connection.socket.close()
        self.epoll.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def ask(port, requests, connections=CONNECTIONS):
    with Client(port, connections) as client:
        return client.run(requests)


class Prober:
    """`with Prober(port) as prober:` asks at a slow pace, in a process of its own, until the block
    ends; then `answers` are to those that were due in it, however late. Beside /healthz it asks for
    `more`."""

    def __init__(self, port, more=(), source="127.0.0.1"):
        self.port, self.more, self.source = port, list(more), source

    def __enter__(self):
        self.until, (self.end, theirs) = multiprocessing.Value("d", math.inf), multiprocessing.Pipe(duplex=False)
        self.process = multiprocessing.Process(target=self.probe, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        self.end.recv()
        self.began = time.monotonic() + 0.1
        return self

    def probe(self, end):
        health = paced("healthz", [request_of("GET", "/healthz")], PROBES, PROBED)
        with Client(self.port, PROBE_CONNECTIONS, self.source) as client:
            end.send("ready")
            end.send(client.run(health + self.more, until=lambda: self.until.value))

    def __exit__(self, kind, *_):
        self.until.value = time.monotonic()
        if kind:
            self.process.terminate()
        else:
            self.answers = [answer for answer in self.end.recv() if self.began <= answer.due]
        self.process.join()

    def p99(self, kind="healthz"):
        return percentile([answer.ms for answer in self.answers if answer.kind == kind], 0.99)


def open_loop(port, lines, options):
    """Milliseconds of each request in the order of their ends, and how many weren't answered 200."""
    datas = [request_of("GET", *line.split()) for line in lines]
    answers = ask(port, paced("read", datas, options.rate, options.seconds))
    return [answer.ms for answer in answers], sum(answer.status != 200 for answer in answers)
