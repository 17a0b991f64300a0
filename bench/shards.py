"""shards.py [--posts N]: whether a room's page can be read over two databases.

Posts are put by their user's hash into two databases of one Postgres, which a third reads through
postgres_fdw as one table. The page of the newest 101 is read there and in a table that has all;
medians of planning and execution. Writes don't work that way: docs/SCALING.md says why.
"""
import argparse
import pathlib
import re
import statistics
import sys

CHECKOUT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT / "tests"))

from support.postgres import Cluster  # noqa: E402

ROUNDS = 200
SHAPE = "CREATE TABLE shape (user_id uuid) PARTITION BY HASH (user_id);\n"
POSTS = """
    CREATE TABLE posts (id uuid NOT NULL, user_id uuid NOT NULL, room int NOT NULL, content text NOT NULL,
                        created_at timestamptz NOT NULL);
    INSERT INTO posts
    SELECT md5('post ' || n)::uuid, md5('user ' || n % 5000)::uuid, n % 4, repeat('what people write ', 20),
           now() - n * interval '10 seconds'
    FROM generate_series(1, {count}) n {where};
    CREATE INDEX ON posts (room, created_at DESC, id DESC);
    VACUUM ANALYZE posts;
"""
SHARED = """
    CREATE EXTENSION postgres_fdw;
    CREATE TABLE shared (LIKE posts) PARTITION BY HASH (user_id);
"""
REMOTE = """
    CREATE SERVER shard{n} FOREIGN DATA WRAPPER postgres_fdw
        OPTIONS (host '127.0.0.1', port '{port}', dbname '{name}', use_remote_estimate 'true');
    CREATE USER MAPPING FOR CURRENT_USER SERVER shard{n} OPTIONS (user 'postgres');
    CREATE FOREIGN TABLE posts_{n} PARTITION OF shared FOR VALUES WITH (MODULUS 2, REMAINDER {n})
        SERVER shard{n} OPTIONS (table_name 'posts');
"""
PAGE = "EXPLAIN (ANALYZE, TIMING off) SELECT * FROM {} WHERE room = 1 ORDER BY created_at DESC, id DESC LIMIT 101"


def run(database, script):
    with database.connect() as connection:
        for statement in script.split(";\n"):
            if statement.strip():
                connection.execute(statement)


def page(database, table):
    """Milliseconds of planning and of execution."""
    planned, executed = [], []
    with database.connect() as connection:
        for _ in range(ROUNDS):
            plan = "\n".join(row["QUERY PLAN"] for row in connection.execute(PAGE.format(table)).fetchall())
            planned.append(float(re.search(r"Planning Time: ([\d.]+)", plan)[1]))
            executed.append(float(re.search(r"Execution Time: ([\d.]+)", plan)[1]))
    return statistics.median(planned), statistics.median(executed)


def main():
    parser = argparse.ArgumentParser(usage=__doc__, add_help=False)
    parser.add_argument("--posts", type=int, default=200_000)
    if "--help" in sys.argv:
        print(__doc__)
        return
    count = parser.parse_args().posts
    with Cluster() as cluster:
        whole, *shards = [cluster.create() for _ in range(3)]
        print(f"{count:,} posts", file=sys.stderr)
        run(whole, POSTS.format(count=count, where="") + SHARED)
        for n, shard in enumerate(shards):
            half = f"WHERE satisfies_hash_partition('shape'::regclass, 2, {n}, md5('user ' || n % 5000)::uuid)"
            shard.execute(f"ALTER DATABASE {shard.name} SET random_page_cost = 1.1")  # as on a disk without heads
            run(shard, SHAPE + POSTS.format(count=count, where=half))
            run(whole, REMOTE.format(n=n, port=cluster.port, name=shard.name))
        assert whole.count("shared") == count
        print("| the newest 101 of a room | planning | execution | together |\n|---|---|---|---|")
        for title, table in (("in one table", "posts"), ("over two databases", "shared")):
            planning, execution = page(whole, table)
            print(f"| {title} | {planning:.2f} ms | {execution:.2f} ms | {planning + execution:.2f} ms |")


if __name__ == "__main__":
    main()
