"""Rows of any contents, as somebody may write them by hand: each column of each table gets what its
type lets through, from one end to the other."""
import json

INT2, INT4, INT8 = 2**15, 2**31, 2**63
TIMES = ("-infinity", "infinity", "4713-01-01 00:00Z BC", "0001-01-01Z", "1970-01-01Z", "now", "tomorrow",
         "294276-12-31 23:59:59Z", "9999-12-31Z")
TEXTS = ("", " ", "x" * 5000, "line\r\nline: 1\t\x01\x7f", '"\'\\{}', "\U0001f9f6" * 300, "\u202e\u0085", "true")
SHAPES = ({}, [], [], [{}], ["a", "b"], "text", 0, -1e300, True, {"trace_id": {"a": [1]}}, {"post_id": 7},
          ["", None, {"a": 1}], {"battle_id": ["x"], "source_battle_id": ""}, {"a": {"b": {"c": [None] * 50}}})
NUMBERS = {"smallint": INT2, "integer": INT4, "bigint": INT8}
STRANGER = "eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee"
POOLS = {
    "timestamp with time zone": TIMES, "text": TEXTS, "jsonb": SHAPES, "boolean": (True, False),
    "date": ("-infinity", "infinity", "4713-01-01 BC", "0001-01-01", "1970-01-01", "today", "9999-12-31",
             "5874897-12-31"),
    "cidr": ("203.0.113.0/24", "2001:db8::/32", "198.51.100.7/32"),
    "bytea": ("\\x", "\\x00ff", "\\x" + "ab" * 32),
}
COLUMNS = """
    SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type,
           (SELECT f.confrelid::regclass::text FROM pg_constraint f
            WHERE f.contype = 'f' AND f.conrelid = a.attrelid AND f.conkey[1] = a.attnum) AS of_table,
           ARRAY(SELECT enumlabel::text FROM pg_enum WHERE enumtypid = a.atttypid
                 UNION ALL SELECT word[1] FROM pg_constraint c
                 CROSS JOIN regexp_matches(pg_get_constraintdef(c.oid), '''([a-z_]+)''::text', 'g') word
                 WHERE c.contype = 'c' AND c.conrelid = a.attrelid AND c.conkey = ARRAY[a.attnum]
                   AND a.atttypid = 'text'::regtype) AS labels,
           a.attnotnull AND NOT a.atthasdef AS is_needed
    FROM pg_attribute a
    WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum"""
TRY = """
    CREATE OR REPLACE FUNCTION pg_temp.write_if_it_may(target regclass, line jsonb) RETURNS boolean
    LANGUAGE plpgsql AS $$
    DECLARE names text := (SELECT string_agg(quote_ident(key), ', ') FROM jsonb_object_keys(line) key);
    BEGIN
        EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM jsonb_populate_record(NULL::%s, $1)', target, names, names,
                       target) USING line;
        RETURN true;
    EXCEPTION WHEN data_exception OR integrity_constraint_violation OR program_limit_exceeded THEN
        RETURN false;
    END $$"""


def columns_of(database, table):
    return [tuple(row.values()) for row in database.rows(COLUMNS, table)]


def odd_value(dice, column, ids):
    """`ids`: of the rows that other tables may name, by table."""
    _, type, of_table, labels, _ = column
    if ids.get(of_table):
        return dice.choice(ids[of_table])
    if type == "uuid":
        return dice.choice([dice.choice(some) for some in ids.values() if some] + [STRANGER])
    if type == "uuid[]":
        return dice.choice(([], [[each] * 2 for each in ids["users"][:2]], ids["users"][:1]))
    if type in NUMBERS:
        most = NUMBERS[type]
        return dice.choice((-most, -1, 0, 1, 3, 20, 100, most // 2, most - 2, most - 1))
    if type == "text" and not labels and dice.random() < 0.5:
        return f"{dice.choice(TEXTS)[:50]}{dice.random()}"
    return dice.choice(labels or POOLS[type])


def odd_row(dice, columns, ids):
    """A column that may be left out sometimes is; an id that a sequence gives always."""
    columns = [column for column in columns if column[-1] or column[:2] != ("id", "bigint")]
    chosen = [column for column in columns if column[-1] or dice.random() < 0.8] or columns
    return {column[0]: odd_value(dice, column, ids) for column in chosen}


def write_where_it_may(database, table, rows):
    """How many of the rows SQL lets through; the others are refused one by one."""
    with database.connect() as connection:
        connection.execute(TRY)
        written = connection.execute(
            "SELECT count(*) FILTER (WHERE pg_temp.write_if_it_may(%s::regclass, line)) AS n "
            "FROM jsonb_array_elements(%s::jsonb) line", (table, json.dumps(rows))).fetchone()
    return written["n"]
