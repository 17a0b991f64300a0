"""`verify` watches the runbook's recovery checklist until all of it
has held for the whole time."""
import os
import pty
import re
import signal
import subprocess
import tempfile
import threading
import time
import tomllib

import pytest

from fakes.service import FakeService
from support.ports import free_port
from support.program import CHECKOUT, SLOWER, Api, Worker, binary, environment, run
from support.waiting import eventually

ITEMS = ["readyz", "worker_healthz", "errors_5xx", "latency", "queue", "retries", "freshness", "rate_limits"]
RECOVERED, NOT_RECOVERED, _, USAGE, COULD_NOT_LOOK = range(5)
FEED, DRAFT = 'route="/feed",method="GET"', 'route="/rooms/{id}/posts/draft",method="POST"'
DEPTH = 'queue_depth{type="generate_reply"}'


def requests(route, status, seconds, count):
    """What `count` requests that took so long add to an API's counters."""
    buckets = {f'http_request_duration_seconds_bucket{{{route},le="{edge}"}}': count
               for edge in ("0.75", "1.2", "8", "10", "+Inf") if seconds <= float(edge)}
    return buckets | {f'http_requests_total{{{route},status="{status}"}}': count}


@pytest.fixture
def database(own_database):
    """What is due there counts."""
    return own_database


@pytest.fixture
def fake_api():
    classes = {FEED: "authenticated", DRAFT: "model", 'route="/readyz",method="GET"': "probe"}
    with FakeService({f'http_route_info{{{route},class="{name}"}}': 1
                      for route, name in classes.items()} | requests(FEED, 500, 9, 7)) as api:
        yield api


@pytest.fixture
def fake_worker():
    with FakeService({DEPTH: 4, 'jobs_processed_total{type="generate_reply",status="retry"}': 99,
                      'digest_age_seconds{kind="persona"}': 1}) as worker:
        yield worker


class Verify:
    """`with Verify(database, api, worker) as verify:` it runs,
    and `lines` are those that it has printed."""

    def __init__(self, database_url, api_url, worker_url, time="1h"):
        flags = ["--for", time, "--every", "100ms", "--api", api_url, "--worker", worker_url]
        self._errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([binary(), "verify", *flags], env=environment(DATABASE_URL=database_url),
                                        stdout=subprocess.PIPE,
                                        stderr=self._errors, text=True)
        self.lines = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        with self.process.stdout:
            for line in self.process.stdout:
                self.lines.append(line.rstrip("\n"))

    def wait_for(self, item, state, words="", count=1):
        pattern = re.compile(rf"^\S+Z  {item} +{state} +.*{words}")
        eventually(lambda: sum(bool(pattern.search(line)) for line in self.lines) >= count, within=5 * SLOWER)

    def end(self, interrupt=False):
        if interrupt:
            self.process.send_signal(signal.SIGINT)
        code = self.process.wait(10 * SLOWER)
        self._reader.join()
        self._errors.seek(0)
        assert self._errors.read() == "" and "planted" not in "\n".join(self.lines)
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()
        self._errors.close()


@pytest.fixture
def verify(database, fake_api, fake_worker):
    with Verify(database.url, fake_api.url, fake_worker.url) as verify:
        for item in ITEMS:
            verify.wait_for(item, "holds")
        yield verify


def test_the_items_are_those_that_the_runbook_verifies_by():
    modes = tomllib.loads((CHECKOUT / "deploy/runbook.toml").read_text())["mode"]
    done = run("verify", "--help")
    assert done.returncode == 0 and re.findall(r"^  (\w+)  +\S", done.stdout, re.MULTILINE) == ITEMS
    assert set(ITEMS) == {item for mode in modes for item in mode["verified_by"]}


@pytest.mark.parametrize("words", [
    ["--nope"], ["nonsense"], ["--for"], ["--for", "soon"], ["--for", "999ms"], ["--for", "25h"], ["--every", "10ms"],
    ["--for", "2s", "--every", "3s"],
    ["--api", "localhost:8080"], ["--worker", ""], ["--worker", "http://me:planted@localhost"]])
def test_a_wrong_command_line_is_answered_with_the_usage(words):
    done = run("verify", *words)
    assert (done.returncode, done.stdout) == (
        USAGE, "") and "Usage: personaworlds verify" in done.stderr and "planted" not in done.stderr


