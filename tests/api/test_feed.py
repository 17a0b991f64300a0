"""GET /feed, and the counters that it reads."""
from datetime import datetime, timedelta, timezone

import psycopg
import pytest
from psycopg.types.json import Jsonb

from support.people import Record, made, new_room, sign_up
from support.program import CHECKOUT, Api
from support.waiting import at_once, in_parallel

BATTLE = {"battle_id", "room_id", "room_name", "topic", "excerpt", "replies_count", "sides", "created_at",
          "shares", "remixes"}
TEMPLATE = {"template_id", "name", "prompt_rules", "turn_count", "word_limit", "created_at", "usage_count",
            "is_trending", "mine"}
NOW = object()


@pytest.fixture
def database(own_database):
    """The feed shows everybody's posts."""
    return own_database


@pytest.fixture
def api(start):
    return start(Api)


@pytest.fixture
def room(database):
    return new_room(database, "The room")


@pytest.fixture
def author(other, database):
    """A persona of somebody else."""
    return other.persona(name="Zoe")


def post(database, author, room, content="Topic: Tabs or spaces", hours=0.0, status="PUBLISHED", persona=True,
         template=None):
    return str(database.value(
        "INSERT INTO posts (room_id, persona_id, user_id, status, content, template_id, created_at) "
        "SELECT %s, CASE WHEN %s THEN id END, user_id, %s, %s, %s, "
        "now() - %s * interval '1 hour' FROM personas WHERE id = %s RETURNING id", room.id, persona, status, content,
        template, hours, author.id))


def event(database, name, metadata, days=0, n=1):
    database.execute("INSERT INTO events (event_name, metadata, created_at) "
                     "SELECT %s, %s, now() - %s * interval '1 day' FROM generate_series(1, %s)",
                     name, Jsonb(metadata), days, n)


def share(database, battle, **options):
    event(database, "battle_shared", {"battle_id": battle}, **options)


def remix(database, battle, **options):
    event(database, "remix_completed", {"source_battle_id": battle, "battle_id": "new"}, **options)


def follow(database, user, persona):
    database.execute("INSERT INTO persona_follows (follower_user_id, followed_persona_id) VALUES (%s, %s)", user.id,
                     persona.id)


def forget(user):
    """Makes the API forget what feeds share, by a change that it may show."""
    made(user.post("/templates", json={"name": "Of mine", "prompt_rules": "Be brief.", "turn_count": 4,
                                       "word_limit": 100, "is_public": False}), 201)


def feed(user):
    """Of what is in the database now."""
    forget(user)
    return made(user.get("/feed"), 200)


def battles(user):
    return [Record(item) for item in feed(user)["items"] if item["kind"] == "battle"]


def templates(user):
    return [Record(item) for item in feed(user)["items"] if item["kind"] == "template"]


def new_template(database, name="A template", days=0.0, public=True, rules="Be brief.", owner=None):
    return str(database.value("INSERT INTO templates (name, prompt_rules, turn_count, word_limit, is_public, "
                              "owner_user_id, created_at) "
                              "VALUES (%s, %s, 4, 100, %s, %s, now() - %s * interval '1 day') RETURNING id", name,
                              rules, public, owner, days))


def only_the_new_templates(database):
    database.execute("DELETE FROM templates")


def test_an_empty_feed_has_the_built_in_template(user):
    answer = feed(user)
    (item,) = answer["items"]
    assert set(item) == {"id", "kind", "reason", "reasons", "score", "template"}
    assert item["id"] == f"template:{item['template']['template_id']}"
    assert (item["kind"], item["reason"], item["reasons"]) == ("template", "new_template", ["new_template"])
    assert set(item["template"]) == TEMPLATE
    assert item["template"]["name"] == "Claim/Evidence 6 turns"
    assert len(item["template"]["prompt_rules"]) == 220
    assert answer["highlight_template"] == item["template"]
    assert item["template"]["is_trending"] is True


def test_without_templates_there_is_no_highlight(user, database):
    only_the_new_templates(database)
    assert feed(user) == {"items": []}


