"""HTTP that was broken at random (script/fuzz-http), for a few seconds, and its judge: a fault that
it can't see would go through unseen for ever."""
import os
import subprocess
import sys

import pytest

from support import http_fuzzer
from support.framing_cases import CASES, EVENT, LAST, N, SMUGGLED, get, head, in_chunks, post
from support.program import CHECKOUT
from support.strict_http import read_requests, what_is_wrong
from support.wire import chunked


def answer(request_id="id-000001", status=200, body=b"", *lines):
    headers = [f"X-Request-Id: {request_id}", f"Content-Length: {len(body)}", *lines]
    return f"HTTP/1.1 {status} Some Reason\r\n".encode() + "\r\n".join(headers).encode() + b"\r\n\r\n" + body


LAST_ANSWER = answer("id-999999", 200, b"", "Connection: close")
REFUSAL = answer("made", 400, b'{"code":"malformed_request"}', "Connection: close")
FOLDED = post("Content-Length:", f" {len(SMUGGLED)}", body=SMUGGLED)

RIGHT = {
    "two answers": (get() + LAST, answer() + LAST_ANSWER),
    "a go-ahead": (post(f"Content-Length: {N}", "Expect: 100-continue") + LAST,
                   b"HTTP/1.1 100 Continue\r\n\r\n" + answer() + LAST_ANSWER),
    "a refusal": (FOLDED + LAST, REFUSAL),
    "a refusal behind an answer": (get() + FOLDED + LAST, answer() + REFUSAL),
    "a bad chunk": (in_chunks("x\r\n") + LAST, answer("id-000001", 400, b'{"code":"malformed_request"}',
                                                      "Connection: close")),
    "an early answer": (in_chunks("x\r\n") + LAST, answer("id-000001", 401, b'{"code":"x"}', "Connection: close")),
    "too much": (post(f"Content-Length: {N}"), answer("id-000001", 413, b'{"code":"x"}', "Connection: close")),
    "nothing to half a request": (get() + get()[:-2], answer()),
    "a refusal of half a request": (get() + get()[:-2], answer() + REFUSAL),
    "HEAD": (head("HEAD /healthz HTTP/1.1"), answer("id-000001", 200, b"x")[:-1]),
    "a HEAD that is refused": (head("HEAD /healthz HTTP/1.2"), REFUSAL[:REFUSAL.index(b"{")]),
    "nothing": (b"\r\n", b""),
}

WRONG = {
    "smuggled in a folded length": (FOLDED + LAST, answer(status=400, body=b'{"code":"x"}') + answer("id-666666")),
    "read on behind a refusal": (FOLDED + LAST, REFUSAL + LAST_ANSWER),
    "accepted": (FOLDED + LAST, answer() + LAST_ANSWER),
    "a body read as a request": (post(f"Content-Length: {len(SMUGGLED)}", body=SMUGGLED) + LAST,
                                 answer() + answer("id-666666")),
    "one answer too few": (get() + LAST, answer()),
    "one too many": (LAST, LAST_ANSWER + answer()),
    "in another order": (get() + LAST, LAST_ANSWER + answer()),
    "to somebody else": (get() + LAST, answer("id-000002") + LAST_ANSWER),
    "refused though it is right": (get() + LAST, answer("id-000001", 400, b'{"code":"malformed_request"}',
                                                        "Connection: close")),
    "no refusal": (FOLDED + LAST, b""),
    "open behind a refusal": (FOLDED + LAST, answer("made", 400, b'{"code":"malformed_request"}')),
    "open behind a bad chunk": (in_chunks("x\r\n"), answer("id-000001", 401, b'{"code":"x"}')),
    "a fault": (get() + LAST, answer("id-000001", 500, b'{"code":"x"}') + LAST_ANSWER),
    "half an answer": (LAST, answer("id-999999", 200, b"ab")[:-1]),
    "half a header": (LAST, LAST_ANSWER[:-4]),
    "two header blocks": (FOLDED, REFUSAL[:REFUSAL.index(b"{")] + REFUSAL),
    "two lengths": (LAST, answer("id-999999", 200, b"", "Content-Length: 0")),
    "no length": (LAST, b"HTTP/1.1 200 OK\r\nX-Request-Id: id-999999\r\n\r\n"),
    "no id": (LAST, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    "no JSON": (LAST, answer("id-999999", 200, b"{", "Content-Type: application/json")),
    "a body behind HEAD": (head("HEAD /healthz HTTP/1.1") + LAST, answer(body=b"x") + LAST_ANSWER),
    "what is no status line": (LAST, b"HTTP/1.1 2OO OK\r\n\r\n"),
}


@pytest.mark.parametrize("sent, said", RIGHT.values(), ids=RIGHT.keys())
def test_the_judge_takes_what_is_right(sent, said):
    assert what_is_wrong(sent, said) is None


@pytest.mark.parametrize("sent, said", WRONG.values(), ids=WRONG.keys())
def test_the_judge_sees_what_is_wrong(sent, said):
    assert what_is_wrong(sent, said)


def test_the_reader_sees_a_request_from_whole_to_none():
    """At each end of the bytes: whole requests are seen, and the rest is unfinished, not wrong."""
    data = get() + post("Transfer-Encoding: chunked", body=chunked(EVENT))
    for end in range(len(data) + 1):
        seen = read_requests(data[:end])
        assert not seen.is_broken
        whole = sum(one.body == "whole" for one in seen.heads)
        assert whole == (0 if end < len(get()) else 2 if end == len(data) else 1)


def test_equal_seeds_make_equal_inputs():
    seeds = [get()], [case.sent for case in CASES[:20]]
    first, again = ([http_fuzzer.make_input(7, n, seeds) for n in range(200)] for _ in range(2))
    assert first == again != [http_fuzzer.make_input(8, n, seeds) for n in range(200)]
    assert len({sample.sent for sample in first}) > 100


def test_a_few_seconds_find_nothing():
    done = subprocess.run([sys.executable, "-m", "support.http_fuzzer", "--seconds", "5", "--seed", "1"],
                          cwd=CHECKOUT / "tests", env=os.environ, capture_output=True, text=True, timeout=80)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-4000:]
    assert " 200 " in done.stdout and " 400 " in done.stdout
