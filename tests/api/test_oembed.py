"""GET /oembed: a battle's card for sites that show what is linked to (oEmbed 1.0)."""
import pytest

from api.test_discover import publish
from support.exposition import Page
from support.people import made
from support.program import Api

ORIGIN = "http://localhost:8080"
NOBODY = "7d444840-9dc0-41d1-b245-5ffdce74fad2"


@pytest.fixture
def battle(user, persona, room):
    return user.publish(persona, room, "Topic: Tabs or \"spaces\"")


def oembed(api, url, **params):
    return api.client.get("/oembed", params={"url": url} | params)


def refusal(answer):
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, answer.json()["error"]


def test_a_battle_is_a_photo_of_its_card(api, user, persona, battle):
    expected = {"version": "1.0", "type": "photo", "title": 'Tabs or "spaces"', "author_name": persona.name,
                "provider_name": "PersonaWorlds", "provider_url": ORIGIN, "cache_age": 300,
                "url": f"{ORIGIN}/b/{battle.id}/card.png", "width": 1200, "height": 630}
    answer = oembed(api, f"{ORIGIN}/b/{battle.id}")
    assert (made(answer, 200), answer.headers["Cache-Control"]) == (expected, "public, max-age=60")
    assert api.client.get(answer.json()["url"].removeprefix(ORIGIN)).status_code == 200
    slug = publish(user, persona)["slug"]
    assert made(oembed(api, f"{ORIGIN}/b/{battle.id}"), 200) == expected | {"author_url": f"{ORIGIN}/p/{slug}"}
    again = api.client.get("/oembed", params={"url": f"{ORIGIN}/b/{battle.id}"},
                           headers={"If-None-Match": oembed(api, f"{ORIGIN}/b/{battle.id}").headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_battle_of_no_persona_has_no_author(api, user, room):
    id = made(user.post(f"/rooms/{room.id}/battles", json={"topic": "Tabs or spaces?"}), 201).battle_id
    assert "author_name" not in made(oembed(api, f"{ORIGIN}/b/{id}"), 200)


@pytest.mark.parametrize("tail", ["?remix=1&template=x", "#post-1", "?"])
def test_what_follows_the_path_does_not_matter(api, battle, tail):
    assert made(oembed(api, f"{ORIGIN}/b/{battle.id.upper()}{tail}", format="json"), 200).width == 1200


@pytest.mark.parametrize("bounds, size", [
    ({"maxwidth": 1200}, (1200, 630)), ({"maxwidth": 1199}, (1199, 629)), ({"maxwidth": 600}, (600, 315)),
    ({"maxheight": 315}, (600, 315)), ({"maxheight": 630}, (1200, 630)), ({"maxheight": 629}, (1198, 629)),
    ({"maxwidth": 600, "maxheight": 100}, (190, 100)), ({"maxwidth": 100, "maxheight": 600}, (100, 52)),
    ({"maxwidth": 1}, (1, 1)), ({"maxheight": 1}, (1, 1)), ({"maxwidth": "9" * 30}, (1200, 630)),
    ({"maxwidth": "0600", "maxheight": ""}, (600, 315)), ({"maxwidth": "1" + "0" * 10}, (1200, 630)),
])
def test_it_fits_into_what_is_asked_for(api, battle, bounds, size):
    answer = made(oembed(api, f"{ORIGIN}/b/{battle.id}", **bounds), 200)
    assert (answer.width, answer.height) == size


@pytest.mark.parametrize("url", [
    "x", f"{ORIGIN}/b/", f"{ORIGIN}/b/x", f"{ORIGIN}/b/{NOBODY}/", f"{ORIGIN}/b/{NOBODY}/card.png",
    f"https://elsewhere.example/b/{NOBODY}", f"{ORIGIN}.elsewhere.example/b/{NOBODY}", f"/b/{NOBODY}",
    f"{ORIGIN}/p/ada", f"{ORIGIN}@elsewhere.example/b/{NOBODY}", f" {ORIGIN}/b/{NOBODY}", f"{ORIGIN}/b/{NOBODY[:-1]}",
])
def test_another_url_is_refused(api, url):
    assert refusal(oembed(api, url)) == (400, "url is invalid")


def test_a_url_is_asked_for_and_must_be_utf8(api):
    assert refusal(api.client.get("/oembed")) == refusal(oembed(api, "")) == (400, "url is required")
    assert refusal(api.client.get(f"/oembed?url={ORIGIN}/b/{NOBODY}%ff")) == (400, "url is invalid")


@pytest.mark.parametrize("name", ["maxwidth", "maxheight"])
@pytest.mark.parametrize("value", ["0", "000", "-1", "1.5", "x", " 1", "1e3"])
def test_a_bound_is_a_number_from_one_on(api, battle, name, value):
    answer = oembed(api, f"{ORIGIN}/b/{battle.id}", **{name: value})
    assert refusal(answer) == (400, f"{name} must be a number from 1")


def test_another_format_is_not_implemented_and_no_fault_of_ours(api, battle):
    """Whoever asks for it wakes no operator: it counts as the client's mistake."""
    counted = lambda: Page(api.metrics()).value("http_requests_total", route="/oembed", method="GET", status="400")
    before = counted()
    answer = oembed(api, f"{ORIGIN}/b/{battle.id}", format="xml")
    assert refusal(answer) == (501, "format must be json")
    line = api.log.wait_for("http_request", request_id=answer.headers["X-Request-Id"])
    assert (line["level"], line["status"], counted() - before) == ("info", 501, 1)


def test_what_nobody_may_see_is_not_found(api, user, persona, room, battle, database):
    draft = user.draft(persona, room)
    for id in (NOBODY, draft.id):
        assert refusal(oembed(api, f"{ORIGIN}/b/{id}")) == (404, "battle not found")
    made(user.delete(f"/posts/{battle.id}"), 200)
    assert refusal(oembed(api, f"{ORIGIN}/b/{battle.id}")) == (404, "battle not found")


def test_the_site_is_where_its_pages_are(start, user, battle):
    api = start(Api, FRONTEND_ORIGIN="https://worlds.example")
    assert made(oembed(api, f"https://worlds.example/b/{battle.id}"), 200).provider_url == "https://worlds.example"
    assert refusal(oembed(api, f"{ORIGIN}/b/{battle.id}")) == (400, "url is invalid")
