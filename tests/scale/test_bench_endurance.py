"""What `script/bench endurance` measures with: a day in which everything is asked for, what belongs to
which fault, and what counts as growth."""
import asyncio
import os
import re
import socket
import sys
from types import SimpleNamespace

import httpx
import pytest

from support.ports import free_port
from support.program import CHECKOUT, Api
from support.promises import CUT_OFF, Answer
from support.stack import Stack

sys.path.insert(0, str(CHECKOUT / "bench"))

import endurance_day  # noqa: E402
from endurance_day import Day, understood  # noqa: E402
from endurance_report import Window, fault_at, is_wrong_answer, report  # noqa: E402
from endurance_watch import (  # noqa: E402
    LONG, WARM, Sample, Watch, ends_of_sockets, grows, level, longest_life, look_at, moves)

PROBES = {"/healthz", "/readyz", "/metrics", "/openapi.json", "/admin/analytics/summary", "/stream"}
MIB = 1 << 20


def steady(value=100.0, seconds=WARM + LONG + 1):
    return [(float(at), value) for at in range(seconds + 1)]


# ---- the day ----


def live_once(day):
    """Everybody's acts, one after the other, and a stream."""
    async def run():
        async with day.connected():
            for act, _ in day.plan() * 2:
                await act(day.people[0])
            assert await day.stream(day.people[0], 0.05)
    asyncio.run(run())


def test_everything_is_asked_for_and_answered(own_database, monkeypatch):
    monkeypatch.setattr(endurance_day, "PEOPLE", 2)
    monkeypatch.setattr(endurance_day, "RECENT", 3)
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    with Api(own_database.url, TRUSTED_PROXIES="127.0.0.1", PORT=port, FRONTEND_ORIGIN=origin) as api:
        day = Day(api, [origin])
        day.prepare()
        live_once(day)
        paths = api.client.get("/openapi.json").json()["paths"]
    assert [answer for answer in day.answers if answer.fault or answer.status not in (200, 201, 202, 204)] == []
    asked = {re.sub(r"\{\w+\}", "{}", a.kind.split()[1]) for a in day.answers if a.kind.startswith("GET")} | {"/a/{}"}
    assert {re.sub(r"\{\w+\}", "{}", path) for path in paths.keys() - PROBES if "get" in paths[path]} - asked == set()


def answer_of(status=200, kind="application/json", content=b"{}", **headers):
    return httpx.Response(status, headers={"Content-Type": kind} | headers, content=content)


@pytest.mark.parametrize("answer, kind, told", [
    (answer_of(content=b'{"id":1}'), "application/json", (200, "", "", {"id": 1})),
    (answer_of(204, content=b""), "application/json", (204, "", "", {})),
    (answer_of(kind="image/png", content=b"x"), "image/png", (200, "", "", {})),
    (answer_of(kind="text/html; charset=utf-8"), "application/json",
     (200, "", "200 is text/html instead of application/json", None)),
    (answer_of(503, "text/html", b"<p>"), "text/html", (503, "", "", None)),
    (answer_of(503, "text/html", b"<p>"), "application/json", (503, "", "503 isn't JSON with a code: '<p>'", None)),
    (answer_of(kind="text/event-stream", content=b'event: text\ndata: {}\n\nevent: done\ndata: {"id":2}\n\n'),
     "text/event-stream", (200, "", "", {"id": 2})),
    (answer_of(kind="text/event-stream", content=b'event: error\ndata: {"status":503,"code":"busy"}\n\n'),
     "text/event-stream", (503, "busy", "", None)),
    (answer_of(kind="text/event-stream", content=b'event: text\ndata: {}\n\n'), "text/event-stream",
     (200, "", "a stream of events ended with 'event: text'", None)),
])
def test_an_answer_is_understood(answer, kind, told):
    assert understood(answer, kind) == told


