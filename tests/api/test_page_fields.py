"""What pages show beside a thing without asking again: names, topics, counts, what is one's own."""
import pytest

from api.test_private_templates import template_of
from api.test_rooms_posts import posts_of, summarised, write_posts
from support.battles import add_replies, engage, write_battle
from support.people import Record, made, persona_fields, sign_up
from support.program import Api
from support.waiting import at_once, eventually


def publish_profile(user, persona, slug):
    return made(user.post(f"/personas/{persona.id}/publish-profile", json={"slug": slug}), 200).slug


def shown(user, room, post):
    """The post in the list of its room, in the list of its owner where the user is, and on its own."""
    places = [posts_of(user, room)["posts"], user.get("/me/posts").json()["posts"], [user.thread(post).post]]
    found = [[one for one in place if one["id"] == post.id] for place in places]
    return [one for place in found for one in place]


def battle_with(user, room, template, database):
    battle = made(user.post(f"/rooms/{room.id}/battles", json={"topic": "Tabs or spaces?", "template_id": template.id}),
                  201)
    return summarised(database, Record(battle.post))


# ---- posts ----

def test_a_post_names_its_room_and_topic(user, other, persona, room, database):
    post = summarised(database, user.publish(persona, room, "Topic: Tea?\nYes. No."))
    plain = summarised(database, user.publish(persona, room, "A first sentence! A second."))
    for reader, places in ((user, 3), (other, 2)):
        for one, topic in ((post, "Tea?"), (plain, "A first sentence")):
            found = shown(reader, room, one)
            assert [(it["room_name"], it["topic"]) for it in found] == [(room.name, topic)] * places
    assert (post.room_name, post.topic) == (room.name, "Tea?")


def test_a_topic_of_an_older_rule_is_found_anew(user, persona, room, database):
    post = summarised(database, user.publish(persona, room, "Topic: Tea?\nYes."))
    database.execute("UPDATE posts SET topic = 'Wrong', topic_rule = 0 WHERE id = %s", post.id)
    assert {it["topic"] for it in shown(user, room, post)} == {"Tea?"}
    database.execute("UPDATE posts SET content = ' ', topic = NULL WHERE id = %s", post.id)
    assert {it["topic"] for it in shown(user, room, post)} == {f"Battle in {room.name}"}


def test_a_post_is_mine_for_its_owner_alone(api, user, other, persona, room, database):
    draft, post = user.draft(persona, room), summarised(database, user.publish(persona, room))
    assert draft["mine"] is post["mine"] is True
    assert [it["mine"] for it in shown(user, room, post)] == [True] * 3
    assert [it["mine"] for it in shown(other, room, post)] == [False] * 2
    assert user.get(f"/b/{post.id}").json()["post"]["mine"] is True
    for headers in ({}, {"Authorization": "Bearer bad"}):
        assert "mine" not in api.client.get(f"/b/{post.id}", headers=headers).json()["post"]


@pytest.mark.parametrize("is_public", [True, False])
def test_a_template_is_named_to_those_who_may_know_it(api, user, other, room, database, is_public):
    template = template_of(user, is_public=is_public, name=f"Rules of {room.slug}")
    post = battle_with(user, room, template, database)
    name = {"id": template.id, "name": template.name}
    assert post.template == name
    assert [it["template"] for it in shown(user, room, post)] == [name] * 3
    for found in (*shown(other, room, post), api.client.get(f"/b/{post.id}").json()["post"]):
        assert found.get("template") == (name if is_public else None)


def test_a_template_that_is_gone_is_not_named(user, room, database):
    template = template_of(user)
    post = battle_with(user, room, template, database)
    database.execute("DELETE FROM templates WHERE id = %s", template.id)
    assert len(shown(user, room, post)) == 3 and not any("template" in it for it in shown(user, room, post))


def test_what_is_written_is_answered_as_it_is_read(user, persona, room, database):
    draft = user.draft(persona, room)
    edited = made(user.put(f"/posts/{draft.id}", json={"content": "Topic: Tea?"}), 200)
    assert (draft.keys() ^ edited.keys(), edited.topic) == (set(), "Tea?")
    assert summarised(database, edited) == user.thread(edited).post
    approved = user.approve(draft)
    assert approved == user.thread(draft).post


@pytest.mark.parametrize("count, told", [(0, 0), (1, 1), (99, 99), (100, 100), (101, 100)])
def test_replies_are_counted_to_a_hundred(user, room, database, count, told):
    write_posts(database, user, room, 1)
    (post,) = posts_of(user, room)["posts"]
    add_replies(database, Record(post), count)
    assert posts_of(user, room)["posts"][0]["replies_count"] == told
    assert user.get("/me/posts").json()["posts"][0]["replies_count"] == told


