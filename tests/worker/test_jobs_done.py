"""What is done leaves `jobs` an hour after its end, and is in `jobs_done` until JOB_RETENTION is over:
each job at one place at each moment, whatever happens meanwhile."""
import re

import psycopg
import pytest

from support.jobs_done import HOUR_MS, MOVE, WEEK_MS, ids, is_moved, move, moving, write
from support.program import Worker
from support.queue import write_job
from support.roles import as_role
from support.statements import code_of
from support.waiting import eventually, in_parallel

DAY = 24 * 3600
PARTS = "SELECT replace(tableoid::regclass::text, 'jobs_done_', '') AS part, count(*) AS n FROM jobs_done GROUP BY 1"


@pytest.fixture(autouse=True)
def nothing_before(database):
    database.execute("DELETE FROM jobs; DELETE FROM jobs_done")


def rows_by_part(database):
    return {row["part"]: row["n"] for row in database.rows(PARTS)}


def forget(database, retention_ms=WEEK_MS):
    """How many rows each batch had, up to the last."""
    code, deleted = re.sub(r"\$\d", "%s", code_of("jobs/forget_done")), []
    while not deleted or deleted[-1]:
        deleted.append(database.row(code, retention_ms, 500, 0)["deleted"])
    return deleted


# ---- which, and when


def test_a_worker_moves_what_was_done_an_hour_ago_and_deletes_what_failed_long_ago(database, start):
    old, young = write(database, 3605), write(database, 3540)
    failed, _ = write(database, 167 * 3600, "FAILED"), write(database, 169 * 3600, "FAILED")
    many = write(database, 2 * DAY, n=600)
    whole = database.row("SELECT * FROM jobs WHERE id = %s", *old)
    start(Worker)
    eventually(lambda: is_moved(database, *old, *many) and ids(database, "jobs") == young + failed, within=20)
    assert database.row("SELECT * FROM jobs_done WHERE id = %s", *old) == whole
    assert database.row("SELECT * FROM jobs_all WHERE id = %s", *old) == whole


@pytest.mark.parametrize("ago, moved", [("3600 seconds", 0), ("3600.000001 seconds", 1)])
def test_to_the_microsecond(database, ago, moved):
    """One transaction, so one time."""
    with database.connect() as connection, connection.transaction():
        connection.execute("INSERT INTO jobs (job_type, status, finished_at) "
                           f"VALUES ('knit_sweater', 'DONE', now() - interval '{ago}')")
        assert moving(connection)["moved"] == moved


def test_one_that_was_copied_back_stops_no_other(database):
    """By an operator, who wants it done again; under the id that it has."""
    copied = write(database, 2 * DAY)
    assert move(database) and is_moved(database, *copied)
    database.execute("INSERT INTO jobs (id, job_type, status, finished_at) SELECT id, job_type, status, finished_at "
                     "FROM jobs_done")
    other = write(database, DAY)
    move(database)
    assert is_moved(database, *copied, *other) and ids(database, "jobs") == []


@pytest.mark.parametrize("status", ["PENDING", "PROCESSING", "FAILED"])
def test_what_isnt_done_stays_however_old(database, status):
    job, done = write(database, 300 * DAY, status), write(database, 3605)
    assert move(database)["moved"] == 1
    assert ids(database, "jobs") == job and is_moved(database, *done)


def test_all_of_a_job_moves(database, user, post):
    """Whatever is in its row, beside what ended it."""
    job = write_job(database, post=post, persona=user.persona(), user_id=user.id, status="DONE", attempts=3, dirty=True,
                    locked_by="who", error="ü", request_id="r", trace_id="t", worker_id=7, subject_date="2026-01-01",
                    payload='{"a": [1]}')
    database.execute("UPDATE jobs SET finished_at = now() - interval '2 hours', locked_at = now(), "
                     "lease_until = now(), lease_token = gen_random_uuid() WHERE id = %s", job)
    whole = database.row("SELECT * FROM jobs WHERE id = %s", job)
    assert move(database)["moved"] == 1
    assert None not in whole.values() and database.row("SELECT * FROM jobs_done") == whole


