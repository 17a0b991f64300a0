"""Battles and what happens to them, written with plain SQL: whoever writes it, it counts."""
import json

from support.people import Record


def write_battle(database, author, content="Is it worth it?", hours_old=1.0, persona=None, room="go-backend",
                 status="PUBLISHED"):
    """A published post of `author`, so many hours old."""
    return Record(id=str(database.value(
        "INSERT INTO posts (room_id, user_id, persona_id, authored_by, status, content, created_at, published_at) "
        "SELECT id, %s, %s, 'HUMAN', %s, %s, now() - %s * interval '1 hour', now() FROM rooms WHERE slug = %s "
        "RETURNING id",
        author.id, persona and persona.id, status, content, hours_old, room)))


def add_replies(database, post, count, persona=None):
    database.execute("INSERT INTO replies (post_id, persona_id, authored_by, content) "
                     "SELECT %s, %s, 'AI', 'Reply ' || n FROM generate_series(1, %s) n",
                     post.id, persona and persona.id, count)


def happen(database, name, metadata, user=None, days_ago=0.0, times=1):
    database.execute("INSERT INTO events (user_id, event_name, metadata, created_at) "
                     "SELECT %s, %s, %s, now() - %s * interval '1 day' FROM generate_series(1, %s)",
                     user and user.id, name, json.dumps(metadata), days_ago, times)


def engage(database, battle, shares=0, remixes=0):
    """Visitors share and remix it."""
    for name, count in (("battle_shared", shares), ("remix_completed", remixes)):
        happen(database, name, {"battle_id": battle.id}, times=count)


def summarize(database, battle, summary="They compare notes. It stays open."):
    """A summary of some earlier state of the thread, which serves as any other."""
    database.execute("INSERT INTO thread_summaries (post_id, version, summary) VALUES (%s, 'earlier', %s)", battle.id,
                     summary)