def test_posts_of_followed_personas(user, author, room, database):
    template = new_template(database, "Duel")
    battle = post(database, author, room, "Topic: Tabs\nTemplate: Duel", hours=10, template=template)
    post(database, author, room, status="DRAFT")
    assert battles(user) == []
    follow(database, user, author)
    (item,) = battles(user)
    assert set(item) == {"id", "kind", "reason", "reasons", "score", "battle"}
    assert (item.id, item.reason, item.reasons, item.score) == (f"battle:{battle}", "followed_persona",
                                                                ["followed_persona"], 91.5)
    assert set(item.battle) == BATTLE | {"persona_id", "persona_name", "template"}
    assert (item.battle["topic"], item.battle["room_name"], item.battle["room_id"]) == ("Tabs", "The room", room.id)
    assert (item.battle["persona_id"], item.battle["persona_name"]) == (author.id, "Zoe")
    assert item.battle["template"] == {"id": template, "name": "Duel"}
    assert (item.battle["shares"], item.battle["remixes"]) == (0, 0)
    assert item.battle["created_at"].endswith("Z")


def test_trending_posts_are_of_others_and_have_a_share_or_a_remix(user, author, room, database):
    mine = user.persona()
    shared, remixed = (post(database, author, room, f"Topic: {n}", hours=4, persona=False)
                       for n in ("shared", "remixed"))
    for battle in (shared, post(database, mine, room), post(database, author, room, status="DRAFT")):
        share(database, battle)
    remix(database, remixed)
    post(database, author, room, "Topic: nobody cares")
    assert [(item.battle["topic"], item.score, item.reasons) for item in battles(user)] == [
        ("remixed", 74, ["trending_battle"]), ("shared", 72, ["trending_battle"])]
    assert all(set(item.battle) == BATTLE for item in battles(user))


def test_an_item_of_two_sources_has_the_better_score_and_both_reasons(user, author, room, database):
    follow(database, user, author)
    liked, loved = (post(database, author, room, "Topic: liked", hours=2),
                    post(database, author, room, "Topic: loved", hours=2))
    share(database, liked, n=1)
    share(database, loved, n=30)
    both = ["followed_persona", "trending_battle"]
    assert [(item.battle["topic"], item.reason, item.reasons, item.score) for item in battles(user)] == [
        ("loved", "trending_battle", both, 159.5), ("liked", "followed_persona", both, 96.3)]


def test_followed_posts_score_by_shares_and_remixes(user, author, room, database):
    follow(database, user, author)
    battle = post(database, author, room, hours=20)
    share(database, battle, n=3)
    remix(database, battle, n=2)
    (item,) = battles(user)
    assert item.score == 95 + 2 * 3 + 4 * 2 - 7
    assert (item.battle["shares"], item.battle["remixes"]) == (3, 2)


def test_the_future_is_not_older_than_now(user, author, room, database):
    only_the_new_templates(database)
    follow(database, user, author)
    post(database, author, room, hours=-48)
    share(database, post(database, author, room, hours=-48, persona=False))
    new_template(database, days=-2)
    assert [(item["reason"], item["score"]) for item in feed(user)["items"]] == [
        ("followed_persona", 95), ("trending_battle", 73), ("new_template", 60)]


@pytest.mark.parametrize("hours, score", [(0.1, 94.97), (1, 94.65), (1 / 7, 94.95), (400, -45), (94.95 / 0.35, 0.05),
                                          (95.05 / 0.35, -0.05)])
def test_scores_have_two_decimals(user, author, room, database, hours, score):
    follow(database, user, author)
    post(database, author, room, hours=hours)
    assert [item.score for item in battles(user)] == [pytest.approx(score, abs=0.011)]
    assert battles(user)[0].score == round(battles(user)[0].score, 2)


def test_the_newest_20_of_followed_personas(user, other, room, database):
    authors = [other.persona(name=f"P{n}") for n in range(3)]
    for author in authors:
        follow(database, user, author)
    made_posts = [post(database, authors[n % 3], room, hours=n + 1) for n in range(25)]
    assert [item.id for item in battles(user)] == [f"battle:{id}" for id in made_posts[:20]]


