"""What stands with a post of its replies: how many there are, and whose came first."""
import pytest

from api.test_page_fields import followed_post, in_feed
from api.test_rooms_posts import posts_of, write_posts
from support.battles import add_replies, engage, write_battle
from support.people import Record, made
from support.waiting import at_once, eventually


def counted(database, post):
    return database.value("SELECT replies_count FROM posts WHERE id = %s", post.id)


def test_replies_are_counted_as_they_come_and_go(user, database):
    post, another = write_battle(database, user), write_battle(database, user)
    updated_at = database.value("SELECT updated_at FROM posts WHERE id = %s", post.id)
    assert counted(database, post) == 0
    database.execute("INSERT INTO replies (post_id, content) SELECT unnest(%s::uuid[]), 'Reply.'",
                     [post.id, another.id, post.id])
    assert (counted(database, post), counted(database, another)) == (2, 1)
    database.execute("DELETE FROM replies WHERE id IN (SELECT id FROM replies WHERE post_id = %s LIMIT 1)", post.id)
    assert (counted(database, post), counted(database, another)) == (1, 1)
    database.execute("DELETE FROM posts WHERE id = %s", post.id)
    assert (database.count("replies", post_id=post.id), counted(database, another)) == (0, 1)
    assert database.value("SELECT updated_at FROM posts WHERE id = %s", another.id) >= updated_at


def test_replies_of_a_post_from_before_are_counted_by_readers_until_the_next(user, room, database):
    write_posts(database, user, room, 1)
    post = Record(posts_of(user, room)["posts"][0])
    add_replies(database, post, 2)
    database.execute("UPDATE posts SET replies_count = NULL WHERE id = %s", post.id)
    assert posts_of(user, room)["posts"][0]["replies_count"] == 2
    database.execute("DELETE FROM replies WHERE id IN (SELECT id FROM replies WHERE post_id = %s LIMIT 1)", post.id)
    assert counted(database, post) is None and posts_of(user, room)["posts"][0]["replies_count"] == 1
    add_replies(database, post, 2)
    assert counted(database, post) == posts_of(user, room)["posts"][0]["replies_count"] == 3


@pytest.mark.parametrize("known", ["0", "NULL"])
def test_replies_that_come_at_once_are_all_counted(user, database, known):
    post = write_battle(database, user)
    database.execute(f"UPDATE posts SET replies_count = {known} WHERE id = %s", post.id)
    with database.connect() as holder:
        holder.autocommit = False
        holder.execute("INSERT INTO replies (post_id, content) VALUES (%s, 'First.')", [post.id])

        def let_go():
            eventually(lambda: database.waiting_for_locks() >= 3)
            holder.commit()

        at_once(*[lambda: add_replies(database, post, 2)] * 3, let_go)
    assert counted(database, post) == database.count("replies", post_id=post.id) == 7


def test_a_count_that_is_undone_did_not_happen(user, database):
    post = write_battle(database, user)
    with database.connect() as connection:
        connection.autocommit = False
        connection.execute("INSERT INTO replies (post_id, content) VALUES (%s, 'No.')", [post.id])
        connection.rollback()
    assert counted(database, post) == 0


def test_a_worker_counts_what_it_stores(user, persona, room, database, worker):
    post = user.publish(user.persona(), room)
    user.ask_for_replies(post, persona)
    eventually(lambda: counted(database, post) == 1, within=20)
    assert database.count("replies", post_id=post.id) == 1


# ---- the voices ----

def voices(database, post):
    """The names of the personas that stand with the post."""
    kept = database.value("SELECT voices FROM posts WHERE id = %s", post.id)
    return kept and [database.value("SELECT coalesce((SELECT name FROM personas WHERE id = %s), 'gone')", one)
                     for one in kept]


def forget(database, post):
    """Makes it a post of before."""
    database.execute("UPDATE posts SET replies_count = NULL, voices = NULL WHERE id = %s", post.id)


@pytest.fixture
def author(user):
    return user.persona(name="Author")


@pytest.fixture
def one(user):
    return user.persona(name="One")


@pytest.fixture
def two(user):
    return user.persona(name="Two")


@pytest.fixture
def three(user):
    return user.persona(name="Three")


@pytest.fixture
def battle(user, other, author, room, database):
    """In the feed of `other`."""
    return followed_post(user, other, author, room)[0]


def test_the_first_two_voices_stay_with_a_post(other, database, battle, author, one, two, three):
    assert (voices(database, battle), in_feed(other, battle)["sides"]) == ([], ["Author"])
    for replier, expected in ((None, []), (author, []), (one, ["One"]), (None, ["One"]), (two, ["One", "Two"]),
                              (three, ["One", "Two"])):
        add_replies(database, battle, 1, replier)
        assert voices(database, battle) == expected
        assert in_feed(other, battle)["sides"] == ["Author", *expected[:1]]


