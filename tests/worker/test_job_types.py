"""The types of jobs are one table, backend/src/config/job_types.c; what the database knows of them is
held against it."""
import re

import pytest

from support.program import CHECKOUT
from support.queue import write_job

CONFIG = CHECKOUT / "backend/src/config"
JOBS = CHECKOUT / "backend/sql/jobs"
ROWS = re.findall(r'ROW\("(\w+)", (\d+)\)', (CONFIG / "job_types.c").read_text())
TABLE = {name: int(priority) for name, priority in ROWS}
NUMBERS = dict(re.findall(r"(JOB_PRIORIT\w+) = (\d+)", (CONFIG / "job_types.h").read_text()))
PRIORITIES = range(int(NUMBERS["JOB_PRIORITIES"]))
WITHOUT_ROW = {"knit_sweater": int(NUMBERS["JOB_PRIORITY_OTHER"])}
EXPECTED = TABLE | WITHOUT_ROW


def test_every_priority_is_that_of_a_type():
    assert sorted(TABLE.values()) == list(PRIORITIES)


@pytest.mark.parametrize("type", EXPECTED)
def test_the_database_gives_a_type_the_same_priority(database, type):
    """Both where it is asked (job_priority) and where it is stored (jobs.priority)."""
    assert database.value("SELECT job_priority(%s)", type) == EXPECTED[type]
    assert database.value("SELECT priority FROM jobs WHERE id = %s", write_job(database, type=type)) == EXPECTED[type]


@pytest.mark.parametrize("type", TABLE)
def test_a_pause_keeps_the_type_of_its_name_waiting(database, type):
    database.execute("INSERT INTO settings (key, value) VALUES (%s, 'true')", f"queue.pause.{type}")
    assert database.value("SELECT paused_priorities()") == [TABLE[type]]


def test_the_statements_read_every_priority():
    (most,) = re.findall(r"generate_series\(1, (\d+)\)", (JOBS / "claim.sql").read_text())
    assert int(most) == len(PRIORITIES)
    (values,) = re.findall(r"VALUES (.+)\) urgency\(priority\)", (JOBS / "next_due.sql").read_text())
    assert [int(value) for value in re.findall(r"\((\d+)", values)] == list(PRIORITIES)
