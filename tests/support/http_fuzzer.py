"""What `script/fuzz-http` runs: the API gets HTTP that was broken at random, and each connection's
answers are judged by what a strict reader of the same bytes sees: no request may be answered that
isn't there, none left out, each answer is whole, in order and no fault of the server. An input is
the same for the same seed and number."""
import argparse
import contextlib
import itertools
import json
import os
import random
import select
import socket
import sys
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass

from support.framing_cases import CASES, EVENT, LAST, N, get, post, with_own_ids
from support.people import sign_up
from support.postgres import Cluster
from support.program import CHECKOUT, Api, migrate
from support.strict_http import read_answers, read_requests, what_is_wrong
from support.wire import Connection, request

FINDS = CHECKOUT / "build-fuzz" / "finds"
CONNECTIONS = 8  # at once
SEED_MAX = 5000  # bytes; longer cases are about limits
PAUSE = 0.002  # at most, between two pieces
REPLAYS = 20
CLOSED_WITHIN = 10
SPICES = [b"\0", b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\n\n", b" ", b"\t", b":", b";", b",", b'"', b"\x7f", b"\xff",
          b"%", b"0", b"\r\n ", b"\r\n\t", b"0\r\n\r\n", b"1\r\nx\r\n", b"7fffffffffffffff\r\n",
          b"Content-Length: 5\r\n", b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n", b"Host: y\r\n",
          b"Connection: close\r\n", b"Expect: 100-continue\r\n", b"HTTP/1.0", b"HTTP/1.1", b"HEAD", b"OPTIONS * ",
          b"http://x", get()]


@dataclass
class Input:
    seed: int
    number: int
    pieces: list  # of bytes, sent one after another
    end: str  # "finish": the client says all and reads; "wait": only reads; "reset": leaves at once
    why: str = ""

    @property
    def sent(self):
        return b"".join(self.pieces)

    def save(self):
        FINDS.mkdir(parents=True, exist_ok=True)
        path = FINDS / f"http-{self.seed}-{self.number}.json"
        path.write_text(json.dumps(asdict(self) | {"pieces": [piece.decode("latin-1") for piece in self.pieces]}))
        return path


def load(path):
    with open(path) as file:
        kept = json.load(file)
    return Input(**kept | {"pieces": [piece.encode("latin-1") for piece in kept["pieces"]]})


# ---- what is sent ----


def seeds_for(user):
    """Those that are answered, and those that are refused; beside the cases what asks the database,
    or is refused before its body was read."""
    token = f"Authorization: Bearer {user.token}"
    own = [request("GET", "/rooms", "X-Request-Id: id-000001", token), post(f"Content-Length: {N}"),
           request("POST", "/personas", "X-Request-Id: id-000001", body=EVENT),
           request("GET", "/rooms", "X-Request-Id: id-000001"), get()]
    short = [case for case in CASES if len(case.sent) < SEED_MAX]
    return (own + [case.sent for case in short if not case.is_refused],
            [case.sent for case in short if case.is_refused])


def choose(chance, seeds):
    served, refused = seeds
    return chance.choice(served if chance.random() < 0.7 else refused)


def change_byte(chance, data, at):
    return data[:at] + bytes([chance.randrange(256)]) + data[at + 1:]


def flip_bit(chance, data, at):
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1:] if at < len(data) else data


def insert(chance, data, at):
    return data[:at] + chance.choice(SPICES) + data[at:]


def replace(chance, data, at):
    spice = chance.choice(SPICES)
    return data[:at] + spice + data[at + len(spice):]


def delete(chance, data, at):
    return data[:at] + data[at + chance.choice([1, 1, 2, 8, 40]):]


def double(chance, data, at):
    piece = data[at:at + chance.choice([1, 2, 10, 60])]
    return data[:at] + piece + data[at:]


def insert_at_line(chance, data, at):
    """Where lines end is where readers differ."""
    found = data.find(b"\r\n", at)
    return insert(chance, data, found + chance.choice([0, 1, 2]) if found >= 0 else at)


CHANGES = [change_byte, flip_bit, insert, replace, delete, double, insert_at_line, insert_at_line]


def cut(chance, data):
    """In one piece mostly, or in several, or byte by byte."""
    how = chance.random()
    if how < 0.4:
        return [data]
    if how < 0.43:
        return [data[at:at + 1] for at in range(min(len(data), 400))] + [data[400:]]
    bounds = sorted(chance.randrange(len(data) + 1) for _ in range(chance.randint(1, 4)))
    return [data[start:end] for start, end in zip([0, *bounds], [*bounds, len(data)])]