def test_a_healthy_stack_has_recovered(database, start):
    api, worker = start(Api), start(Worker)
    began = time.monotonic()
    done = run("verify", "--for", "1s", "--every", "200ms", "--api", f"http://127.0.0.1:{api.port}/", "--worker",
               f"http://127.0.0.1:{worker.port}",
               DATABASE_URL=database.url)
    assert done.returncode == RECOVERED and time.monotonic() - began >= 1
    *changes, verdict, reminder = done.stdout.splitlines()
    assert [re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  (\w+) +holds +\S.*", line)[1] for line in changes] == ITEMS
    assert verdict == "recovered: everything has held for 1s" and "timeline" in reminder and "root cause" in reminder


def test_an_item_that_breaks_is_told_with_its_reason_and_begins_anew(verify, fake_api, fake_worker):
    def breaks(item, words, service, counted=(), reason=None, **gauges):
        """By counters, of which only what is new counts;
        by gauges, and what a probe says, until they are as before."""
        before, service.unhealthy = service.metrics, reason
        service.add(dict(counted) | gauges)
        verify.wait_for(item, "broken", words)
        service.metrics, service.unhealthy = (service.metrics | {series: before[series]
                                                                 for series in gauges if series != DEPTH}, None)
        verify.wait_for(item, "holds", count=2)

    breaks("readyz", "503 migrations pending", fake_api, reason="migrations pending")
    breaks("worker_healthz", "503 event loop is stuck", fake_worker, reason="event loop is stuck")
    breaks("errors_5xx", r"2 of 1000 requests \(0.20 %\): 502 GET /feed 2", fake_api,
           requests(FEED, 200, 0.1, 998) | requests(FEED, 502, 0.1, 2))
    breaks("latency", r"p95 \d+ ms without a model", fake_api, requests(FEED, 200, 1, 5))
    breaks("queue", r"grows: from 4 to \d+ jobs", fake_worker, **{DEPTH: 96})
    breaks("retries", "6 of 20 attempts", fake_worker,
           {'jobs_processed_total{type="generate_reply",status="retry"}': 6,
            'jobs_processed_total{type="generate_reply",status="done"}': 14})
    breaks("freshness", "digests 601 s", fake_worker, **{'digest_age_seconds{kind="persona"}': 600})
    breaks("rate_limits", "900 refused", fake_api, {'rate_limit_events_total{scope="ip",endpoint="auth"}': 900})
    assert verify.end(interrupt=True) == NOT_RECOVERED
    told = [line for line in verify.lines if line.startswith("  ")]
    assert [line.split()[0]
            for line in told] == ITEMS and all(re.search(r"has held for \d+s; broke 1 time, last at \S+Z: .", line)
                                               for line in told)
    assert verify.lines[-len(ITEMS) - 2].startswith("not recovered: interrupted") and "timeline" in verify.lines[-1]


def test_what_is_normal_breaks_nothing(verify, fake_api, fake_worker):
    """A few retries and refusals, slow answers of the model, failing probes,
    and a restart, after which counters begin at 0 again."""
    fake_api.add(requests(FEED, 200, 0.1, 2000) | requests(FEED, 500, 0.1, 2) | requests(DRAFT, 201, 2, 50)
                 | requests('route="/readyz",method="GET"', 503, 0.1, 90))
    fake_api.add({'rate_limit_events_total{scope="ip",endpoint="auth"}': 5})
    fake_worker.add({'jobs_processed_total{type="generate_reply",status="retry"}': 5, DEPTH: 5})
    fake_worker.unhealthy = "a mark, to know that all of this was seen"
    verify.wait_for("worker_healthz", "broken")
    fake_api.metrics |= {series: 0 for series in fake_api.metrics if "status" in series or "bucket" in series}
    fake_worker.unhealthy = None
    verify.wait_for("worker_healthz", "holds", count=2)
    assert verify.end(interrupt=True) == NOT_RECOVERED
    assert [line.split()[1] for line in verify.lines if " broken " in line] == ["worker_healthz"]


def test_a_job_that_is_due_for_long_breaks_the_queue(verify, database):
    database.execute("INSERT INTO jobs (job_type, status, available_at, payload) "
                     "VALUES ('persona_digest', 'PENDING', now() - interval '90 seconds', '{}')")
    verify.wait_for("queue", "broken", r"a job \(persona_digest\) is due since 9\d s")
    database.execute("DELETE FROM jobs")
    verify.wait_for("queue", "holds", count=2)


def test_all_must_hold_together_for_the_whole_time(database, fake_api, fake_worker):
    with Verify(database.url, fake_api.url, fake_worker.url, time="1s") as verify:
        verify.wait_for("readyz", "holds")
        fake_api.unhealthy = "database ping failed"
        verify.wait_for("readyz", "broken", "database ping failed")
        mended, fake_api.unhealthy = time.monotonic(), None
        assert verify.end() == RECOVERED and time.monotonic() - mended >= 1
    assert "recovered: everything has held for 1s" in verify.lines


def test_it_gives_up_after_four_times_as_long_and_says_what_broke(fake_worker):
    """Four seconds, as the shortest time is one."""
    away = f"http://127.0.0.1:{free_port()}"
    with Verify(f"postgres://me:planted@127.0.0.1:{free_port()}/x", away, fake_worker.url, time="1s") as verify:
        assert verify.end() == NOT_RECOVERED
    told = "\n".join(verify.lines)
    assert "not recovered: gave up after 4s" in told
    assert re.search(r"^  readyz +is broken since \S+Z: http://127.0.0.1:\d+: .*connect", told, re.MULTILINE)
    assert re.search(r"^  queue +is broken since \S+Z: .*refused", told, re.MULTILINE)
    assert not re.search(r"^  worker_healthz", told, re.MULTILINE)


def test_where_nothing_ever_answered_it_could_not_look():
    away = f"http://127.0.0.1:{free_port()}"
    with Verify(f"postgres://127.0.0.1:{free_port()}/x", away, away) as verify:
        verify.wait_for("rate_limits", "broken", "no metrics")
        assert verify.end(interrupt=True) == COULD_NOT_LOOK


def test_a_terminal_has_one_screen_that_is_drawn_anew(database, fake_api, fake_worker):
    ours, theirs = pty.openpty()
    flags = ["--for", "1s", "--every", "500ms", "--api", fake_api.url, "--worker", fake_worker.url]
    done = subprocess.run([binary(), "verify", *flags], env=environment(DATABASE_URL=database.url), stdout=theirs,
                          timeout=60)
    os.close(theirs)
    screens = os.read(ours, 1 << 16).decode().split("\033[H\033[2J")[1:]
    os.close(ours)
    assert done.returncode == RECOVERED and len(screens) >= 3
    assert all(re.findall(r"^(?:\033\[\d+m)?  (\w+)  +holds", screen, re.MULTILINE) == ITEMS for screen in screens)
    assert "\033[32m" in screens[0] and "recovered" in screens[-1]
