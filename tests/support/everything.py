"""Somebody who has rows in every table that has users' rows, and where they are found."""
import uuid

from support.people import new_room, sign_up
from support.sessions import log_in

COLUMNS = """
SELECT c.table_name, c.column_name FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
  AND c.data_type = ANY (%s)
"""
MOVED = """
INSERT INTO jobs_done (id, job_type, post_id, persona_id, user_id, payload, status, priority, attempts, dirty,
                       available_at, finished_at, created_at, updated_at)
VALUES (nextval('jobs_id_seq'), 'x', %s, %s, %s, '{}', 'DONE', 2, 1, false, now(), now(), now(), now())
"""
IDS = ["uuid"]
ALL = ["uuid", "text", "jsonb", "json", "character varying", "ARRAY"]


def a_busy_person(api, database):
    """With neighbours: a stranger's post has the person's reply, follow, template and share, and
    the person's posts have those of the stranger."""
    person, stranger = sign_up(api), sign_up(api)
    room = new_room(database)
    persona, theirs = person.persona(name="Somebody Gone"), stranger.persona(name="Somebody Else")
    posts = [person.publish(persona, room, f"Tabs or spaces, the {n}th time?") for n in range(3)]
    person.draft(persona, room)
    their_post = stranger.publish(theirs, room, "Spaces, of course.")
    template = person.post("/templates", json={"name": "Short", "prompt_rules": "Be brief.", "turn_count": 4,
                                               "word_limit": 80, "is_public": True},
                           headers={"Idempotency-Key": "once"}).json()["id"]
    stranger.post(f"/rooms/{room.id}/battles", json={"topic": "Is brief better?", "template_id": template})
    for one, persona_of_one in ((person, persona), (stranger, theirs)):
        slug = one.post(f"/personas/{persona_of_one.id}/publish-profile", json={}).json()["slug"]
        (stranger if one is person else person).post(f"/p/{slug}/follow")
    for post in (posts[0], their_post):
        person.post("/events", json={"event_name": "battle_shared", "metadata": {"battle_id": post.id}})
    person.post(f"/personas/{persona.id}/preview?room_id={room.id}")
    log_in(person)
    again = log_in(person)
    again.post("/auth/logout")
    fill_by_hand(database, person, persona, posts, stranger, theirs, their_post)
    return person, stranger, [person.id, persona.id, template, *(post.id for post in posts), person.email]


def fill_by_hand(database, person, persona, posts, stranger, theirs, their_post):
    """What the worker and operators write."""
    for statement, *values in [
        ("INSERT INTO replies (post_id, persona_id, user_id, content) VALUES (%s, %s, %s, 'No.')",
         their_post.id, persona.id, person.id),
        ("INSERT INTO replies (post_id, persona_id, user_id, content) VALUES (%s, %s, %s, 'Yes.')",
         posts[0].id, theirs.id, stranger.id),
        ("INSERT INTO thread_summaries (post_id, version, summary) VALUES (%s, '', 'Said.') ON CONFLICT DO NOTHING",
         posts[0].id),
        ("INSERT INTO persona_digests (persona_id, date) VALUES (%s, '2026-01-01')", persona.id),
        ("INSERT INTO weekly_digests (user_id, week_start) VALUES (%s, '2026-01-05')", person.id),
        ("INSERT INTO jobs (job_type, post_id, persona_id, status) VALUES ('generate_reply', %s, %s, 'DONE')",
         posts[1].id, theirs.id),
        ("INSERT INTO jobs (job_type, persona_id, status) VALUES ('persona_digest', %s, 'FAILED')", persona.id),
        ("INSERT INTO jobs (job_type, user_id, status) VALUES ('weekly_digest', %s, 'DONE')", person.id),
        (MOVED, posts[1].id, theirs.id, None),
        (MOVED, their_post.id, persona.id, None),
        (MOVED, None, None, person.id),
        ("INSERT INTO notifications (user_id, actor_user_id, type, title) VALUES (%s, %s, 'persona_followed', 'x')",
         stranger.id, person.id),
        ("INSERT INTO battle_remixers (user_id, battle_id, day) VALUES (%s, %s, '2026-01-01')",
         person.id, their_post.id),
        ("INSERT INTO mail_links (token_hash, user_id, purpose, email, expires_at) VALUES (%s, %s, 'reset', %s, "
         "now() + interval '1 hour')", uuid.uuid4().bytes, person.id, person.email),
        ("INSERT INTO administrators (user_id) VALUES (%s)", person.id),
        ("INSERT INTO administrator_changes (user_id, change, made_by) VALUES (%s, 'grant', 'root@host')", person.id),
    ]:
        database.execute(statement, *values)




def found(database, types, *needles):
    """The columns of these types that have one of these as a value or within it, in how many rows."""
    places = [(row["table_name"], row["column_name"]) for row in database.rows(COLUMNS, types)]
    counts = " UNION ALL ".join(
        f"""SELECT '{table}.{column}' AS place, count(*) AS rows FROM "{table}", needles
            WHERE strpos("{table}"."{column}"::text, needle) > 0""" for table, column in places)
    rows = database.rows(f"WITH needles AS (SELECT unnest(%s::text[]) AS needle) {counts}", [*map(str, needles)])
    return {row["place"]: row["rows"] for row in rows if row["rows"]}
