"""What a statement reads, by its plan: rows, not time, so that a slow machine changes nothing."""
import json
import re

from support.program import CHECKOUT

TABLE_READS = {"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Tid Scan"}


def statement(name):
    """The text of backend/sql/<name>.sql, without its comments."""
    return re.sub(r"--[^\n]*", "", (CHECKOUT / "backend/sql" / f"{name}.sql").read_text())


def _nodes(plan):
    yield plan
    for below in plan.get("Plans", []):
        yield from _nodes(below)


def _rows(node):
    skipped = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return (node["Actual Rows"] + skipped) * node["Actual Loops"]


def rows_read(connection, name, *arguments):
    """Runs the statement for good; the rows that it took from tables,
    those included that it looked at in vain."""
    literals = ", ".join("NULL" if value is None else f"'{value}'" for value in arguments)
    connection.execute(f"PREPARE measured AS {statement(name)}")
    try:
        (row,) = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE measured({literals})").fetchall()
    finally:
        connection.execute("DEALLOCATE measured")
    (answer,) = row.values()
    (explained,) = json.loads(answer) if isinstance(answer, str) else answer
    return sum(_rows(node) for node in _nodes(explained["Plan"]) if node["Node Type"] in TABLE_READS)
