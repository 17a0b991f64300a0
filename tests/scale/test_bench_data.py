"""The data sets of `script/bench reads` fit the schema, and pgbench gets its statements."""
import sys

import pytest

from support.program import CHECKOUT, Api
from support.tokens import claims_for, token

sys.path.insert(0, str(CHECKOUT / "bench"))

import reads_data  # noqa: E402
import reads_routes  # noqa: E402

USERS = 20
SCHEMA = """
    SELECT conrelid::regclass::text AS of, conname AS name, pg_get_constraintdef(oid) AS definition
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conparentid = 0
    UNION ALL
    SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
       AND NOT (SELECT relispartition FROM pg_class WHERE oid = indexname::regclass)
    UNION ALL
    SELECT inhparent::regclass::text, 'parts', count(*)::text FROM pg_inherits GROUP BY 1
    ORDER BY 1, 2, 3"""


@pytest.fixture
def database(own_database):
    return own_database


def test_the_data_of_reads_loads(database):
    schema, steps = database.rows(SCHEMA), []
    reads_data.load(database, USERS, lambda name, seconds: steps.append(name))
    counts = {table: database.count(table) for table in ("users", "personas", "posts", "replies", "events",
                                                         "thread_summaries", "notifications", "weekly_digests")}
    assert counts == {"users": 20, "personas": 40, "posts": 200, "replies": 600, "events": 1000,
                      "thread_summaries": 200, "notifications": 100, "weekly_digests": 20}
    assert database.value("SELECT sum(events) FROM event_counts") == 1000
    assert database.value("SELECT count(*) FROM posts WHERE topic_rule IS DISTINCT FROM topic_rule() "
                          "OR topic IS DISTINCT FROM battle_topic(content, NULL) "
                          "OR excerpt IS DISTINCT FROM excerpt(content) OR replies_count <> count_replies(id) "
                          "OR voices IS DISTINCT FROM find_voices(id, persona_id)") == 0
    assert database.rows(SCHEMA) == schema
    assert "events" in steps


def test_ids_are_known_and_threads_have_fresh_summaries(database, start):

    reads_data.load(database, USERS, lambda *_: None)
    api, id = start(Api), reads_data.id_of("user", 1)
    answer = api.client.get(f"/posts/{reads_data.id_of('post', 1)}/thread",
                            headers={"Authorization": f"Bearer {token(claims_for(id))}"}).json()
    assert answer["ai_summary_status"] == "fresh"
    assert len(answer["replies"]) == 3


def test_a_statement_of_several_parts_goes_out_as_a_pipeline():
    files = {"verdicts/known": "-- Who is known.\n-- $1 uuid caller\n\n-- verdict\nSELECT 1 WHERE $1::uuid IS NULL",
             "rooms/page": "-- A page.\n-- $1 uuid caller   $2 int limit\n\n-- include verdicts/known\n\n"
                           "-- rooms[]: page of $2 by name\n"
                           "SELECT name -- shown\nFROM rooms WHERE $3::int IS NULL LIMIT $2"}
    text, variables = reads_routes.script_of(files["rooms/page"], 7, ["me", "10", None], files.get)
    assert text == ("\\startpipeline\nSELECT 1 WHERE :v7_1::uuid IS NULL;\n"
                    "SELECT name \nFROM rooms WHERE NULL::int IS NULL LIMIT :v7_2;\n\\endpipeline\n")
    assert variables == {"v7_1": "me", "v7_2": "10"}


def test_a_statement_of_one_part_goes_out_alone():
    text, _ = reads_routes.script_of(reads_routes.statement_text("profiles/slug_source"), 0, ["me", "it"])
    assert text.startswith("SELECT CASE") and text.rstrip().endswith("f.persona_id = p.id;")