# ---- threads ----

def pending_of(thread):
    return {"pending": thread["pending"], "caught_up": thread["caught_up"]}


NOTHING = {"pending": {"queued": 0, "running": 0, "names": []}, "caught_up": True}


def test_a_thread_says_who_is_still_to_reply(api, user, other, room, database):
    author, first, second = (user.persona(name=name) for name in ("Author", "First", "Second"))
    post = summarised(database, user.publish(author, room))
    assert pending_of(user.thread(post)) == NOTHING
    user.ask_for_replies(post, first, second)
    queued = {"pending": {"queued": 2, "running": 0, "names": ["First", "Second"]}, "caught_up": False}
    assert pending_of(user.thread(post)) == pending_of(other.thread(post)) == queued
    eventually(lambda: pending_of(api.client.get(f"/b/{post.id}").json()) == queued)
    # A worker has one, and others of all kinds have no part in it.
    database.execute("UPDATE jobs SET status = 'PROCESSING', lease_until = now() + interval '1 hour' "
                     "WHERE post_id = %s AND persona_id = %s", post.id, first.id)
    eventually(lambda: database.count("jobs", post_id=post.id, job_type="summarize_thread") == 1)
    assert pending_of(user.thread(post)) == {
        "pending": {"queued": 1, "running": 1, "names": ["First", "Second"]}, "caught_up": False}
    database.execute("UPDATE jobs SET status = 'FAILED' WHERE post_id = %s", post.id)
    assert pending_of(user.thread(post)) == NOTHING


def test_a_threads_version_changes_with_post_and_replies(user, persona, room, database):
    post = summarised(database, user.publish(persona, room))
    versions = [user.thread(post).version]
    add_replies(database, post, 1)
    versions.append(user.thread(post).version)
    database.execute("UPDATE posts SET updated_at = updated_at + interval '1 second' WHERE id = %s", post.id)
    versions.append(user.thread(post).version)
    assert len(set(versions)) == 3
    assert user.thread(post).version == versions[-1]


def test_a_battles_thread_says_its_sides(api, user, other, room, database):
    battle = made(user.post(f"/rooms/{room.id}/battles", json={
        "topic": "Tabs?", "pro_style": "Loud \"and\" quick", "con_style": "Sessiz, İnce"}), 201)
    summarised(database, Record(battle.post))
    sides = {"pro_style": "Loud \"and\" quick", "con_style": "Sessiz, İnce"}
    for answer in (user.thread(Record(battle.post)), other.get(f"/b/{battle.battle_id}").json(),
                   api.client.get(f"/b/{battle.battle_id}").json()):
        assert answer["sides"] == sides


@pytest.mark.parametrize("content, sides", [
    ("pro STYLE:  slow \n CON Style:\tfast", {"pro_style": "slow", "con_style": "fast"}),
    ("Pro style: \nPro style: b\nCon style: c", {"pro_style": "b", "con_style": "c"}),
    ("Pro style: a", None), ("Con style: a", None), ("Pro style: a\nCon style: ", None),
    ("I say: pro style: a\nand con style: b", None), ("No sides here.", None),
])
def test_sides_are_lines_that_name_both(user, room, database, content, sides):
    post = summarised(database, write_battle(database, user, content))
    assert user.thread(post).get("sides") == sides


def test_a_reply_names_its_language_and_public_page(api, user, other, room, database):
    public, hidden = user.persona(name="Public", preferred_language="tr"), user.persona(name="Hidden")
    slug = publish_profile(user, public, f"public-{room.slug}")
    publish_profile(user, hidden, f"hidden-{room.slug}")
    made(user.post(f"/personas/{hidden.id}/unpublish-profile", json={}), 200)
    post = summarised(database, user.publish(user.persona(), room))
    for one in (public, hidden, None):
        add_replies(database, post, 1, one)
    for answer in (user.thread(post), other.get(f"/b/{post.id}").json(), api.client.get(f"/b/{post.id}").json()):
        told = {it.get("persona_name"): (it.get("persona_slug"), it.get("language")) for it in answer["replies"]}
        assert told == {"Public": (slug, "tr"), "Hidden": (None, "en"), None: (None, None)}
        assert f"hidden-{room.slug}" not in str(answer)


# ---- what one has already ----

def again(reader, path, tag):
    return reader.get(path, headers={"If-None-Match": tag})