def test_a_stack_that_is_interrupted_while_it_starts_leaves_nothing(monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    stack = Stack()
    monkeypatch.setattr(stack, "is_ready", interrupted)
    with pytest.raises(KeyboardInterrupt):
        stack.start()
    assert stack.process.poll() is not None and not stack.folder.exists()


# ---- what stays the same ----


def test_a_steady_value_is_flat():
    found = level(steady())
    assert (found.second, found.last, found.is_judged) == (100, 100, True)
    assert not grows(found) and not moves(found)


@pytest.mark.parametrize("last, grown, moved", [(105, False, False), (105.1, True, True), (94.9, False, True)])
def test_over_a_twentieth_is_a_change(last, grown, moved):
    points = [(at, value if at < WARM + LONG * 2 / 3 + 1 else last) for at, value in steady()]
    assert (grows(level(points)), moves(level(points))) == (grown, moved)


def test_a_start_is_no_growth_and_a_short_life_no_proof():
    warming = [(at, 1.0 if at < WARM else value) for at, value in steady()]
    assert level(warming).change == 0
    short = level([(at, at) for at, _ in steady(seconds=WARM + LONG - 1)])
    assert short.change > 0.05 and not short.is_judged and not grows(short)
    assert not grows(level([])) and not grows(level([(0, 1)]))


def test_a_life_ends_with_its_process():
    starts = {1: range(5), 2: range(5, 20), 3: range(20, 30)}
    lives = [Sample(at, life, 0, 0, 0, 0, 0, 0) for life, times in starts.items() for at in times]
    assert {sample.life for sample in longest_life(lives)} == {2}
    assert longest_life([]) == []


def test_connections_of_clients_and_to_the_model_are_told_from_others():
    loopback = ("127.0.0.1", 0)
    with socket.create_server(loopback) as server, socket.create_server(loopback) as model:
        port, model_port = server.getsockname()[1], model.getsockname()[1]
        part = {"pid": os.getpid(), "started_at": 7}
        before = look_at(part, port, model_port, ends_of_sockets())
        with (socket.create_connection(("127.0.0.1", port)), server.accept()[0],
              socket.create_connection(("127.0.0.1", model_port))):
            after = look_at(part, port, model_port, ends_of_sockets())
    assert (after.clients - before.clients, after.model - before.model, after.own - before.own) == (1, 1, 1)
    assert after.life == 7 and after.resident > after.anonymous > MIB and after.threads >= 1
    assert look_at({"pid": 2**30, "started_at": 1}, port, model_port, {}) is None


# ---- what belongs to which fault ----


def test_a_fault_explains_what_happens_until_half_a_minute_after_it():
    windows = [Window("one", 10, 20), Window("two", 45, 60), Window("three", 100)]
    assert [fault_at(windows, at) for at in (9.9, 10, 44.9, 45, 50, 90, 90.1, 99, 1000)] == [
        "none", "one", "one", "two", "two", "two", "none", "none", "three"]


@pytest.mark.parametrize("status, code, fault, without, within", [
    (200, "", "", False, False), (304, "", "", False, False), (503, "busy", "", True, False),
    (0, CUT_OFF, "", True, False), (500, "x", "", True, True), (404, "x", "", True, True), (429, "x", "", True, True),
    (200, "", "200 is text/html instead of application/json", True, True), (504, "x", "", True, False)])
def test_what_may_be_answered(status, code, fault, without, within):
    answer = Answer("GET /", 0, 1, status, code, fault)
    assert (is_wrong_answer(answer, "none"), is_wrong_answer(answer, "a fault")) == (without, within)


def log(path, *lines, end="\n"):
    with path.open("a") as file:
        file.write("\n".join(lines) + end)


def stack_of(folder):
    (folder / "log").mkdir()
    for name in ("api1", "api2", "worker1", "worker2", "worker3"):
        log(folder / "log" / f"{name}.log", '{"ts":"2026-01-01T00:00:00.000Z","level":"error","msg":"before"}')
    return SimpleNamespace(place=folder)


def line(second, level, msg, **fields):
    more = "".join(f',"{name}":"{value}"' for name, value in fields.items())
    return f'{{"ts":"2026-01-01T00:00:{second:02}.000Z","level":"{level}","msg":"{msg}"{more}}}'


def run_of(watch, **more):
    nobody = SimpleNamespace(answers=[])
    return SimpleNamespace(**{"watch": watch, "windows": [], "rows": [], "trouble": [], "nothing": {}, "summary": "",
                              "minutes": 45, "day": nobody, "promises": nobody,
                              "asked": SimpleNamespace(way="haproxy", mode="strict", seed=1)} | more)


def test_logs_are_read_from_the_beginning_of_the_watch(tmp_path):
    watch = Watch(stack_of(tmp_path), 0)
    watch.skip_what_was_said()
    watch.clock = 1767225600.0  # the first of January
    place = tmp_path / "log/api1.log"
    log(place, line(5, "info", "fine"), line(6, "error", "job_failed", error="row 17 of 8: no"), "what is this")
    log(place, line(7, "warn", "half")[:30], end="")
    watch.read_logs()
    assert [(one.at, one.kind, one.level, one.said) for one in watch.lines] == [
        (6.0, "api", "error", "job_failed: row N of N: no")]
    assert len(watch.stray) == 1 and "what is this" in watch.stray[0]
    log(place, line(7, "warn", "half")[30:])
    watch.read_logs()
    assert [one.said for one in watch.lines[1:]] == ["half"]


def test_an_error_that_no_fault_explains_is_told(tmp_path):
    watch = Watch(stack_of(tmp_path), 0)
    watch.skip_what_was_said()
    watch.clock, watch.busy = 1767225600.0, 0.5
    log(tmp_path / "log/worker2.log", line(10, "error", "inside"), line(11, "warn", "noted"), line(9, "warn", "early"))
    watch.read_logs()
    text, broken = report(run_of(watch, windows=[Window("a fault", 10, 11)]))
    assert broken == [] and "All of it was kept." in text
    assert "| error | worker | inside | a fault: 1 |" in text and "| warn | worker | early | none: 1 |" in text
    log(tmp_path / "log/worker2.log", line(9, "error", "outside"))
    watch.read_logs()
    text, broken = report(run_of(watch, windows=[Window("a fault", 10, 11)]))
    assert len(broken) == 1 and "outside" in broken[0] and "Not kept" in text


def test_all_that_is_wrong_is_told(tmp_path):
    watch = Watch(stack_of(tmp_path), 0)
    watch.busy = 0.5
    watch.samples["api2"] = [Sample(at, 1, int(at) * MIB, MIB, 30, 5, 129, 4) for at, _ in steady()]
    watch.connections["personaworlds api"] = [(at, 20 - 2 * (at > WARM + LONG * 0.8)) for at, _ in steady()]
    wrong = SimpleNamespace(answers=[Answer("GET /feed", 1, 2, 500, "internal_server_error", ""),
                                     Answer("GET /feed", 1, 2, 200, "", "")])
    text, broken = report(run_of(watch, day=wrong, nothing={"lost": {"event": 1}, "doubled": {}}, trouble=["it ended"]))
    assert [what.split(":")[0] for what in broken] == ["it ended", "api2", "api2", "connections", "GET /feed", "lost"]
    assert "| GET /feed | 2 | 1 × 500 internal_server_error | none |" in text
