"""docs/JOBS.md names what there is: statements, log messages, columns and settings;
and no statement of the queue is missing."""
import re

from support.program import CHECKOUT

TEXT = (CHECKOUT / "docs/JOBS.md").read_text()
NAMED = set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL)))
SQL = CHECKOUT / "backend/sql"


def statements():
    return {name for name in NAMED if re.fullmatch(r"[a-z]+/[a-z_]+", name)}


def test_every_statement_it_names_exists():
    assert statements() and [name for name in sorted(statements()) if not (SQL / f"{name}.sql").exists()] == []


def test_every_statement_of_the_queue_is_named():
    there = {f"jobs/{path.stem}" for path in SQL.glob("jobs/*.sql")} | {f"workers/{path.stem}"
                                                                        for path in SQL.glob("workers/*.sql")}
    assert there and sorted(there - statements()) == []


def test_every_statement_that_changes_a_job_is_named():
    changes = re.compile(r"\b(INSERT INTO|UPDATE|DELETE FROM) jobs\b")
    there = {str(path.relative_to(SQL).with_suffix(""))
             for path in SQL.rglob("*.sql") if changes.search(path.read_text())}
    assert len(there) > 8 and sorted(there - statements()) == []


def test_every_name_in_it_is_one_of_the_program():
    """Log messages, columns, indexes and triggers by their names; settings in capitals."""
    sources = "\n".join(path.read_text() for pattern in ("src/**/*.[ch]", "migrations/*.sql", "sql/**/*.sql")
                        for path in (CHECKOUT / "backend").glob(pattern))
    names = {name for name in NAMED if re.fullmatch(r"[a-z]+(_[a-z]+)+|[A-Z]+(_[A-Z]+)+", name)}
    assert len(names) >= 10 and sorted(name for name in names if not re.search(rf"\b{name}\b", sources)) == []


def test_every_file_in_it_exists():
    paths = {name for name in NAMED if re.fullmatch(r"[\w/]+\.(sql|py|c)", name)}
    assert paths and [path for path in sorted(paths)
                      if not any((CHECKOUT / root / path).exists() for root in (".", "backend/src"))] == []
