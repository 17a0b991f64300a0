"""GET /p/{slug}/feed.atom: RFC 4287, whatever people wrote."""
import re
import uuid
import xml.etree.ElementTree as ElementTree
from datetime import datetime

import pytest

from api.test_discover import publish
from api.test_feed import post
from support.people import made

ATOM = "{http://www.w3.org/2005/Atom}"
ORIGIN = "http://localhost:8080"
HOSTILE = ["<script>alert(1)</script>", "]]><x/>", "&amp; &lt; \"'", "<!-- a -- b -->", "<?xml version=\"1.1\"?>",
           "tab\there, and \u0085 \u2028 there", "\u0001\u0008\u000b\u000c\u001f left out", "\ufffe\uffff gone",
           "\U0001f98a İıŞş \u202e reversed", "&#0; &#x1; &unknown;", "\u007f kept"]
FORBIDDEN = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]")


def feed(api, slug, **headers):
    answer = api.client.get(f"/p/{slug}/feed.atom", headers=headers)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    return ElementTree.fromstring(answer.content)


def text(element, name):
    (found,) = element.findall(ATOM + name)
    return found.text or ""


def links(element):
    return {link.get("rel"): (link.get("type"), link.get("href")) for link in element.findall(f"{ATOM}link")}


def check(root):
    """What RFC 4287 asks of a feed and its entries (4.1.1, 4.1.2)."""
    assert root.tag == f"{ATOM}feed"
    ids = []
    for element in (root, *root.findall(f"{ATOM}entry")):
        assert text(element, "title") and links(element)["alternate"]
        assert datetime.fromisoformat(text(element, "updated")).tzinfo
        ids.append(text(element, "id"))
        assert uuid.UUID(ids[-1].removeprefix("urn:uuid:"))
    assert text(root.find(f"{ATOM}author"), "name") and links(root)["self"]
    assert len(set(ids)) == len(ids)
    return root.findall(f"{ATOM}entry")


@pytest.fixture
def slug(user, persona, room):
    publish(user, persona, slug=room.slug, bio="Asks for evidence")
    return room.slug


def test_a_feed_has_the_personas_posts(api, user, persona, room, database, slug):
    battle = user.publish(persona, room, "Topic: Tabs or spaces\nTabs, of course.")
    root = feed(api, slug)
    (entry,) = check(root)
    assert (text(root, "title"), text(root, "subtitle")) == (persona.name, "Asks for evidence")
    assert text(root, "id") == f"urn:uuid:{persona.id}"
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    assert links(root) == {"self": ("application/atom+xml", f"{ORIGIN}/p/{slug}/feed.atom"),
                           "alternate": ("text/html", f"{ORIGIN}/p/{slug}")}
    assert (text(entry, "title"), text(entry, "content")) == ("Tabs or spaces", battle.content)
    assert (text(entry, "id"), links(entry)) == (f"urn:uuid:{battle.id}",
                                                 {"alternate": ("text/html", f"{ORIGIN}/b/{battle.id}")})
    assert (text(entry, "published"), text(entry, "updated")) == (battle.created_at, battle.updated_at)
    assert text(root, "updated") == battle.updated_at
    assert entry.find(f"{ATOM}category").get("term") == room.name


def test_a_persona_without_posts_has_a_feed_without_entries(api, slug):
    assert check(feed(api, slug)) == []


@pytest.mark.parametrize("count", [19, 20, 21])
def test_the_20_newest_posts_newest_first(api, persona, room, database, slug, count):
    ids = [post(database, persona, room, f"Topic: {n}", hours=n) for n in range(count)]
    post(database, persona, room, status="DRAFT")
    entries = check(feed(api, slug))
    assert [text(entry, "id") for entry in entries] == [f"urn:uuid:{id}" for id in ids[:20]]


def test_what_people_wrote_is_text(api, user, room, database):
    """In each place: a name, a bio, a topic, a content, a room's name."""
    for hostile in HOSTILE:
        kept = FORBIDDEN.sub("", hostile)
        persona = user.persona()
        publish(user, persona)
        slug = made(user.get(f"/personas/{persona.id}"), 200) and database.value(
            "SELECT slug FROM persona_public_profiles WHERE persona_id = %s", persona.id)
        database.execute("UPDATE personas SET name = %s WHERE id = %s", hostile, persona.id)
        database.execute("UPDATE persona_public_profiles SET bio = %s WHERE persona_id = %s", hostile, persona.id)
        database.execute("UPDATE rooms SET name = %s WHERE id = %s", hostile, room.id)
        post(database, persona, room, f"Topic: Of {hostile}\n{hostile}")
        root = feed(api, slug)
        (entry,) = check(root)
        assert (text(root, "title"), text(root, "subtitle")) == (kept, kept)
        assert entry.find(f"{ATOM}category").get("term").split() == kept.split()  # a tab there is a blank
        assert text(entry, "content") == f"Topic: Of {kept}\n{kept}"
        assert text(entry, "title").startswith("Of ")
    database.execute("UPDATE rooms SET name = slug WHERE id = %s", room.id)


def test_times_written_by_hand_break_nothing(api, persona, room, database, slug):
    for when in ("infinity", "-infinity", "0044-03-15 BC", "294270-01-01"):
        post(database, persona, room)
        database.execute("UPDATE posts SET created_at = %s, updated_at = %s WHERE persona_id = %s", when, when,
                         persona.id)
        assert feed(api, slug).find(f"{ATOM}entry") is not None


def test_who_has_it_is_told_so(api, user, persona, room, slug):
    first = api.client.get(f"/p/{slug}/feed.atom")
    assert first.headers["Cache-Control"] == "public, max-age=60"
    tag = first.headers["ETag"]
    again = api.client.get(f"/p/{slug}/feed.atom", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    head = api.client.head(f"/p/{slug}/feed.atom")
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(first.content)))
    user.publish(persona, room)
    newer = api.client.get(f"/p/{slug}/feed.atom", headers={"If-None-Match": tag})
    assert newer.status_code == 200 and newer.headers["ETag"] != tag


def test_what_is_not_public_has_no_feed(api, user, persona, slug):
    def refused(name):
        answer = api.client.get(f"/p/{name}/feed.atom")
        assert answer.headers["Cache-Control"] == "no-store"
        return answer.status_code, answer.json()["error"]

    not_found = (404, "public profile not found")
    assert refused("nobody-has-this") == refused("%00") == not_found
    assert api.client.get(f"/p/{slug.upper()}/feed.atom").status_code == 200
    made(user.post(f"/personas/{persona.id}/unpublish-profile"), 200)
    assert refused(slug) == not_found