@pytest.mark.parametrize("followed", [20, 21, 25])
def test_the_20_newest_are_found_among_many_followed_personas(user, other, room, database, followed):
    """From 21 on those are looked for that posted last. One never did."""
    silent, *authors = (other.persona(name=f"P{n}") for n in range(followed))
    for author in (silent, *authors):
        follow(database, user, author)
    first = [post(database, author, room, hours=100 + n) for n, author in enumerate(authors)]
    second = [post(database, author, room, hours=50 + n) for n, author in enumerate(reversed(authors[-5:]))]
    assert [item.id for item in battles(user)] == [f"battle:{id}" for id in [*second, *first[:15]]]


def test_the_20_most_engaged_trend_and_newer_ones_first_among_equals(user, author, room, database):
    made_posts = [post(database, author, room, hours=n) for n in range(30)]
    for battle in made_posts:
        share(database, battle)
    for battle in made_posts[25:]:
        remix(database, battle)
    assert {item.id for item in battles(user)} == {f"battle:{id}" for id in made_posts[:15] + made_posts[25:]}
    assert [item.score for item in battles(user)] == sorted((item.score for item in battles(user)), reverse=True)


@pytest.mark.parametrize("shares, hours, wins", [(1, 1, False), (2, 1, True), (2, 3, False), (3, 3, True)])
def test_a_remix_weighs_as_two_shares_in_who_trends(user, author, room, database, shares, hours, wins):
    """One place is left for two battles; the one with a remix is two hours old."""
    for _ in range(19):
        share(database, post(database, author, room), n=4)
    shared, remixed = (post(database, author, room, "Topic: shared", hours=hours),
                       post(database, author, room, "Topic: remixed", hours=2))
    share(database, shared, n=shares)
    remix(database, remixed)
    shown = [item.id for item in battles(user)]
    assert len(shown) == 20
    assert (f"battle:{shared}" in shown, f"battle:{remixed}" in shown) == (wins, not wins)


@pytest.mark.parametrize("days, counted", [(0, True), (13, True), (14, False), (15, False)])
def test_the_window_is_today_and_the_13_days_before(user, author, room, database, days, counted):
    battle = post(database, author, room, hours=400)
    share(database, battle, days=days)
    assert [item.battle["shares"] for item in battles(user)] == ([1] if counted else [])


def test_what_happened_on_several_days_is_summed(user, author, room, database):
    battle = post(database, author, room)
    for days in (0, 1, 5, 13, 14, 30):
        share(database, battle, days=days)
        remix(database, battle, days=days, n=2)
    assert [(item.battle["shares"], item.battle["remixes"]) for item in battles(user)] == [(4, 8)]


def test_windows_to_come_forget_what_is_over(author, room, database):
    battle = post(database, author, room)
    share(database, battle, days=13)
    share(database, battle, days=1)
    windows = database.rows("SELECT day - utc_day(now()) AS ahead, shares FROM battle_engagement "
                            "WHERE battle_id = %s ORDER BY day", battle)
    assert [(row["ahead"], row["shares"]) for row in windows] == [(0, 2), *((n, 1) for n in range(1, 13))]


def test_windows_that_are_over_go(author, room, database):
    battle = post(database, author, room)
    database.execute("INSERT INTO battle_engagement (battle_id, day, posted_at, shares, remixes) "
                     "SELECT gen_random_uuid(), utc_day(now()) - n, now(), 1, 0 FROM generate_series(1, 30) n")
    share(database, battle)
    assert database.value("SELECT count(*) FROM battle_engagement WHERE day < utc_day(now())") == 2
    share(database, battle)
    assert database.value("SELECT min(day) FROM battle_engagement") == datetime.now(timezone.utc).date()


@pytest.mark.parametrize("metadata", [
    None, [], "x", 1, {}, {"battle_id": None}, {"battle_id": 7}, {"battle_id": "battle-123"}, {"battle_id": ""},
    {"battle_id": {"id": 1}}, {"battle_id": "00000000-0000-4000-8000-000000000000"}, {"source_battle_id": []}])
