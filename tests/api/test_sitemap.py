"""GET /sitemap.xml: what is in it, how large it may be, and what making it costs."""
import xml.etree.ElementTree as ElementTree

import pytest

from api.test_discover import publish
from api.test_feed import post
from support.exposition import Page
from support.people import new_room
from support.program import Api
from support.waiting import in_parallel


ORIGIN = "https://worlds.example"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def database(own_database):
    """It shows everybody's."""
    return own_database


@pytest.fixture
def api(start):
    return start(Api)


def sitemap(start, **settings):
    """(URLs, answer) of a process that has just started."""
    process = start(Api, FRONTEND_ORIGIN=ORIGIN, **settings)
    answer = process.client.get("/sitemap.xml")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/xml; charset=utf-8")
    root = ElementTree.fromstring(answer.content)
    assert root.tag == f"{SITEMAP}urlset" and {url.tag for url in root} <= {f"{SITEMAP}url"}
    return [url.find(f"{SITEMAP}loc").text for url in root], answer


def test_an_empty_world_has_an_empty_sitemap(start):
    assert sitemap(start)[0] == []


def test_it_has_public_profiles_and_their_battles_newest_first(start, api, user, other, database):
    room, public, private, strange = new_room(database), user.persona(), user.persona(), other.persona()
    publish(user, public, slug="zoe")
    publish(user, private, slug="gone")
    user.post(f"/personas/{private.id}/unpublish-profile")
    shown = [post(database, public, room, hours=2), post(database, public, room, hours=3, persona=False)]
    for author, fields in ((private, {}), (strange, {}), (strange, {"persona": False}), (public, {"status": "DRAFT"})):
        post(database, author, room, **fields)
    assert sitemap(start)[0] == [f"{ORIGIN}/p/zoe", *(f"{ORIGIN}/b/{id}" for id in shown)]


def fill(database, user, profiles, posts):
    """`posts` of no persona, whose user has a public one where there are `profiles`."""
    room = new_room(database)
    database.execute("WITH persona AS (INSERT INTO personas (user_id, name) "
                     "SELECT %s, 'P' || n FROM generate_series(1, %s) n RETURNING id) "
                     "INSERT INTO persona_public_profiles (persona_id, slug, created_at) "
                     "SELECT id, 'p-' || id, now() FROM persona", user.id, profiles)
    database.execute("INSERT INTO posts (room_id, user_id, status, content, topic_rule, created_at) "
                     "SELECT %s, %s, 'PUBLISHED', 'x', topic_rule(), now() FROM generate_series(1, %s)",
                     room.id, user.id, posts)


@pytest.mark.parametrize("profiles, posts", [(999, 1000), (1000, 1001), (2001, 1)])
def test_it_is_read_in_steps_of_a_thousand(start, user, database, profiles, posts):
    """Also where all are as old."""
    fill(database, user, profiles, posts)
    urls, _ = sitemap(start)
    assert len(set(urls)) == len(urls) == profiles + posts
    assert [url.startswith(f"{ORIGIN}/p/") for url in urls] == [True] * profiles + [False] * posts


def test_it_has_50000_urls_at_most_of_which_half_may_be_profiles(start, api, user, database):
    fill(database, user, 25_001, 25_001)
    urls, answer = sitemap(start)
    assert (len(urls), len(set(urls))) == (50_000, 50_000)
    assert sum(url.startswith(f"{ORIGIN}/p/") for url in urls) == 25_000
    assert len(answer.content) < 6 << 20


def test_times_written_by_hand_break_nothing(start, api, user, database):
    fill(database, user, 3, 3)
    for table in ("posts", "persona_public_profiles"):
        database.execute(f"UPDATE {table} SET created_at = 'infinity'")
    assert len(sitemap(start)[0]) == 6


def test_a_slug_written_by_hand_breaks_nothing(start, api, user, database):
    fill(database, user, 2, 0)
    database.execute("UPDATE persona_public_profiles SET slug = 'a&b<' WHERE slug = (SELECT min(slug) FROM "
                     "persona_public_profiles)")
    assert len(sitemap(start)[0]) == 1


def test_a_statement_that_fails_is_logged_and_answered(start, api, database):
    broken = start(Api)
    broken.expect_errors("page_failed", "http_request")
    database.execute("ALTER TABLE persona_public_profiles RENAME COLUMN slug TO name")
    answer = broken.client.get("/sitemap.xml")
    assert (answer.status_code, answer.headers["cache-control"]) == (503, "no-store")
    assert "slug" in broken.log.wait_for("page_failed")["error"]
    database.execute("ALTER TABLE persona_public_profiles RENAME COLUMN name TO slug")
    assert broken.client.get("/sitemap.xml").status_code == 200


def test_it_is_made_once_an_hour_however_many_ask(start, api, user, database):
    fill(database, user, 1, 1)
    crowded = start(Api, API_THREADS=3)
    answers = in_parallel(20, lambda: crowded.client.get("/sitemap.xml"))
    assert {answer.status_code for answer in answers} == {200} and len({answer.content for answer in answers}) == 1
    first = answers[0]
    age = int(first.headers["Cache-Control"].removeprefix("public, max-age="))
    assert 3590 < age < 3600
    again = crowded.client.get("/sitemap.xml", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = crowded.client.head("/sitemap.xml")
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(first.content)))
    counted = Page(crowded.metrics())
    assert [int(counted.value("db_query_duration_seconds_count", query=f"site/sitemap_{kind}"))
            for kind in ("profiles", "battles")] == [1, 1]


def test_who_leaves_while_it_is_made_keeps_nobody_from_it(start, api, user, database):
    fill(database, user, 1, 1)
    locked = start(Api, API_THREADS=1)
    with database.connect() as holder:
        holder.autocommit = False
        holder.execute("LOCK TABLE persona_public_profiles IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(Exception, match="timed out"):
            locked.client.get("/sitemap.xml", timeout=0.3)
        holder.rollback()
    answer = locked.client.get("/sitemap.xml")
    assert answer.status_code == 200 and b"/b/" in answer.content
