"""A million sessions that ended: what they cost an API process, in the release build."""
import pathlib

from support.counted import PROGRAM, CountedApi
from support.people import sign_up
from support.program import Api
from support.sessions import is_in, log_in
from support.waiting import eventually

MANY = 1_000_000
COUNTED = 200_000  # to read more takes long under callgrind; a scan of a part would be a fifth of a request
MOST_BYTES = 32 << 20
TOLERATED = 1.05


def memory(api):
    """Resident bytes that are the process's own, not files'."""
    status = pathlib.Path(f"/proc/{api.process.pid}/status").read_text()
    return 1024 * int(next(line.split()[1] for line in status.splitlines() if line.startswith("RssAnon")))


def end_many(database, count):
    database.execute("SELECT revoke_tokens(array_agg(gen_random_uuid()), array_agg(now() + interval '1 day')) "
                     f"FROM generate_series(1, {count})")


def test_a_million_ended_sessions_cost_little_memory(database):
    with Api(database.url, program=PROGRAM, API_THREADS=1) as api:
        user = sign_up(api)
        for _ in range(200):
            user.get("/rooms")
        before = memory(api)
        end_many(database, MANY)
        eventually(lambda: memory(api) - before > 12 * MANY, within=60)
        gone = log_in(user)
        gone.post("/auth/logout")
        with Api(database.url, program=PROGRAM, API_THREADS=1) as later:
            assert not is_in(gone.at(later)), "a process that has just started answers when it has read all"
            assert later.log.wait_for("revocations_read")["ids"] == MANY + 1
        assert is_in(user)
        grown = memory(api) - before
    print(f"{grown / 2**20:.1f} MiB")
    assert grown < MOST_BYTES


def cost(database, folder, ended):
    """Instructions of a request where so many sessions ended."""
    folder.mkdir()
    with CountedApi(folder, database.url) as api:
        user = sign_up(api)
        assert api.log.wait_for("revocations_read", within=60)["ids"] == ended
        return api.cost(lambda: user.get("/rooms").raise_for_status())


def test_ended_sessions_cost_a_request_no_time(own_database, tmp_path):
    none = cost(own_database, tmp_path / "none", 0)
    end_many(own_database, COUNTED)
    many = cost(own_database, tmp_path / "many", COUNTED)
    print(f"{many} instructions for a request beside {none}")
    assert many < TOLERATED * none, f"{many} instructions for a request beside {none}"
