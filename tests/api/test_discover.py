"""GET /discover: what is shown to whoever comes by, for how long, and what it costs."""
import pytest

from api.test_feed import BATTLE, TEMPLATE, new_template, post, remix, share
from support.exposition import Page
from support.people import made, new_room, sign_up
from support.program import Api
from support.statements import parts_of
from support.waiting import eventually, in_parallel

MINUTE = 60


@pytest.fixture
def database(own_database):
    """It shows everybody's."""
    return own_database


@pytest.fixture
def api(start):
    """One whose people act; what is discovered is asked of another, which has nothing in memory."""
    return start(Api)


@pytest.fixture
def room(database):
    return new_room(database, "The room")


@pytest.fixture
def look(start):
    """What a process that has just started answers."""
    def look():
        process = start(Api)
        answer = made(process.client.get("/discover"), 200)
        process.stop()
        return answer
    return look


def publish(user, persona, **fields):
    return made(user.post(f"/personas/{persona.id}/publish-profile", json=fields), 200)


def topics(answer):
    return [battle["topic"] for battle in answer.battles]


def asked(api):
    return int(Page(api.metrics()).value("db_query_duration_seconds_count", query="site/discover"))


def test_an_empty_world_has_the_built_in_template(look):
    answer = look()
    assert (answer.battles, answer.personas) == ([], [])
    (template,) = answer.templates
    assert (set(template), template["is_trending"]) == (TEMPLATE - {"mine"}, True)


def test_battles_are_those_of_public_personas_and_of_their_owners(look, user, other, room, database):
    """A persona that isn't public stays so, whatever else its owner has published."""
    public, private, strange = user.persona(name="Zoe"), user.persona(), other.persona()
    publish(user, public)
    shown = {post(database, public, room, "Topic: by Zoe"), post(database, public, room, "Topic: own", persona=False)}
    post(database, private, room, "Topic: by a private one")
    post(database, strange, room, "Topic: by a stranger", persona=False)
    post(database, public, room, "Topic: a draft", status="DRAFT")
    for battle in database.rows("SELECT id FROM posts"):
        share(database, str(battle["id"]))
    answer = look()
    assert {battle["battle_id"] for battle in answer.battles} == shown
    assert [set(battle) for battle in answer.battles if battle["topic"] == "by Zoe"] == [
        BATTLE | {"persona_id", "persona_name", "persona_slug"}]
    publish(other, strange)
    assert "by a stranger" in topics(look())
    made(user.post(f"/personas/{public.id}/unpublish-profile"), 200)
    assert topics(look()) == ["by a stranger"]


def test_the_most_engaged_come_first_and_the_newest_fill_up(look, user, room, database):
    persona = user.persona()
    publish(user, persona)
    for n in range(8):
        post(database, persona, room, f"Topic: new {n}", hours=n + 1)
    for n in range(3):
        share(database, post(database, persona, room, f"Topic: shared {n}", hours=100 + n), n=n + 1)
    remix(database, post(database, persona, room, "Topic: remixed", hours=200), n=1)
    answer = look()
    assert topics(answer) == ["shared 2", "shared 1", "remixed", "shared 0", "new 0", "new 1"]
    assert [battle["shares"] for battle in answer.battles if battle["topic"].startswith("shared")] == [3, 2, 1]


@pytest.mark.parametrize("count", [5, 6, 7])
def test_there_are_six_battles_at_most(look, user, room, database, count):
    persona = user.persona()
    publish(user, persona)
    ids = [post(database, persona, room, f"Topic: {n}", hours=n) for n in range(count)]
    for battle in ids[3:]:
        share(database, battle)
    found = [battle["battle_id"] for battle in look().battles]
    assert found == (ids[3:] + ids[:3])[:6]


def test_a_battle_beyond_the_most_engaged_tells_its_counts_all_the_same(look, user, other, room, database):
    publish(user, mine := user.persona())
    database.execute("WITH hidden AS (INSERT INTO posts (room_id, user_id, status, content) "
                     "SELECT %s, %s, 'PUBLISHED', 'Topic: hidden' FROM generate_series(1, 100) RETURNING id) "
                     "INSERT INTO events (event_name, metadata) SELECT 'battle_shared', jsonb_build_object("
                     "'battle_id', id) FROM hidden, generate_series(1, 2)", room.id, other.id)
    battle = post(database, mine, room, "Topic: seldom")
    share(database, battle)
    assert [(found["battle_id"], found["shares"]) for found in look().battles] == [(battle, 1)]