@pytest.mark.parametrize("finished_at", ["NULL", "'-infinity'", "'0001-01-01'", "'1969-12-31 23:59:59Z'"])
def test_whatever_end_somebody_wrote_moves(database, finished_at):
    """Without one, the time of its last change counts."""
    database.execute("INSERT INTO jobs (job_type, status, finished_at, updated_at) "
                     f"VALUES ('knit_sweater', 'DONE', {finished_at}, '2020-01-01')")
    row = move(database)
    assert row["moved"] == 1 and (row["last"] > 0) == (finished_at == "NULL")
    assert rows_by_part(database) == {"before": 1} and database.count("jobs") == 0


def test_one_whose_end_is_never_stays(database):
    database.execute("INSERT INTO jobs (job_type, status, finished_at) VALUES ('knit_sweater', 'DONE', 'infinity')")
    assert move(database)["moved"] == 0 and database.count("jobs") == 1


# ---- how


@pytest.mark.parametrize("n, left", [(3, 0), (4, 1)])
def test_a_batch_has_so_many_and_the_oldest(database, n, left):
    jobs = [job for hours in range(10, 10 - n, -1) for job in write(database, hours * 3600)]
    assert move(database, batch=3)["moved"] == 3
    assert is_moved(database, *jobs[:3]) and database.count("jobs") == left


def test_a_batch_goes_on_where_the_last_one_ended(database):
    """Also where very many ended at the same time."""
    write(database, 7200, n=5)
    after, moved = 0, []
    while not moved or moved[-1]:
        row = move(database, batch=2, after=after)
        after, moved = row["last"], [*moved, row["moved"]]
    assert moved == [2, 2, 1, 0] and database.count("jobs_done") == 5
    earlier = write(database, 7300)
    assert move(database, after=after)["moved"] == 0 and move(database)["moved"] == 1
    assert set(earlier) <= set(ids(database, "jobs_done"))


def test_workers_at_once_move_each_once(database):
    jobs = write(database, 7200, n=1000)
    moved = in_parallel(4, lambda: sum(move(database, batch=50)["moved"] for _ in range(10)))
    while row := move(database)["moved"]:
        moved.append(row)
    assert sum(moved) == 1000 and is_moved(database, *jobs) and database.count("jobs") == 0


def test_who_looks_meanwhile_sees_each_once(database):
    jobs = write(database, 7200, n=300)
    with database.connect() as mover:
        mover.autocommit = False
        assert moving(mover, batch=200)["moved"] == 200
        assert ids(database, "jobs_all") == jobs == ids(database, "jobs")
        mover.commit()
    assert ids(database, "jobs_all") == jobs and database.count("jobs_done") == 200


def test_a_move_that_is_cut_off_never_was(database):
    jobs = write(database, 7200, n=300)
    with database.connect() as mover:
        mover.autocommit = False
        assert moving(mover)["moved"] == 300
        database.value("SELECT pg_terminate_backend(%s)", mover.info.backend_pid)
        with pytest.raises(psycopg.OperationalError):
            mover.commit()
    assert ids(database, "jobs") == jobs and database.count("jobs_done") == 0
    assert move(database)["moved"] == 300


def test_it_waits_for_nobody_and_the_queue_not_for_it(database, start, user, post):
    """A job that somebody has locked is moved the next time."""
    held, free = write(database, 7200), write(database, 7100)
    with database.connect() as holder, database.connect() as mover:
        holder.autocommit = mover.autocommit = False
        holder.execute("SELECT FROM jobs WHERE id = %s FOR UPDATE", held)
        assert moving(mover)["moved"] == 1
        start(Worker, WORKER_POLL_EVERY="100ms")
        job = write_job(database, post=post, persona=user.persona())
        eventually(lambda: database.value("SELECT status FROM jobs WHERE id = %s", job) == "DONE")
        assert database.waiting_for_locks() == 0
        mover.commit()
    assert is_moved(database, *free)
    assert move(database)["moved"] == 1 and is_moved(database, *held, *free)


def test_a_batch_reads_no_more_than_it_moves(database):
    """Failed jobs are many after an incident, and stay between those that are done."""
    write(database, 7200, "FAILED", n=3000)
    write(database, 7200, n=20)
    database.execute("ANALYZE jobs")
    with database.connect() as connection:
        looked = str(moving(connection, batch=10, code=f"EXPLAIN (ANALYZE, FORMAT JSON) {MOVE}"))
    assert "'jobs_to_move'" in looked and "'jobs_finished'" not in looked and "Seq Scan" not in looked
    assert database.count("jobs_done") == 10


# ---- how long