@pytest.mark.parametrize("path", ["/posts/{}/thread", "/b/{}"])
def test_who_has_a_thread_is_told_so_until_it_changes(user, persona, room, database, path):
    post = summarised(database, user.publish(persona, room))
    path, replier = path.format(post.id), user.persona(name="Replier")

    def tag_of(change):
        """The tag after a change that made the one before it old."""
        change()
        answer = again(user, path, tags[-1])
        assert answer.status_code == 200 and answer.headers["ETag"] not in tags
        same = again(user, path, answer.headers["ETag"])
        assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", answer.headers["ETag"])
        return answer.headers["ETag"]

    tags = [user.get(path).headers["ETag"]]
    for change in (lambda: user.ask_for_replies(post, replier),
                   lambda: database.execute("UPDATE jobs SET status = 'PROCESSING' WHERE post_id = %s", post.id),
                   lambda: add_replies(database, post, 1, replier),
                   lambda: database.execute("UPDATE thread_summaries SET summary = 'New.' WHERE post_id = %s", post.id),
                   lambda: publish_profile(user, replier, f"replier-{room.slug}"),
                   lambda: made(user.post(f"/personas/{replier.id}/unpublish-profile", json={}), 200) and
                   user.put(f"/personas/{replier.id}", json={**user.get(f"/personas/{replier.id}").json(), "id": None})
                   and database.execute("UPDATE personas SET name = 'Renamed' WHERE id = %s", replier.id)):
        tags.append(tag_of(change))


def test_each_page_of_a_thread_has_its_tag(user, persona, room, database):
    post = summarised(database, user.publish(persona, room))
    add_replies(database, post, 201)
    path = f"/posts/{post.id}/thread"
    first = user.get(path)
    second = user.get(f"{path}?cursor={first.json()['next_cursor']}")
    assert first.headers["ETag"] != second.headers["ETag"]
    assert again(user, f"{path}?cursor={first.json()['next_cursor']}", first.headers["ETag"]).status_code == 200


def test_a_tag_says_whose_thread_it_is(user, other, persona, room, database):
    post = summarised(database, user.publish(persona, room))
    for path in (f"/posts/{post.id}/thread", f"/b/{post.id}"):
        assert again(other, path, user.get(path).headers["ETag"]).status_code == 200


def test_what_may_not_be_read_has_no_tag(user, other, persona, room):
    draft = user.draft(persona, room)
    answer = again(other, f"/posts/{draft.id}/thread", "*")
    assert answer.status_code == 403 and "ETag" not in answer.headers


# ---- one's own personas ----

def own(user, persona):
    """The persona as it is shown alone; the list has it alike."""
    found = made(user.get(f"/personas/{persona.id}"), 200)
    assert [one for one in user.get("/personas").json()["personas"] if one["id"] == persona.id] == [found]
    return found


def test_a_persona_tells_its_profile(user, other, room):
    persona = user.persona()
    assert persona.profile == own(user, persona).profile == {"is_public": False, "followers": 0}
    slug = publish_profile(user, persona, f"told-{room.slug}")
    made(other.post(f"/p/{slug}/follow", json={}), 200)
    assert own(user, persona).profile == {"slug": slug, "is_public": True, "followers": 1}
    made(user.post(f"/personas/{persona.id}/unpublish-profile", json={}), 200)
    changed = made(user.put(f"/personas/{persona.id}", json=persona_fields(name="Other")), 200)
    assert changed.profile == own(user, persona).profile == {"slug": slug, "is_public": False, "followers": 1}


def test_a_persona_tells_what_it_used_today(user, room, database):
    persona, another = user.persona(), user.persona()
    assert persona.today == own(user, persona).today == {"drafts": 0, "replies": 0, "previews": 0}
    user.draft(persona, room)
    made(user.post(f"/personas/{persona.id}/preview?room_id={room.id}"), 200)
    for kind, at, expires in (("draft", "now()", "now() + interval '1 hour'"), ("draft", "now()", "now()"),
                              ("reply", "date_trunc('day', now(), 'UTC')", "NULL"), ("reply", "now()", "NULL"),
                              ("reply", "date_trunc('day', now(), 'UTC') - interval '1 microsecond'", "NULL"),
                              ("call", "now()", "NULL")):
        database.execute("INSERT INTO quota_events (persona_id, quota_type, created_at, expires_at) "
                         f"VALUES (%s, %s, {at}, {expires})", persona.id, kind)
    used = {"drafts": 2, "replies": 2, "previews": 1}
    assert own(user, persona).today == used
    assert made(user.put(f"/personas/{persona.id}", json=persona_fields()), 200).today == used
    assert own(user, another).today == {"drafts": 0, "replies": 0, "previews": 0}


def test_quotas_are_reset_at_the_next_utc_midnight(user, database):
    midnight = "SELECT to_char(((now() AT TIME ZONE 'UTC')::date + 1)::timestamp, 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    before = database.value(midnight)
    persona = user.persona()
    assert persona.resets_at in (before, database.value(midnight))
    assert own(user, persona).resets_at in (before, database.value(midnight))


