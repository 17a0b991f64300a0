"""A million sessions that ended: what they cost an API process, in the release build."""
import pathlib
import statistics
import time

import pytest

from support.people import sign_up
from support.program import CHECKOUT, Api, release_binary
from support.sessions import is_in, log_in
from support.waiting import eventually

PROGRAM = release_binary() or CHECKOUT / "build/personaworlds"
MANY = 1_000_000
MOST_BYTES = 32 << 20
ROUNDS, REQUESTS = 7, 200


@pytest.fixture
def database(own_database):
    return own_database


def memory(api):
    """Resident bytes that are the process's own, not files'."""
    status = pathlib.Path(f"/proc/{api.process.pid}/status").read_text()
    return 1024 * int(next(line.split()[1] for line in status.splitlines() if line.startswith("RssAnon")))


def processor_time(api):
    fields = pathlib.Path(f"/proc/{api.process.pid}/schedstat").read_text().split()
    return int(fields[0])


def cost(user):
    """Nanoseconds of the first thread for each request; the API has no other."""
    before = processor_time(user.api)
    for _ in range(REQUESTS):
        user.get("/rooms")
    return (processor_time(user.api) - before) / REQUESTS


@pytest.fixture
def few(cluster, template):
    """A database in which no session ended."""
    few = cluster.create(template.name)
    yield few
    few.drop()


def end_many(database):
    database.execute("SELECT revoke_tokens(array_agg(gen_random_uuid()), array_agg(now() + interval '1 day')) "
                     f"FROM generate_series(1, {MANY})")
    database.execute("VACUUM ANALYZE revocations")


def test_a_million_ended_sessions_cost_little_memory(database, start):
    api = start(Api, program=PROGRAM, API_THREADS=1)
    user = sign_up(api)
    cost(user)
    before = memory(api)
    end_many(database)
    gone = log_in(user)
    gone.post("/auth/logout")
    eventually(lambda: memory(api) - before > 12 * MANY, within=60)
    began = time.monotonic()
    later = start(Api, program=PROGRAM, API_THREADS=1)
    assert not is_in(gone.at(later)), "a process that has just started answers when it has read all"
    read_after = time.monotonic() - began
    assert later.log.wait_for("revocations_read")["ids"] == MANY + 1
    grown = memory(api) - before
    print(f"{grown / 2**20:.1f} MiB; a process that starts has read them after {read_after:.1f} s")
    assert grown < MOST_BYTES and is_in(user)


@pytest.mark.timeout(300)
def test_a_million_ended_sessions_cost_a_request_no_time(database, few, start):
    end_many(database)
    users = [sign_up(start(Api, on.url, program=PROGRAM, API_THREADS=1)) for on in (database, few)]
    assert users[0].api.log.wait_for("revocations_read", within=60)["ids"] == MANY
    rounds = [[cost(user) for user in users] for _ in range(1 + ROUNDS)][1:]
    many, none = (min(costs) for costs in zip(*rounds))  # whatever else the machine does only adds
    print(f"{many / 1000:.1f} us of a processor for a request beside {none / 1000:.1f}")
    # Side by side: a machine that is quiet for one of them alone says nothing.
    assert statistics.median(with_many / without for with_many, without in rounds) < 1.1, rounds
