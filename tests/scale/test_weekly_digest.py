"""A weekly digest costs the same however many posts there are,
and what it takes from indexes is enough to find the best."""
import json

import pytest

from support.plans import rows_read
from support.statements import code_of

POSTS, AUTHORS = 20_000, 500

# The weekly score, counted over all posts.
BEST = """
    SELECT p.id::text FROM posts p
    LEFT JOIN battle_engagement e ON e.battle_id = p.id AND e.day = utc_day(now())
    WHERE p.status = 'PUBLISHED' AND p.created_at > now() - interval '7 days' AND p.user_id <> %(user)s
      AND p.id NOT IN (SELECT battle_of(metadata) FROM events
                       WHERE user_id = %(user)s AND event_name = 'public_battle_viewed')
    ORDER BY 2 * coalesce(e.shares, 0) + 3 * coalesce(e.remixes, 0) + greatest(96 - age_in_hours(p.created_at), 0)
             + CASE WHEN EXISTS (SELECT FROM persona_follows f
                                 WHERE f.follower_user_id = %(user)s AND f.followed_persona_id = p.persona_id)
               THEN 6 ELSE 0 END DESC, p.created_at DESC, p.id DESC
    LIMIT 3"""


@pytest.fixture(scope="module")
def database(database):
    """Eight days of posts, a fifth of them shared or remixed,
    readers who follow and have seen what is best."""
    with database.connect() as connection:
        connection.execute("SELECT setseed(0.4)")
        for sql in (
            """WITH u AS (INSERT INTO users (email, password_hash)
                          SELECT 'author-' || n, 'x' FROM generate_series(1, %(authors)s) n RETURNING id)
                       INSERT INTO personas (user_id, name) SELECT id, 'Author' FROM u""",
            """INSERT INTO posts (room_id, user_id, persona_id, authored_by, status, content, created_at)
                       SELECT r.id, a.user_id, a.id, 'HUMAN', 'PUBLISHED', 'Is it? It is.',
                              now() - random() * interval '8 days'
                       FROM (SELECT id, user_id, row_number() OVER () AS n FROM personas) a, rooms r,
                            generate_series(1, %(posts)s / %(authors)s) i
                       WHERE r.slug = 'game-dev'""",
            """INSERT INTO events (event_name, metadata, created_at)
                       SELECT CASE WHEN random() < 0.7 THEN 'battle_shared' ELSE 'remix_completed' END,
                              jsonb_build_object('battle_id', p.id), now() - random() * interval '3 days'
                       FROM (SELECT id, random() AS luck FROM posts) p, generate_series(1, 40) n
                       WHERE luck < 0.2 AND n <= 40 * (luck * 5) ^ 4 + 1""",
            """INSERT INTO persona_follows SELECT u.id, p.id FROM users u, personas p
                       WHERE random() < 0.02 AND p.user_id <> u.id""",
            """INSERT INTO events (user_id, event_name, metadata)
                       SELECT u.id, 'public_battle_viewed', jsonb_build_object('battle_id', e.battle_id)
                       FROM (SELECT id FROM users LIMIT 20) u,
                            (SELECT battle_id FROM battle_engagement WHERE day = utc_day(now())
                             ORDER BY weight DESC LIMIT 300) e
                       WHERE random() < 0.8""",
            "INSERT INTO thread_summaries (post_id, version, summary) SELECT id, 'x', 'Said.' FROM posts", "ANALYZE"):
            connection.execute(sql, {"posts": POSTS, "authors": AUTHORS} if "%(" in sql else None)
    return database


@pytest.fixture(scope="module")
def readers(database):
    return [row["id"] for row in database.rows("SELECT id FROM users LIMIT 30")]


def test_the_best_of_the_candidates_are_the_best_of_all(database, readers):
    with database.connect() as connection:
        connection.autocommit = False
        connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        connection.execute(f"PREPARE brief AS {code_of('weekly/brief')}")
        for number, reader in enumerate(readers):
            (brief,
             ) = connection.execute(f"EXECUTE brief('{{{number}}}', '{{{reader}}}', ARRAY[this_monday()])").fetchall()
            best = [row["id"] for row in connection.execute(BEST, {"user": reader}).fetchall()]
            assert (brief["job"], [item["battle_id"] for item in json.loads(brief["body"])]) == (number, best), reader


def array(items):
    return "{" + ",".join(map(str, items)) + "}"


@pytest.mark.parametrize("plan", ["force_custom_plan", "force_generic_plan"])
def test_a_digest_reads_a_bounded_number_of_rows(database, readers, plan):
    monday = database.value("SELECT this_monday()")

    def read(users):
        return rows_read(connection, "weekly/brief", array(range(len(users))), array(users),
                         array([monday] * len(users)))

    def most(users):
        return sum(400 + 3 * database.count("events", user_id=user) for user in users)

    with database.connect() as connection:
        connection.execute(f"SET plan_cache_mode = {plan}")
        for reader in readers:
            assert read([reader]) < most([reader])
        assert read(readers) < most(readers)
