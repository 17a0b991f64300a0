"""Statements whose rows become JSON: their columns are the members of the shape that their contract
names, of types that src/sys/db/json.h knows, and their plans are made once."""
import json
import re

import psycopg
import pytest

from api.test_events import NAMES as EVENTS
from support.program import CHECKOUT
from support.statements import NAMES, embed, nullable, numbered_anew, parts_of, text_of

SHAPES = json.loads((CHECKOUT / "backend/src/api/openapi/schemas.json").read_text())
HEADED = [name for name in NAMES if parts_of(name)[0][0]]
FIRST_ENUM = 16384  # the OID of what a database makes itself (PostgreSQL: FirstNormalObjectId)
# OID of pg_type -> what the shape may say of it.
FORMS = {
    16: {("boolean", None)},
    20: {("integer", None), ("number", None)},
    21: {("integer", None), ("number", None)},
    23: {("integer", None), ("number", None)},
    701: {("number", None)},
    25: {("string", None)},
    1043: {("string", None)},
    1009: {("array", None)},
    1082: {("string", "date")},
    1184: {("string", "date-time")},
    2950: {("string", "uuid")},
    114: {("object", None), ("array", None)},
    3802: {("object", None), ("array", None), ("integer", None)},
}
VALUES = {"uuid": "'7d444840-9dc0-41d1-b245-5ffdce74fad2'::uuid", "text": "'ada'", "integer": "20",
          "bigint": "1700000000000000", "text[]": f"'{{{','.join(EVENTS)}}}'"}
SEVERAL = 7  # executions: the server plans the first five anew in any case


def resolved(shape):
    return SHAPES[shape["$ref"].rsplit("/", 1)[1]] if "$ref" in shape else shape


def rows_of(name):
    """A shape for what the contract calls rows: `-- Rows: followed[] FeedBattle, …; …`, or None."""
    rows = re.search(r"^-- Rows: (.*(?:\n--     .*)*)", embed.contract_of(text_of(name)), re.MULTILINE)
    lists = re.findall(r"(\w+)\[\] (\w+)", rows[1]) if rows else []
    return {"properties": {part: {"items": SHAPES[shape]} for part, shape in lists}} if lists else None


def shape_of(name):
    """Of the contract's answer below 400, or of its rows."""
    if shape := rows_of(name):
        return shape
    (shape,) = [what for answer in embed.answers(name, text_of(name)).split(" | ")
                for status, what in [answer.split(" ", 1)] if int(status) < 400]
    return resolved(SHAPES[shape])


def describe(connection, code, count):
    """(name, type) of each column."""
    used = embed.parameters_of(code)
    types = [0 if n in used else 25 for n in range(1, count + 1)]
    done = connection.pgconn.prepare(b"", code.encode(), types)
    assert done.status == psycopg.pq.ExecStatus.COMMAND_OK, done.error_message
    described = connection.pgconn.describe_prepared(b"")
    return [(described.fname(i).decode(), described.ftype(i)) for i in range(described.nfields)]


def is_enum(connection, oid):
    return connection.execute("SELECT typtype = 'e' AS it FROM pg_type WHERE oid = %s", [oid]).fetchone()[0]


def wrong_form(connection, oid, shape):
    """Why a column of this type can't be a member of this shape, or None."""
    if oid >= FIRST_ENUM:
        return None if is_enum(connection, oid) and ("enum" in shape or shape.get("type") == "string") else "no enum"
    if oid not in FORMS:
        return f"type {oid} has no form"
    if "enum" in shape or "const" in shape:
        return None
    return None if (shape.get("type"), shape.get("format")) in FORMS[oid] else f"type {oid} is no {shape}"


def member_of(shape, path):
    for piece in path:
        shape = resolved(shape).get("properties", {}).get(piece)
        if shape is None:
            return None
    return resolved(shape)


def problems_of(connection, shape, columns):
    shown = [(name, oid) for name, oid in columns if not name.startswith("_")]
    for name, oid in shown:
        member = member_of(shape, name.split("."))
        if member is None:
            yield f"{name} isn't in the shape"
        elif why := wrong_form(connection, oid, member):
            yield f"{name}: {why}"
    yield from missing(shape, {name for name, _ in shown})


def missing(shape, names):
    for required in resolved(shape).get("required", ()):
        below = {name.split(".", 1)[1] for name in names if name.startswith(f"{required}.")}
        if required not in names and not below:
            yield f"{required} is required"
        if below:
            yield from missing(resolved(shape)["properties"][required], below)


@pytest.fixture
def connection(database):
    with psycopg.connect(database.url, autocommit=True) as connection:
        yield connection


def test_there_are_such_statements():
    assert {"rooms/list", "posts/list_in_room", "posts/thread", "digests/today"} <= set(HEADED)


@pytest.mark.parametrize("name", HEADED)
def test_columns_are_members_of_the_shape(name, connection):
    shape, found, given = shape_of(name), [], set()
    count = max(set().union(*(embed.parameters_of(code) for _, code in parts_of(name))), default=0)
    for head, code in parts_of(name):
        columns, form = describe(connection, code, count), embed.form_of(head)
        if form == "SQL_LIST":
            found += problems_of(connection, resolved(shape["properties"][head["name"]])["items"], columns)
            given |= {head["name"]} | ({"next_cursor"} if head["size"] else set())
            assert not head["size"] or {head["stamp"], head["id"]} <= {name for name, _ in columns}
        elif form == "SQL_OBJECT":
            found += problems_of(connection, shape["properties"][head["name"]], columns)
            given.add(head["name"])
        elif form == "SQL_SELF":
            found += [f for f in problems_of(connection, shape, columns) if not f.endswith("is required")]
            given |= {name for name, _ in columns}
        else:
            assert [oid for _, oid in columns[:2]] == [23, 25], "a verdict is status int, sentence text"
            if columns[2:]:
                assert [name for name, _ in columns[:2]] == ["_status", "_error"], "neither is a member"
                found += [f for f in problems_of(connection, shape, columns[2:]) if not f.endswith("is required")]
                given |= {name for name, _ in columns[2:]}
    assert found + list(missing(shape, given)) == []


def executed(connection, code, values):
    connection.execute(f"PREPARE measured AS {code}")
    for _ in range(SEVERAL):
        connection.execute(f"EXECUTE measured({', '.join(values)})" if values else "EXECUTE measured")
    row = connection.execute("SELECT custom_plans FROM pg_prepared_statements WHERE name = 'measured'").fetchone()
    connection.execute("DEALLOCATE measured")
    return row[0]


def parameter_types(connection, code):
    connection.execute(f"PREPARE typed AS {code}")
    (types,) = connection.execute("SELECT parameter_types::text[] FROM pg_prepared_statements "
                                  "WHERE name = 'typed'").fetchone()
    connection.execute("DEALLOCATE typed")
    return types


@pytest.mark.parametrize("name", HEADED)
def test_a_part_is_not_planned_anew_at_each_call(name, connection):
    for _, code in parts_of(name):
        code, used = numbered_anew(code)
        types = parameter_types(connection, code)
        for nulls in (set(), nullable(name)):
            values = ["NULL" if n in nulls else VALUES[type] for n, type in zip(used, types)]
            assert executed(connection, code, values) <= 5, f"{code}\nwith {values}"
