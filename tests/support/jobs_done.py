"""Jobs that ended some time ago, and the statement that moves them from `jobs` to `jobs_done`."""
import re

from support.statements import code_of

HOUR_MS, WEEK_MS = 3600 * 1000, 7 * 24 * 3600 * 1000
MOVE = re.sub(r"\$(\d)", r"%(\1)s", code_of("jobs/move_done"))


def write(database, seconds, status="DONE", n=1, **columns):
    """n jobs that ended so many seconds ago, or that are as old."""
    names, values = "".join(f", {name}" for name in columns), "".join(", %s" for _ in columns)
    return [row["id"] for row in database.rows(
        f"INSERT INTO jobs (job_type, status, available_at, created_at, updated_at, finished_at{names}) "
        f"SELECT 'knit_sweater', %s, at, at, at, CASE WHEN %s IN ('DONE', 'FAILED') THEN at END{values} "
        "FROM (SELECT now() - %s * interval '1 second' AS at FROM generate_series(1, %s)) ends RETURNING id",
        status, status, *columns.values(), seconds, n)]


def moving(connection, batch=500, after=0, stays_ms=HOUR_MS, code=MOVE):
    """What one statement answers, in the connection's transaction."""
    return connection.execute(code, {"1": stays_ms, "2": batch, "3": after}).fetchone()


def move(database, **options):
    with database.connect() as connection:
        return moving(connection, **options)


def ids(database, table):
    return [row["id"] for row in database.rows(f"SELECT id FROM {table} ORDER BY id")]


def is_moved(database, *jobs):
    """These are in jobs_done, and no others."""
    return ids(database, "jobs_done") == sorted(jobs)