def test_personas_are_the_six_that_most_follow(look, user, other, database):
    personas = [user.persona(name=f"P{n}", bio=f"Bio {n}", tone="calm") for n in range(8)]
    for n, persona in enumerate(personas[:7]):
        publish(user, persona, slug=f"p-{n}", bio=f"Public bio {n}")
    people = [sign_up(user.api) for _ in range(2)]
    for person, slug in ((people[0], "p-0"), (people[1], "p-0"), (people[0], "p-3")):
        made(person.post(f"/p/{slug}/follow"), 200)
    found = look().personas
    assert [(persona["slug"], persona["followers"]) for persona in found] == [
        ("p-0", 2), ("p-3", 1), ("p-6", 0), ("p-5", 0), ("p-4", 0), ("p-2", 0)]
    assert found[0] == {"slug": "p-0", "name": "P0", "bio": "Public bio 0", "tone": "calm", "followers": 2}
    made(user.post(f"/personas/{personas[0].id}/unpublish-profile"), 200)
    user.delete(f"/personas/{personas[3].id}")
    assert [persona["slug"] for persona in look().personas] == ["p-6", "p-5", "p-4", "p-2", "p-1"]


def test_templates_are_the_three_used_most_of_the_newest_twelve(look, user, author, room, database):
    database.execute("DELETE FROM templates")
    ids = [new_template(database, f"T{n}", days=n, owner=user.id) for n in range(13)]
    new_template(database, "Private", public=False, owner=user.id)
    for template, uses in ((ids[12], 9), (ids[11], 2), (ids[5], 3)):
        database.execute("INSERT INTO template_usage (template_id, day, slot, posts) "
                         "VALUES (%s, utc_day(now()), 0, %s)", template, uses)
    found = look().templates
    assert [(template["name"], template["usage_count"], template["is_trending"]) for template in found] == [
        ("T5", 3, True), ("T11", 2, False), ("T0", 0, False)]
    assert all("mine" not in template for template in found)


@pytest.fixture
def author(other):
    return other.persona(name="Zoe")


def test_it_is_asked_for_once_however_many_ask(start):
    """By all threads."""
    api = start(Api, API_THREADS=3)
    answers = in_parallel(30, lambda: api.client.get("/discover"))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1 == asked(api)
    counts = Page(api.metrics())
    found = {result: int(counts.value("cache_requests_total", route="/discover", result=result))
             for result in ("hit", "miss", "bypass")}
    assert sum(found.values()) == 30 and found["miss"] >= 1 and found["bypass"] == 0


def test_caches_on_the_way_are_told_how_much_of_the_minute_is_left(api, user, database):
    first = api.client.get("/discover")
    age = int(first.headers["Cache-Control"].removeprefix("public, max-age="))
    assert MINUTE - 10 < age < MINUTE
    tag = first.headers["ETag"]
    for known in (tag, f'"other", W/{tag}', "*"):
        again = api.client.get("/discover", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
        assert int(again.headers["Cache-Control"].removeprefix("public, max-age=")) <= age
    assert user.get("/discover").content == first.content  # the same for everybody
    left = lambda: int(api.client.get("/discover").headers["Cache-Control"].removeprefix("public, max-age="))
    eventually(lambda: left() < age)
    head = api.client.head("/discover")
    assert (head.status_code, head.content, head.headers["Content-Length"]) == (200, b"", str(len(first.content)))


def test_its_work_is_bounded_where_few_are_public(database):
    """No plan hashes all profiles, or sorts all posts."""
    with database.connect() as connection:
        for _, code in parts_of("site/discover"):
            plan = "\n".join(str(row["QUERY PLAN"]) for row in connection.execute(f"EXPLAIN {code}").fetchall())
            assert "hashed SubPlan" not in plan
