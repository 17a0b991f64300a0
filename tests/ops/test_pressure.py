"""What triage prints for a lever takes pressure off: it is tighter than all that may be in force."""
import re

import pytest

from fakes.service import FakeService
from support.program import run
from support.triage import look

UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


def per_second(rate):
    count, number, unit = re.fullmatch(r"(\d+)/(\d+)(ms|s|m|h|d)", rate).groups()
    return int(count) / (int(number) * UNITS[unit])


def defaults():
    listed = re.findall(r"^\| `RATE_LIMIT_(\w+)` \| `(.*?)` \|", run("config").stdout, re.MULTILINE)
    return {name.lower(): rate for name, rate in listed}


def among(seen, id):
    """A lever that is set is a finding of its own."""
    return next(finding for finding in seen["findings"] if finding["id"] == id)


def printed(database, *names, **settings):
    """{limit: the value that triage sets it to}, when all of them refuse at once."""
    metrics = {f'rate_limit_events_total{{scope="ip",endpoint="{name}"}}': (0, 200) for name in names}
    with FakeService(metrics) as service, FakeService() as worker:
        one = among(look(api=service.url, worker=worker.url, DATABASE_URL=database.url, **settings),
                    "rate_limit_spike")
    return dict(match.groups() for command in one["commands"]
                if (match := re.fullmatch(r"personaworlds settings set rate_limit\.(\w+) (\S+) --for 1h", command)))


@pytest.fixture
def levers(own_database):
    def set_lever(name, rate):
        done = run("settings", "set", f"rate_limit.{name}", rate, "--for", "1h", DATABASE_URL=own_database.url)
        assert done.returncode == 0, done
    return set_lever


def test_each_limit_that_is_printed_is_smaller_than_its_default_and_may_be_set(own_database, levers):
    known = defaults()
    assert len(known) > 15
    seen = {}
    for first in range(0, len(known), 8):  # a finding has eight at most
        seen |= printed(own_database, *list(known)[first:first + 8])
    assert seen.keys() == known.keys()
    for name, rate in seen.items():
        assert per_second(rate) < per_second(known[name]), name
        levers(name, rate)
    assert seen["login_failure"] == "2/15m" and seen["public_read"] == "30/1m"


@pytest.mark.parametrize("in_force, wanted", [("100/1m", "25/1m"), ("40/1h", "10/1h"), ("5/1m", "1/1m"),
                                              ("4/1m", "1/1m"), ("3/1m", "1/80s"), ("1/1m", "1/4m"),
                                              ("100000/1m", "30/1m")])
def test_a_lever_that_is_in_force_is_tightened_and_one_that_is_looser_than_the_default_not_followed(
        own_database, levers, in_force, wanted):
    levers("public_read", in_force)
    assert printed(own_database, "public_read") == {"public_read": wanted}
    assert per_second(wanted) < per_second(in_force)


def test_what_this_shell_configures_counts_as_well(own_database):
    assert printed(own_database, "public_read", RATE_LIMIT_PUBLIC_READ="8/1m") == {"public_read": "2/1m"}


def test_what_nobody_knows_stays_to_be_filled_in(own_database):
    assert printed(own_database, "of_tomorrow") == {"of_tomorrow": "TIGHTER"}


def test_retries_wait_four_times_as_long_as_they_do(own_database):
    assert run("settings", "set", "job.retry_base", "90s", "--for", "1h", DATABASE_URL=own_database.url).returncode == 0
    own_database.execute("INSERT INTO jobs (job_type, status, attempts, error, available_at) SELECT 'summarize_thread',"
                         " 'PENDING', 3, 'no luck', now() + interval '1 minute' FROM generate_series(1, 40)")
    with FakeService() as service:
        one = among(look(api=service.url, worker=service.url, DATABASE_URL=own_database.url), "retry_storm")
    assert "personaworlds settings set job.retry_base 6m --for 30m" in one["commands"]