def test_replies_of_one_statement_are_voices_in_the_order_of_their_times(user, database, author, one, two, three):
    post, another = (write_battle(database, user, persona=author) for _ in range(2))
    database.execute(
        "INSERT INTO replies (post_id, persona_id, content, created_at) "
        "SELECT post, persona, 'Reply.', now() + after * interval '1 second' "
        "FROM unnest(%s::uuid[], %s::uuid[], %s::int[]) AS said(post, persona, after)",
        [*[post.id] * 5, another.id], [three.id, two.id, author.id, None, one.id, three.id], [4, 3, 1, 0, 2, 9])
    assert (voices(database, post), voices(database, another)) == (["One", "Two"], ["Three"])


def test_a_post_from_before_has_its_voices_found_by_readers_until_the_next_reply(other, database, battle, author, one,
                                                                                 two, three):
    for replier in (author, one, None, two):
        add_replies(database, battle, 1, replier)
    forget(database, battle)
    assert in_feed(other, battle)["sides"] == ["Author", "One"]
    database.execute("DELETE FROM replies WHERE persona_id = %s", one.id)
    assert voices(database, battle) is None and in_feed(other, battle)["sides"] == ["Author", "Two"]
    add_replies(database, battle, 1, three)
    assert voices(database, battle) == ["Two", "Three"]


@pytest.mark.parametrize("silent, sides", [(49, ["One"]), (50, [])])
def test_the_voices_of_a_post_from_before_are_among_its_first_fifty_replies(database, user, one, silent, sides):
    post = write_battle(database, user)
    add_replies(database, post, silent)
    add_replies(database, post, 1, one)
    forget(database, post)
    add_replies(database, post, 1)
    assert voices(database, post) == sides


def test_a_voice_whose_reply_is_deleted_makes_room_for_the_next(other, database, battle, author, one, two, three):
    for replier in (author, one, two, three):
        add_replies(database, battle, 1, replier)

    def left_after(*repliers):
        database.execute("DELETE FROM replies WHERE persona_id = ANY (%s::uuid[])", [it.id for it in repliers])
        return voices(database, battle), in_feed(other, battle)["sides"]

    assert left_after(author) == (["One", "Two"], ["Author", "One"])
    assert left_after(one) == (["Two", "Three"], ["Author", "Two"])
    assert left_after(two, three) == ([], ["Author"])


def test_a_persona_that_is_gone_is_no_side(user, other, database, battle, one, two):
    for replier in (one, two):
        add_replies(database, battle, 1, replier)
    made(user.delete(f"/personas/{one.id}"), 200)
    assert voices(database, battle) == ["gone", "Two"] and in_feed(other, battle)["sides"] == ["Author", "Two"]
    made(user.delete(f"/personas/{two.id}"), 200)
    assert in_feed(other, battle)["sides"] == ["Author"]


@pytest.mark.parametrize("authors, repliers, sides", [
    ("Ada", ["Ada", "Ben"], ["Ada", "Ben"]), ("Ada", ["Ada", "Ada", "Ben"], ["Ada"]), (None, [], []),
    (None, ["Ben"], ["Ben"]), (None, ["Ben", "Ada"], ["Ben", "Ada"]), (None, ["Ben", "Ben", "Ada"], ["Ben"])])
def test_sides_have_different_names(user, other, room, database, authors, repliers, sides):
    battle, _ = followed_post(user, other, user.persona(name=authors or "Gone"), room)
    for name in repliers:
        add_replies(database, battle, 1, user.persona(name=name))
    if not authors:
        made(user.delete(f"/personas/{battle.persona_id}"), 200)
        engage(database, battle, shares=1000)
    assert eventually(lambda: in_feed(other, battle))["sides"] == sides


@pytest.mark.parametrize("known", [True, False])
def test_voices_that_come_at_once_are_the_first_two_that_were_stored(user, database, one, known):
    post, repliers = write_battle(database, user), [user.persona(name=f"Voice {n}") for n in range(3)]
    if not known:
        forget(database, post)
    with database.connect() as holder:
        holder.autocommit = False
        holder.execute("INSERT INTO replies (post_id, persona_id, content) VALUES (%s, %s, 'First.')",
                       [post.id, one.id])

        def let_go():
            eventually(lambda: database.waiting_for_locks() >= 3)
            holder.commit()

        at_once(*[lambda it=it: add_replies(database, post, 1, it) for it in repliers], let_go)
    first, second = voices(database, post)
    assert (first, second in [it.name for it in repliers]) == ("One", True)


@pytest.mark.parametrize("known", [True, False])
def test_a_reply_that_waits_while_a_voice_is_deleted_is_stored_without_it(user, database, one, two, known):
    post = write_battle(database, user)
    add_replies(database, post, 1, one)
    if not known:
        forget(database, post)
    with database.connect() as holder:
        holder.autocommit = False
        holder.execute("DELETE FROM replies WHERE persona_id = %s", [one.id])

        def let_go():
            eventually(lambda: database.waiting_for_locks() >= 1)
            holder.commit()

        at_once(lambda: add_replies(database, post, 1, two), let_go)
    assert (voices(database, post), counted(database, post)) == (["Two"], 1)