@pytest.mark.parametrize("name", ["battle_shared", "remix_completed"])
def test_metadata_written_by_hand_breaks_nothing(user, author, room, database, name, metadata):
    battle = post(database, author, room)
    database.execute("INSERT INTO events (event_name, metadata) VALUES (%s, %s), (%s, %s)", name, Jsonb(metadata), name,
                     Jsonb({"battle_id": battle}))
    assert [item.battle["shares"] + item.battle["remixes"] for item in battles(user)] == [1]


@pytest.mark.parametrize("created_at", ["infinity", "-infinity", "4000-01-01", "0044-03-15 BC", "294270-01-01"])
def test_times_written_by_hand_break_nothing(user, author, room, database, created_at):
    battle = post(database, author, room)
    follow(database, user, author)
    database.execute("INSERT INTO events (event_name, metadata, created_at) VALUES ('battle_shared', %s, %s)",
                     Jsonb({"battle_id": battle}), created_at)
    database.execute("UPDATE posts SET created_at = %s", created_at)
    database.execute("UPDATE templates SET created_at = %s", created_at)
    assert [item.battle["shares"] for item in battles(user)] == [0]


def test_a_source_counts_before_the_battle_and_in_any_case(user, author, room, database):
    source, remade, plain = (post(database, author, room, f"Topic: {name}") for name in ("source", "remade", "plain"))
    event(database, "remix_completed", {"source_battle_id": source.upper(), "battle_id": remade})
    event(database, "battle_shared", {"source_battle_id": "battle-1", "battle_id": plain})
    assert {item.battle["topic"] for item in battles(user)} == {"source", "plain"}


def test_shares_through_the_api_count_at_once_fifty_in_parallel(user, author, room, database):
    ids = [post(database, author, room, f"Topic: {n}") for n in range(2)]
    body = {"event_name": "battle_shared"}
    answers = at_once(*[lambda id=id: user.post(
        "/events", json=body | {"metadata": {"battle_id": id, "source": "copy_link"}}) for id in ids * 25])
    assert {answer.status_code for answer in answers} == {202}
    assert [item.battle["shares"] for item in battles(user)] == [1, 1]  # one user: test_counted_once.py


def test_many_writers_of_the_same_battles_never_meet_in_a_deadlock(author, room, database):
    ids = [post(database, author, room) for _ in range(10)]

    def write():
        database.execute("INSERT INTO events (event_name, metadata) "
                         "SELECT (ARRAY['battle_shared', 'remix_completed'])[1 + n %% 2], jsonb_build_object("
                         "'battle_id', id) FROM unnest(%s::text[]) id, generate_series(1, 20) n ORDER BY random()", ids)

    in_parallel(20, write)
    day = datetime.now(timezone.utc).date()
    assert database.value("SELECT sum(shares + remixes) FROM battle_engagement WHERE day = %s", day) == 20 * 200
    assert database.value("SELECT sum(events) FROM event_counts "
                          "WHERE event_name IN ('battle_shared', 'remix_completed')") == 20 * 200


def test_the_newest_12_public_templates(user, database):
    only_the_new_templates(database)
    ids = [new_template(database, f"T{n}", days=n) for n in range(14)]
    new_template(database, "Secret", public=False, owner=user.id)
    assert [item.template["template_id"] for item in templates(user)] == ids[:12]
    assert [item.score for item in templates(user)][:3] == [60, 57.12, 54.24]


def test_usage_counts_posts_of_30_days_also_by_hand(user, author, room, database):
    only_the_new_templates(database)
    template = new_template(database)
    for days in (0, 29, 30, 31):
        post(database, author, room, hours=24 * days, template=template)
    (item,) = templates(user)
    assert item.template["usage_count"] == 2
    assert item.score == 64


def test_the_most_used_of_the_12_is_the_highlight(user, author, room, database):
    second = user.persona()  # a user's uses of a day count once
    only_the_new_templates(database)
    old, used, newest = (new_template(database, name, days=days)
                         for name, days in (("old", 9), ("used", 5), ("newest", 1)))
    assert feed(user)["highlight_template"]["template_id"] == newest
    for template in (old, used):
        post(database, author, room, template=template)
    assert feed(user)["highlight_template"]["template_id"] == used
    post(database, second, room, template=old)
    answer = feed(user)
    assert answer["highlight_template"]["template_id"] == old
    assert {item["template"]["template_id"]: item["template"]["is_trending"]
            for item in answer["items"]} == {old: True, used: False, newest: False}


