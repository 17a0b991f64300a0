"""What a statement reads, by its plan: rows, not time, so that a slow machine changes nothing."""
import json

from support.statements import numbered_anew, parts_of

TABLE_READS = {"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Tid Scan"}


def _nodes(plan):
    yield plan
    for below in plan.get("Plans", []):
        yield from _nodes(below)


def _rows(node):
    skipped = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return (node["Actual Rows"] + skipped) * node["Actual Loops"]


def _rows_of(connection, code, arguments):
    code, used = numbered_anew(code)
    literals = ", ".join("NULL" if arguments[n - 1] is None else f"'{arguments[n - 1]}'" for n in used)
    connection.execute(f"PREPARE measured AS {code}")
    try:
        (row,) = connection.execute("EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE measured"
                                    + (f"({literals})" if used else "")).fetchall()
    finally:
        connection.execute("DEALLOCATE measured")
    (answer,) = row.values()
    (explained,) = json.loads(answer) if isinstance(answer, str) else answer
    return sum(_rows(node) for node in _nodes(explained["Plan"]) if node["Node Type"] in TABLE_READS)


def rows_read(connection, name, *arguments):
    """Runs the statement for good; the rows that its parts took from tables,
    those included that they looked at in vain."""
    return sum(_rows_of(connection, code, arguments) for _, code in parts_of(name))
