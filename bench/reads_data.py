"""The data sets of `script/bench reads`: bench/data/*.sql in their order, on a migrated database.

Ids follow from a row's kind and number (`id_of`), so that a client knows whom and what to ask for
without a look at the database.
"""
import hashlib
import pathlib
import re
import time
import uuid

CHECKOUT = pathlib.Path(__file__).resolve().parents[1]
FOLDER = CHECKOUT / "bench" / "data"
SMALL, LARGE = 1_000, 100_000  # users; ten posts, thirty replies and fifty events each


def id_of(kind, n):
    """As pg_temp.id in data/01_ids.sql."""
    digits = hashlib.md5(f"{kind}{n}".encode()).hexdigest()
    return str(uuid.UUID(f"{digits[:12]}4{digits[13:16]}8{digits[17:]}"))


# What a load would pay for row by row, and what is cheaper made in one go afterwards.
FOREIGN_KEYS = """
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop,
           format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS make
    FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 AND connamespace = 'public'::regnamespace
    ORDER BY conrelid, conname"""
INDEXES = """
    SELECT format('DROP INDEX %s', indexrelid::regclass) AS drop,
           replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') AS make
    FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
    WHERE relnamespace = 'public'::regnamespace AND NOT relispartition
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    ORDER BY indrelid, indexrelid"""


def load(database, users, report):
    """All files in one transaction, so that now() is the same in all; report(name, seconds) after
    each. Foreign keys and indexes without a constraint are made anew at the end, to the same
    definitions. Then the tables are vacuumed and analysed, as after days of work."""
    steps = {path.stem.split("_", 1)[1]: [re.sub(r":users\b", str(users), path.read_text())]
             for path in sorted(FOLDER.glob("*.sql"))}
    with database.connect() as connection:
        with connection.transaction():
            connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
            removed = [row for query in (INDEXES, FOREIGN_KEYS) for row in connection.execute(query).fetchall()]
            steps = {"no indexes": [row["drop"] for row in removed]} | steps
            steps["indexes"] = [row["make"] for row in removed]
            for name, statements in steps.items():
                run_step(connection, name, statements, report)
        run_step(connection, "vacuum", ["VACUUM ANALYZE"], report)


def run_step(connection, name, statements, report):
    began = time.monotonic()
    for statement in statements:
        connection.execute(statement)
    report(name, time.monotonic() - began)