def server_ends(sent):
    """Whether the client may wait for the end of the connection, and needn't say its own."""
    requests = read_requests(sent)
    if requests.is_unfinished or any(head.body == "unfinished" for head in requests.heads):
        return False
    return requests.is_broken or bool(requests.heads) and not requests.heads[-1].keeps


def make_input(seed, number, seeds):
    """The same for the same numbers."""
    chance = random.Random(f"{seed} {number}")
    data = b"".join(choose(chance, seeds) for _ in range(chance.choice([1, 1, 2, 3])))
    if chance.random() < 0.2:  # the head of one, the rest of another
        other = choose(chance, seeds)
        data = data[:chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1):]
    for _ in range(chance.choice([0, 1, 1, 1, 2, 3, 6])):
        data = chance.choice(CHANGES)(chance, data, chance.randrange(len(data) + 1))
    sent = with_own_ids(data + LAST, itertools.count(1))
    end = chance.choice(["finish", "finish", "wait", "wait", "reset"])
    return Input(seed, number, cut(chance, sent), "finish" if end == "wait" and not server_ends(sent) else end)


# ---- what comes back ----


def send(connection, pieces):
    connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for piece in pieces:
        if not connection.send(piece):
            return
        if len(pieces) > 1:
            select.select([connection.socket], [], [], PAUSE)


def leave(connection):
    """With a reset instead of an end."""
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def try_input(port, sample, statuses):
    """None, or what is wrong."""
    with Connection(port) as connection:
        send(connection, sample.pieces)
        if sample.end == "reset":
            leave(connection)
            return None
        if sample.end == "finish":
            connection.finish_sending()
        try:
            said = connection.everything(CLOSED_WITHIN)
        except TimeoutError:
            return "the connection wasn't closed"
    wrong = what_is_wrong(sample.sent, said)
    if wrong:
        return f"{wrong}\nsent: {sample.sent!r}\nsaid: {said!r}"
    statuses.update(answer.status_code for answer in read_answers(said, read_requests(sample.sent).bodies))
    return None


class Run:
    """Some connections at once, each with the next input, until time is up or one finds something."""

    def __init__(self, api, seed, seconds):
        self.api, self.seed, self.end = api, seed, time.monotonic() + seconds
        self.seeds = seeds_for(sign_up(api))
        self.numbers = itertools.count()
        self.statuses, self.tried = Counter(), 0
        self.finds = []

    def work(self):
        while time.monotonic() < self.end and not self.finds:
            sample = make_input(self.seed, next(self.numbers), self.seeds)
            try:
                sample.why = try_input(self.api.port, sample, self.statuses)
            except OSError as gone:
                sample.why = f"no connection: {gone}"
            self.tried += 1
            if sample.why:
                self.finds.append(sample)

    def go(self):
        threads = [threading.Thread(target=self.work) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            threads[0].join(1)
            threads[-1].join(1)
            self.api.log.forget()
        return self.finds


@contextlib.contextmanager
def private_api():
    with Cluster() as cluster:
        database = cluster.create()
        done = migrate(database)
        assert done.returncode == 0, done.stdout + done.stderr
        with Api(database.url, API_READ_TIMEOUT="2s") as api:
            api.expect_errors("http_request")  # a 5xx is judged by its answer
            yield api


def report(api, sample, name):
    state = "it runs on" if api.process.poll() is None else f"it ended with {api.process.returncode}"
    print(f"FIND at input {sample.number} ({sample.end}): {sample.why}\nThe API: {state}\n{api.stderr()[-6000:]}\n"
          f"script/fuzz-http --replay {os.path.relpath(name, CHECKOUT)} sends it again")


def fuzz(api, options):
    run = Run(api, options.seed, options.seconds)
    finds = run.go()
    print(f"seed {options.seed}: {run.tried} connections in {options.seconds} s, answers by status: "
          + ", ".join(f"{status} {count}" for status, count in sorted(run.statuses.items())), flush=True)
    for sample in finds[:1]:
        report(api, sample, sample.save())
    return not finds


def replay(api, path):
    sample = load(path)
    for _ in range(REPLAYS):
        sample.why = try_input(api.port, sample, Counter())
        if sample.why:
            report(api, sample, path)
            return False
    print(f"{path}: nothing is wrong, {REPLAYS} times")
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 31))
    parser.add_argument("--replay", metavar="FILE")
    options = parser.parse_args()
    with private_api() as api:
        fine = replay(api, options.replay) if options.replay else fuzz(api, options)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