def test_the_highlight_is_one_of_the_12(user, author, room, database):
    only_the_new_templates(database)
    ids = [new_template(database, f"T{n}", days=n) for n in range(13)]
    for template, by in ((ids[12], author), (ids[12], user.persona()), (ids[11], author)):
        post(database, by, room, template=template)
    assert feed(user)["highlight_template"]["template_id"] == ids[11]


def test_prompt_rules_are_cut_at_220(user, database):
    only_the_new_templates(database)
    new_template(database, rules="é" * 221)
    assert templates(user)[0].template["prompt_rules"] == "é" * 220


def test_at_most_50_items_the_best_and_then_the_newest(user, other, room, database):
    only_the_new_templates(database)
    followed, stranger = other.persona(), sign_up(user.api).persona()
    follow(database, user, followed)
    for n in range(20):
        post(database, followed, room, hours=n)
        share(database, post(database, stranger, room, hours=n))
    last = [new_template(database, f"T{n}", days=n) for n in range(12)][-1]
    post(database, stranger, room, template=last)
    items = feed(user)["items"]
    assert len(items) == 50
    assert [item["kind"] for item in items].count("template") == 10
    assert feed(user)["highlight_template"]["template_id"] == last not in [item["id"].split(":")[1] for item in items]
    assert [item["score"] for item in items] == sorted((item["score"] for item in items), reverse=True)


def test_equal_scores_stand_newest_first(user, author, room, database):
    follow(database, user, author)
    older = post(database, author, room, hours=20)
    newer = post(database, author, room, hours=0)
    share(database, older, n=3)
    share(database, newer, n=3)
    database.execute("UPDATE posts SET created_at = now() + interval '1 hour' WHERE id = %s", newer)
    database.execute("UPDATE posts SET created_at = now() + interval '2 hours' WHERE id = %s", older)
    assert [item.id for item in battles(user)] == [f"battle:{older}", f"battle:{newer}"]


def test_a_post_that_is_gone_is_passed_over(user, author, room, database):
    gone, there = post(database, author, room), post(database, author, room)
    share(database, gone, n=5)
    share(database, there)
    database.execute("DELETE FROM posts WHERE id = %s", gone)
    assert [item.id for item in battles(user)] == [f"battle:{there}"]


def test_who_is_gone_has_no_feed(user, database):
    database.execute("DELETE FROM users WHERE id = %s", user.id)
    answer = user.get("/feed")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid token")


def test_what_was_there_before_the_counters_is_counted(database):
    """The migration's own sums."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        text = (CHECKOUT / "backend" / "migrations" / "009_engagement.sql").read_text()
        backfill = text[text.index("-- What was there before"):]
        connection.execute("INSERT INTO users (email, password_hash) VALUES ('a@b', 'x')")
        connection.execute("INSERT INTO posts (room_id, user_id, status, content, template_id) "
                           "SELECT r.id, u.id, 'PUBLISHED', 'x', t.id "
                           "FROM (SELECT id FROM rooms LIMIT 1) r, users u, templates t")
        connection.execute("INSERT INTO events (event_name, metadata, created_at) "
                           "SELECT name, jsonb_build_object('battle_id', p.id), now() - d * interval '1 day' "
                           "FROM posts p, unnest(ARRAY['battle_shared', 'remix_completed', 'daily_return']) name, "
                           "generate_series(0, 20) d")
        sums = ["SELECT event_name, day, sum(events) FROM event_counts GROUP BY 1, 2 ORDER BY 1, 2",
                "SELECT * FROM battle_engagement ORDER BY battle_id, day",
                "SELECT template_id, day, sum(posts) FROM template_usage GROUP BY 1, 2 ORDER BY 1, 2"]
        kept = [connection.execute(sum).fetchall() for sum in sums]
        connection.execute("TRUNCATE event_counts, battle_engagement, template_usage")
        connection.execute(backfill)
        assert [connection.execute(sum).fetchall() for sum in sums] == kept
        assert all(kept)
