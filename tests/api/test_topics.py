"""Topics, excerpts and previews are stored with the texts that they come from."""
import pytest

from api.test_page_fields import followed_post, in_feed
from support.battles import write_battle
from support.people import made, new_room
from support.program import Worker
from support.waiting import eventually

@pytest.fixture
def post(user, database):
    return write_battle(database, user, "Topic: Tabs or spaces\n\nBoth.")


def stored(database, post):
    return database.value("SELECT topic FROM posts WHERE id = %s", post.id)


def shown(user, post):
    return made(user.get(f"/b/{post.id}/meta"), 200)["topic"]


def test_a_new_post_has_its_topic(user, database):
    assert [stored(database, write_battle(database, user, content))
            for content in ("Topic: “Tabs”", "Measure first. Then cut.", "?!")] == ["Tabs", "Measure first", None]


def test_a_post_has_its_excerpt_and_a_changed_text_another(user, other, persona, room, database):
    post, _ = followed_post(user, other, persona, room, " Tea?\n\nOr  coffee? " + "x" * 300)

    def excerpts():
        return database.value("SELECT excerpt FROM posts WHERE id = %s", post.id), in_feed(other, post)["excerpt"]

    assert excerpts() == (("Tea? Or coffee? " + "x" * 300)[:220],) * 2
    database.execute("UPDATE posts SET content = E'Neither.\\n' WHERE id = %s", post.id)
    assert excerpts() == ("Neither.", "Neither.")
    database.execute("UPDATE posts SET excerpt = NULL WHERE id = %s", post.id)
    assert excerpts() == (None, "Neither."), "a post of before has it made by the reader"


def test_a_changed_text_has_another_topic(user, database, post):
    database.execute("UPDATE posts SET content = 'Topic: Spaces' WHERE id = %s", post.id)
    assert (stored(database, post), shown(user, post)) == ("Spaces", "Spaces")
    database.execute("UPDATE posts SET content = '…' WHERE id = %s", post.id)
    assert (stored(database, post), shown(user, post)[:10]) == ("…", "…")


def test_a_post_without_words_is_called_after_its_room(user, database):
    room = new_room(database, "The quiet room")
    post = write_battle(database, user, "?!", room=room.slug)
    assert (stored(database, post), shown(user, post)) == (None, "Battle in The quiet room")


def test_an_approved_draft_has_the_topic_of_what_was_approved(user, persona, room, database):
    post = user.approve(user.draft(persona, room), "Topic: As approved")
    assert stored(database, post) == "As approved"


def test_a_copied_row_keeps_what_it_brings(user, database, post):
    """A dump's rows aren't derived again, and are marked as what they are."""
    id = database.value("INSERT INTO posts (room_id, user_id, authored_by, status, content, topic, topic_rule) "
                        "SELECT room_id, user_id, authored_by, status, content, 'as in the dump', topic_rule() "
                        "FROM posts WHERE id = %s RETURNING id", post.id)
    assert database.value("SELECT topic FROM posts WHERE id = %s", id) == "as in the dump"


@pytest.mark.parametrize("rule", [None, 0])
def test_a_topic_of_an_older_rule_is_not_shown(user, database, post, rule):
    database.execute("UPDATE posts SET topic = 'of an older rule', topic_rule = %s WHERE id = %s", rule, post.id)
    assert shown(user, post) == "Tabs or spaces"


def test_a_worker_stores_what_is_missing(user, database, post, start):
    """More than a batch, with the times of change as they were."""
    database.execute("INSERT INTO posts (room_id, user_id, authored_by, status, content) "
                     "SELECT room_id, user_id, authored_by, status, 'Topic: number ' || n "
                     "FROM posts, generate_series(1, 1200) n WHERE id = %s", post.id)
    database.execute("UPDATE posts SET topic_rule = NULL")
    before = database.rows("SELECT id, battle_topic(content, NULL) AS topic, updated_at FROM posts ORDER BY id")
    start(Worker)
    eventually(lambda: database.value("SELECT count(*) FROM posts WHERE topic_rule IS DISTINCT FROM topic_rule()") == 0,
               within=20)
    assert database.rows("SELECT id, topic, updated_at FROM posts ORDER BY id") == before


def test_what_is_missing_is_found_by_its_index(database):
    with database.connect() as connection:
        connection.execute("SET enable_seqscan = off")
        plan = connection.execute("EXPLAIN SELECT id FROM posts WHERE topic_rule IS DISTINCT FROM topic_rule() "
                                  "LIMIT 500").fetchall()
    assert "posts_without_topic" in str(plan)


def test_a_template_has_its_preview(user, database):
    template = made(user.post("/templates", json={"name": "Long", "prompt_rules": "Be  brief.\n" + "Say why. " * 40,
                                                  "turn_count": 4, "word_limit": 100, "is_public": True}), 201)

    def preview():
        return database.value("SELECT rules_preview FROM templates WHERE id = %s", template["id"])

    assert preview() == ("Be brief. " + "Say why. " * 40)[:220]
    database.execute("UPDATE templates SET prompt_rules = 'Be  kind.' WHERE id = %s", template["id"])
    assert preview() == "Be kind."