def test_a_day_that_is_old_as_a_whole_is_dropped(own_database):
    """The clock is the database's, so partitions of the past are made."""
    own_database.execute("DROP TABLE jobs_done_before")
    own_database.execute("SELECT make_partition('jobs_done', date_trunc('day', now(), 'UTC') - n * interval '1 day') "
                         "FROM generate_series(1, 9) n")
    for days in (0.1, 7, 8, 9):
        write(own_database, days * DAY, n=3)
    assert move(own_database)["moved"] == 12 and forget(own_database) == [500, 500, 0]
    first = own_database.value("SELECT min(begins) FROM partitions_of('jobs_done')")
    assert first == own_database.value("SELECT date_trunc('day', now(), 'UTC') - interval '7 days'")
    assert own_database.count("jobs_done") == 6


def test_rows_of_a_time_without_a_partition_go_by_age(database):
    write(database, 2.1 * DAY, n=501)
    write(database, 1.9 * DAY, n=2)
    while move(database)["moved"]:
        pass
    assert set(rows_by_part(database)) <= {"before", "outside"}
    assert forget(database, 2 * DAY * 1000) == [500, 1, 0] and database.count("jobs_done") == 2


def test_a_partition_that_is_made_later_takes_the_rows_of_its_time(own_database):
    for row in own_database.rows("SELECT name FROM partitions_of('jobs_done') WHERE begins IS NOT NULL"):
        own_database.execute(f"DROP TABLE {row['name']}")
    write(own_database, -DAY, n=4)  # its day is still to come
    move(own_database, stays_ms=-WEEK_MS)
    assert rows_by_part(own_database) == {"outside": 4}
    assert own_database.value("SELECT make_partitions()") == 4
    assert list(rows_by_part(own_database).values()) == [4] and "outside" not in rows_by_part(own_database)


# ---- the release before, and the way back


def test_a_release_that_knows_nothing_of_it_goes_on(database):
    """What it deletes is in `jobs`; what it finishes meanwhile moves later."""
    before = write(database, DAY, n=2)
    move(database)
    meanwhile, _ = write(database, 7200), write(database, 8 * DAY)
    delete = re.sub(r"\$\d", "%s", code_of("jobs/delete_finished"))
    assert database.value(delete, WEEK_MS, 500) == 1
    assert ids(database, "jobs") == meanwhile
    assert move(database)["moved"] == 1 and is_moved(database, *before, *meanwhile)


def test_all_have_the_same_columns(database):
    """A column that `jobs` gets must come to jobs_done, jobs_all and jobs/move_done, too."""
    columns = ("SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
               "WHERE attrelid = '{}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attname")
    jobs = database.rows(columns.format("jobs"))
    assert jobs == database.rows(columns.format("jobs_done")) == database.rows(columns.format("jobs_all"))
    for name in (row["attname"] for row in jobs):
        assert len(re.findall(rf"\b{name}\b", MOVE)) >= 2, name


# ---- who reads it


def test_all_jobs_are_in_the_view(database):
    done, failed, waits = write(database, 7200, n=2), write(database, 7200, "FAILED"), write(database, 0, "PENDING")
    move(database)
    young = write(database, 60)
    assert ids(database, "jobs_all") == sorted(done + failed + waits + young)
    assert database.rows("SELECT status::text, count(*) AS n FROM jobs_all GROUP BY 1 ORDER BY 1") == [
        {"status": "DONE", "n": 3}, {"status": "FAILED", "n": 1}, {"status": "PENDING", "n": 1}]


@pytest.mark.parametrize("seconds, done", [(900, 1), (3 * 3600, 3), (WEEK_MS // 1000, 4)])
def test_triage_counts_what_was_done_wherever_it_is(database, seconds, done):
    for age in (60, 7200, 7200, 1.1 * DAY):
        write(database, age)
    move(database)
    with database.connect() as connection:
        code = code_of("triage/finished").replace("$1", "%(since)s")
        assert connection.execute(code, {"since": str(seconds)}).fetchone() == {"done": done}


@pytest.mark.parametrize("role, may", [("api", set()), ("worker", {"jobs_done"}), ("ops", {"jobs_done", "jobs_all"})])
def test_who_may_read(database, role, may):
    with psycopg.connect(as_role(database.url, role), autocommit=True) as session:
        for table in ("jobs_done", "jobs_all", "jobs_done_before"):
            if table in may:
                session.execute(f"SELECT * FROM {table}")
            else:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    session.execute(f"SELECT * FROM {table}")