def test_a_full_quota_is_seen_before_it_is_met(user, room):
    persona = user.persona(daily_draft_quota=1)
    user.draft(persona, room)
    assert own(user, persona).today["drafts"] == persona.daily_draft_quota
    assert user.ask_for_draft(persona, room).status_code == 429


# ---- profiles ----

def test_a_profile_tells_a_caller_whether_one_follows_or_owns_it(api, user, other, persona, room):
    slug = publish_profile(user, persona, f"whose-{room.slug}")

    def told(reader):
        profile = reader.get(f"/p/{slug}").json()["profile"]
        return profile.get("following"), profile.get("mine")

    assert (told(user), told(other)) == ((False, True), (False, False))
    made(other.post(f"/p/{slug}/follow", json={}), 200)
    assert (told(user), told(other)) == ((False, True), (True, False))
    made(other.delete(f"/p/{slug}/follow"), 200)
    assert told(other) == (False, False)
    assert told(api.client) == (None, None)
    bad = api.client.get(f"/p/{slug}", headers={"Authorization": "Bearer bad"}).json()["profile"]
    assert not {"following", "mine"} & bad.keys()


# ---- the feed ----

def in_feed(reader, post):
    found = [it["battle"] for it in reader.get("/feed").json()["items"] if it["id"] == f"battle:{post.id}"]
    assert len(found) == 1
    return found[0]


def followed_post(user, other, persona, room, content="Tabs?"):
    slug = publish_profile(user, persona, f"{persona.name}-{room.slug}")
    made(other.post(f"/p/{slug}/follow", json={}), 200)
    return user.publish(persona, room, content), slug


def test_a_feeds_battle_tells_enough_of_its_thread(user, other, room, database):
    author, same, first, second = (user.persona(name=name) for name in ("Author", "Author", "First", "Second"))
    post, slug = followed_post(user, other, author, room, "  Topic: Tea?\n\n Tea,   or\tcoffee? ")
    engage(database, post, shares=1)  # it trends for its followers, too
    told = in_feed(other, post)
    assert (told["excerpt"], told["persona_slug"]) == ("Topic: Tea? Tea, or coffee?", slug)
    assert (told["replies_count"], told["sides"]) == (0, ["Author"])
    for replier, sides in ((None, ["Author"]), (same, ["Author"]), (first, ["Author", "First"]),
                           (second, ["Author", "First"])):
        add_replies(database, post, 1, replier)
        assert in_feed(other, post)["sides"] == sides
    assert in_feed(other, post)["replies_count"] == 4
    made(user.post(f"/personas/{author.id}/unpublish-profile", json={}), 200)
    assert "persona_slug" not in in_feed(other, post)


def test_a_trending_battle_has_the_sides_that_spoke(user, room, database, start):
    reader = sign_up(start(Api))
    names = ("One", "Two", "One", "Three")
    battle, battle_of_nobody = (write_battle(database, user, content="x" * 221) for _ in range(2))
    for name in names:
        add_replies(database, battle, 1, user.persona(name=name))
    add_replies(database, battle_of_nobody, 101)
    for one in (battle, battle_of_nobody):
        engage(database, one, shares=2)
    told, bare = in_feed(reader, battle), in_feed(reader, battle_of_nobody)
    assert (told["sides"], told["replies_count"], told["excerpt"]) == (["One", "Two"], 4, "x" * 220)
    assert (bare["sides"], bare["replies_count"]) == ([], 100)
    assert "persona_slug" not in told


@pytest.mark.parametrize("content", ["a", " a ", "a b", "a  b", "a \n b", "\ta\r\n\r\nb c \u00a0 d\u2003e", "x " * 150,
                                     "ü" * 300, "a" + " " * 300 + "b", "   "])
def test_an_excerpt_is_a_preview(database, content):
    assert database.value("SELECT excerpt(%s)", content) == database.value("SELECT preview(%s)", content)


def test_who_has_the_feed_is_told_so_until_it_changes(user, other, persona, room):
    post, _ = followed_post(user, other, persona, room)

    def changed_tag(tag):
        """The tag of a feed that isn't the one of `tag`, and that stays a moment."""
        full = again(other, "/feed", tag)
        same = again(other, "/feed", full.headers["ETag"])
        return (full.status_code, same.status_code, same.content) == (200, 304, b"") and full.headers["ETag"]

    first = eventually(lambda: changed_tag('"none"'))
    user.publish(persona, room, "Another one.")
    second = eventually(lambda: changed_tag(first))
    assert second != first and "Cache-Control" in other.get("/feed").headers
    assert again(user, "/feed", second).status_code == 200
