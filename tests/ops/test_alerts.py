"""ops/prometheus/: the rules' own tests, and a real Prometheus that watches real services."""
import re

import pytest

from support.program import Api, Worker
from support.prometheus import Prometheus, hurry, promtool, rules
from support.waiting import eventually


@pytest.fixture(scope="module")
def worker(database):
    with Worker(database.url) as worker:
        yield worker


@pytest.mark.parametrize("service", ["api", "worker"])
def test_the_metrics_are_as_prometheus_wants_them(service, request):
    done = promtool("check", "metrics", given=request.getfixturevalue(service).metrics())
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("given, hurried", [
    ("rate(x[5m])", "rate(x[5000ms])"), ("rate(x[1m]) > 300", "rate(x[2000ms]) > 300"),
    ('max(digest_age_seconds{kind="persona"} > 900)', 'max(digest_age_seconds{kind="persona"} > 15.0)'),
    ("max by (type) (queue_oldest_age_seconds) > 300", "max by (type) (queue_oldest_age_seconds) > 5.0")])
def test_what_is_hurried(given, hurried):
    assert hurry(given, 60) == hurried


def test_an_api_that_is_gone_pages_once_and_no_more_when_it_is_back(database, worker, start):
    api = start(Api)
    with Prometheus(api=[api.port], worker=[worker.port]) as prometheus:
        eventually(lambda: prometheus.targets_up() == {"backend": 1, "worker": 1})
        api.kill()
        eventually(lambda: prometheus.pages() == {"ApiDown"}, within=60)
        start(Api, PORT=api.port)
        eventually(lambda: prometheus.pages() == set(), within=60)
        assert prometheus.pages_so_far() == {"ApiDown"}, prometheus.story()
