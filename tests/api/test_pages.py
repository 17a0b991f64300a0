"""What is in a page, that no text in it becomes anything else, pages instead of errors, and how a
page is counted."""
import json
from urllib.parse import quote

import pytest

from support.battles import summarize, write_battle
from support.exposition import Page as Metrics
from support.hostile import HOSTILE, write_everywhere
from support.pages import BROWSER, HEADERS, JSON, Dom, World, ask, in_html, is_page, page
from support.people import Record, made
from support.program import Api
from support.waiting import eventually

NOBODY = "7d444840-9dc0-11d1-b245-5ffdce74fad2"


@pytest.fixture(scope="module")
def world(api, database):
    """Nothing of it is changed."""
    return World(api, database)


@pytest.fixture(scope="module")
def paths(world):
    return world.paths


@pytest.fixture(scope="module")
def battle(world):
    return world.battle


@pytest.fixture(scope="module")
def slug(world):
    return world.slug


def test_a_battle_can_be_read(api, database):
    world = World(api, database)
    user, battle, persona = world.user, world.battle, world.user.persona(name="Deniz", preferred_language="tr")
    database.execute("INSERT INTO replies (post_id, persona_id, user_id, content) VALUES (%s, %s, %s, %s)", battle.id,
                     persona.id, user.id, "Spaces: they look the same everywhere.")
    path, topic = f"/b/{battle.id}", "Tabs or spaces?"
    dom = page(api, path)
    origin = "http://localhost:8080"
    assert dom.text("title") == f"{topic} · PersonaWorlds"
    assert dom.one("link", rel="canonical").attrib["href"] == dom.meta("og:url") == origin + path
    assert (dom.meta("og:title"), dom.meta("og:type")) == (topic, "article")
    assert dom.meta("description") == dom.meta("og:description") == "They compare notes. It stays open."
    assert (dom.meta("twitter:card"), dom.meta("og:image")) == ("summary_large_image", f"{origin}{path}/card.png")
    assert (dom.meta("og:image:width"), dom.meta("og:image:height")) == ("1200", "630")
    assert dom.meta("og:image:alt").startswith(topic) and "Spaces: they look the same" in dom.meta("og:image:alt")
    assert dom.one("link", type="application/json+oembed").attrib["href"] == (
        f"{origin}/oembed?url={quote(origin + path, safe='/')}")
    assert dom.text("h1") == topic
    assert dom.texts("p", class_="text") == ["They compare notes. It stays open.",
                                             "Spaces: they look the same everywhere."]
    assert dom.texts("dd") == ["Bold.", "Sceptical."], "and nowhere else: all of the post stands above it"
    assert dom.texts("span", class_="name") == ["Ada", "Deniz"]
    assert [mark.get("data-initial") for mark in dom.root.iter("span") if mark.get("data-initial")] == ["A", "D"]
    assert "1 reply" in dom.texts("h2")
    assert f"/signup?next={path}" in dom.links() and f"/signup?next={path}&remix=1" in dom.links()
    assert [element.attrib["dir"] for element in dom.all("p", class_="text")] == ["auto"] * 2
    assert all("lang" in element.attrib for element in dom.root.iter() if "dir" in element.attrib)


def test_what_has_no_answer_yet_says_so(api, database, world):
    battle = write_battle(database, world.user, "Topic: Quiet?", persona=world.user.persona())
    dom = page(api, f"/b/{battle.id}")
    assert dom.texts("h2") == ["Summary", "Nobody has answered yet. Whose voice should?"]
    assert "No summary yet." in dom.texts("p", class_="note")
    assert dom.meta("description") == "Topic: Quiet?"


def test_a_battle_that_somebody_began_says_so_once(api, database, world):
    template = made(world.user.post("/templates", json={"name": "Short <b>", "prompt_rules": "Be brief.",
                                                        "turn_count": 4, "word_limit": 80, "is_public": True}), 201)
    battle = made(world.user.post(f"/rooms/{world.room.id}/battles",
                                  json={"topic": "Tea or coffee?", "template_id": template.id}), 201)
    summarize(database, Record(battle.post))
    dom = page(api, f"/b/{battle.battle_id}")
    assert dom.text("h1") == "Tea or coffee?" and len(dom.texts("dd")) == 2
    assert dom.texts("p", class_="text")[0] == "4 turns of at most 80 words: which side convinces you, and why?"
    assert not dom.texts("span", class_="name") and dom.texts("span", class_="badge") == ["written by a human"]
    assert "Short <b>" in dom.text("span", class_="template")
    composer = f"/battles/new%3Froom%3D{world.room.id}%26template%3D{template.id}"
    assert f"/signup?next={composer}" in dom.links()


@pytest.mark.parametrize("replies, queued, side_by_side", [(0, 0, False), (1, 0, False), (0, 2, True), (1, 1, True),
                                                           (2, 0, True), (2, 1, False), (3, 0, False)])
def test_two_voices_stand_side_by_side(api, database, world, replies, queued, side_by_side):
    """Those that are being written have their places already."""
    user = world.user
    battle = write_battle(database, user)
    summarize(database, battle)
    voices = [user.persona(name=f"Voice {n}") for n in range(replies + queued)]
    for voice in voices[:replies]:
        database.execute("INSERT INTO replies (post_id, persona_id, user_id, content) VALUES (%s, %s, %s, 'Yes.')",
                         battle.id, voice.id, user.id)
    if queued:
        user.ask_for_replies(battle, *voices[replies:])
    dom = page(api, f"/b/{battle.id}")
    assert len(dom.all("div", class_="said abreast")) == side_by_side
    assert len(dom.all("article", class_="reply")) == replies
    places = ["".join(place.itertext()).replace("\n", "") for place in dom.all("p", class_="writing")]
    assert places == [f"\u2068Voice {n}\u2069 is writing…{n + 1}/{len(voices)}" for n in range(replies, len(voices))]


@pytest.mark.parametrize("version, said", [("fresh", "Of all replies so far."),
                                           ("earlier", "Replies came after this summary."), (None, "No summary yet.")])
def test_a_summary_says_how_it_stands(api, database, world, version, said):
    battle = write_battle(database, world.user)
    if version == "fresh":
        version = made(ask(api, f"/b/{battle.id}", JSON), 200).version
    if version:
        database.execute("INSERT INTO thread_summaries (post_id, version, summary) VALUES (%s, %s, 'Both.') "
                         "ON CONFLICT (post_id) DO UPDATE SET version = excluded.version", battle.id, version)
    eventually(lambda: page(api, f"/b/{battle.id}").texts("p", class_="note") == [said])


def test_a_page_waits_for_no_summary_and_asks_for_one(api, database, world):
    battle = write_battle(database, world.user, "Topic: Quiet?", persona=world.user.persona())
    answer = ask(api, f"/b/{battle.id}")
    assert answer.elapsed.total_seconds() < 1.5 and is_page(answer)
    eventually(lambda: database.value("SELECT count(*) FROM jobs WHERE job_type = 'summarize_thread' AND post_id = %s",
                                      battle.id) == 1)


def test_more_replies_than_a_page_has(api, database, world):
    battle = write_battle(database, world.user, "Topic: Loud?", persona=world.user.persona())
    summarize(database, battle)
    for count, said in ((200, "200 replies"), (1, "The first 200 replies")):
        database.execute("INSERT INTO replies (post_id, user_id, content) SELECT %s, %s, 'Reply ' || n "
                         "FROM generate_series(1, %s) n", battle.id, world.user.id, count)
        dom = eventually(lambda: (found := page(api, f"/b/{battle.id}")) and said in found.texts("h2") and found)
        assert len(dom.all("article", class_="reply")) == 200
    assert set(dom.texts("span", class_="name")[1:]) == {"Somebody who left"}


def test_a_profile_can_be_read(api, world):
    slug, battle = world.slug, world.battle
    dom = page(api, f"/p/{slug}")
    origin = "http://localhost:8080"
    assert dom.text("title") == "Ada · PersonaWorlds" and dom.text("h1") == "Ada"
    assert (dom.meta("og:type"), dom.meta("og:url")) == ("profile", f"{origin}/p/{slug}")
    assert dom.meta("description") == dom.text("p", class_="bio") == world.persona.bio
    assert dom.one("link", type="application/atom+xml").attrib["href"] == f"{origin}/p/{slug}/feed.atom"
    assert dom.meta("og:image") == f"{origin}/b/{battle.id}/card.png"
    assert dom.texts("p", class_="text") == [battle.content]
    assert f"/b/{battle.id}" in dom.links() and f"/signup?next=/p/{slug}%3Ffollow%3D1" in dom.links()
    assert page(api, f"/p/{slug.upper()}").meta("og:url") == f"{origin}/p/{slug}"


def test_a_profile_without_posts_has_no_picture(api, world):
    slug = made(world.user.post(f"/personas/{world.user.persona().id}/publish-profile", json={}), 200).slug
    dom = page(api, f"/p/{slug}")
    assert dom.meta("twitter:card") == "summary"
    assert "og:image" not in [element.get("property") for element in dom.root.iter("meta")]
    assert "Nothing published yet." in dom.texts("h2")


def test_templates_can_be_read(api, world):
    made(world.user.post("/templates", json={"name": "Short & <sharp>", "prompt_rules": "Be <brief>.", "turn_count": 4,
                                       "word_limit": 80, "is_public": True}), 201)
    dom = page(api, "/templates")
    assert "Short & <sharp>" in dom.texts("h2") and "Be <brief>." in dom.texts("p", class_="text rules")
    assert {"4 turns", "80 words"} <= set(dom.texts("span"))
    template = api.client.get("/templates").json()["templates"][0]["id"]
    assert f"/signup?next=/battles/new%3Ftemplate%3D{template}" in dom.links()


def test_the_first_page_shows_what_can_be_discovered(start, world):
    api = start(Api)  # another may have been asked before the battle was there
    dom = page(api, "/")
    found = made(ask(api, "/discover", JSON), 200)
    assert dom.boot() == {"/discover": found}
    assert dom.text("h1") == "Your AI persona writes, you decide"
    assert dom.meta("og:url") == dom.one("link", rel="canonical").attrib["href"] == "http://localhost:8080/"
    assert dom.meta("og:image") == f"http://localhost:8080/b/{found.battles[0]['battle_id']}/card.png"
    for name, path, id, said in (("battles", "/b/", "battle_id", "topic"), ("personas", "/p/", "slug", "name"),
                                 ("templates", "/templates?template=", "template_id", "name")):
        shown = dom.all("section", class_=name)[0]
        assert [(link.attrib["href"], "".join(link.itertext()).strip()) for link in shown.iter("a")] == [
            (path + item[id], item[said]) for item in found[name]]
    assert page(api, "/", Accept_Language="tr").text("h1") == "Yapay zekâ personan yazar, sen karar verirsin"
    assert page(api, "/").boot() == {"/discover": found}


def test_an_empty_world_has_a_first_page(start, own_database):
    dom = page(start(Api, own_database.url), "/")
    assert "No battles yet." in dom.texts("p", class_="note")
    assert dom.texts("h2") == ["Sign up", "Templates"] and dom.meta("twitter:card") == "summary"


def test_a_page_is_the_same_whoever_asks(api, world):
    for path in world.paths:
        visitors = ask(api, path)
        for token in (world.user.token, "no-token"):
            answer = ask(api, path, Authorization=f"Bearer {token}")
            assert (answer.status_code, answer.text) == (200, visitors.text)


def test_boot_data_are_what_the_routes_answer(api, battle, slug):
    for paths in ([f"/b/{battle.id}", f"/b/{battle.id}/meta"], [f"/p/{slug}"], ["/templates"]):
        boot = page(api, paths[0]).boot()
        assert boot == {path: made(ask(api, path, JSON), 200) for path in paths}
        assert list(boot) == paths


@pytest.fixture(scope="module")
def hostile(database, world):
    """Each text as a topic, a name, a bio, a tone, a reply, a summary and a template:
    the paths of its battle and its profile."""
    return write_everywhere(database, world)


def test_sixty_texts_are_text_wherever_they_stand(api, hostile):
    assert len(HOSTILE) == len(set(HOSTILE)) == 60
    for text, (battle, profile) in zip(HOSTILE, hostile, strict=True):
        meta, thread, answer = [made(ask(api, path, JSON), 200) for path in (f"{battle}/meta", battle, profile)]
        dom = page(api, battle)
        assert dom.text("h1") == in_html(meta["topic"]), text
        assert dom.text("title") == in_html(f"{meta['topic']} · PersonaWorlds").strip("\t\n\f\r ")
        assert dom.meta("og:title") == in_html(meta["topic"])
        assert dom.texts("p", class_="text") == [in_html(said) for said in (f"Topic: {text}", text, text)]
        assert dom.texts("span", class_="name") == [in_html(text)] * 2
        assert dom.boot() == {battle: thread, f"{battle}/meta": meta}
        dom = page(api, profile)
        assert dom.text("h1") == dom.text("p", class_="bio") == dom.meta("og:title") == in_html(text)
        assert dom.text("span", class_="chip tone") == f"Tone: \u2068{in_html(text)}\u2069"
        assert dom.boot() == {profile: answer}


def test_sixty_texts_are_text_in_a_list_of_templates(api, hostile):
    dom = page(api, "/templates")
    for found in (dom.texts("h2"), dom.texts("p", class_="text rules")):
        assert {in_html(text) for text in HOSTILE} <= set(found)
    assert dom.boot() == {"/templates": made(ask(api, "/templates", JSON), 200)}


def test_no_text_adds_an_element(api, hostile):
    """All battles have the same skeleton, and so have all profiles."""
    for paths in zip(*hostile, strict=True):
        shapes = {tuple((element.tag, *sorted(element.attrib)) for element in page(api, path).root.iter())
                  for path in paths}
        assert len(shapes) == 1


# ---- no page ----

def nothing_here(api, path):
    dom = page(api, path, 404)
    assert dom.text("h1") == "There is nothing here" and dom.meta("robots") == "noindex"
    assert not dom.all("script", id="boot")


def test_what_nobody_may_see_is_a_page_that_is_not_there(api, database):
    world = World(api, database)
    user, persona, room, slug, battle = world.user, world.persona, world.room, world.slug, world.battle
    draft = user.draft(persona, room)
    for path in (f"/b/{NOBODY}", "/b/x", "/b/", f"/b/{draft.id}", "/p/nobody-has-this", "/p/%ff", "/nope",
                 "/b", "/rooms/x/y/z", f"/b/{battle.id}/nope"):
        nothing_here(api, path)
    own = ask(api, f"/b/{draft.id}", Authorization=f"Bearer {user.token}")
    assert own.status_code == 404 and is_page(own)
    made(user.post(f"/personas/{persona.id}/unpublish-profile"), 200)
    nothing_here(api, f"/p/{slug}")
    user.delete(f"/posts/{battle.id}")
    nothing_here(api, f"/b/{battle.id}")


def test_programs_get_the_errors_of_before(api, world):
    draft = world.user.draft(world.persona, world.room)
    for path, status, error in ((f"/b/{NOBODY}", 404, "post not found"), ("/b/x", 400, "battle id is invalid"),
                                ("/b/", 400, "battle id is required"), (f"/b/{draft.id}", 403, "not allowed"),
                                ("/p/nobody-has-this", 404, "public profile not found"), ("/nope", 404, "not found"),
                                ("/", 404, "not found")):
        for accept in ("*/*", None, JSON):
            answer = ask(api, path, accept)
            assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_the_first_address_is_a_page_alone(api):
    assert is_page(ask(api, "/")) and is_page(ask(api, "/", "*/*", User_Agent="Twitterbot/1.0"))
    for accept in ("*/*", None, JSON):
        answer = ask(api, "/", accept)
        assert (answer.status_code, answer.json()["error"]) == (404, "not found")
        assert "Accept" in answer.headers["Vary"] and "Allow" not in answer.headers


def test_routes_without_a_page_answer_as_before(api):
    for path in ("/me", f"/personas/{NOBODY}/digest/today", "/healthz", "/openapi.json", f"/b/{NOBODY}/meta"):
        assert not is_page(ask(api, path)), path
        assert ask(api, path).status_code == ask(api, path, JSON).status_code
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        for path in ("/", "/nope", f"/b/{NOBODY}", "/templates"):
            assert not is_page(ask(api, path, method=method)) or method == "OPTIONS"
    assert ask(api, "/templates", method="DELETE").headers["Allow"] == "GET, HEAD, POST"


def test_a_page_counts_where_its_json_does(start, battle, slug):
    api = start(Api, RATE_LIMIT_PUBLIC_READ="3/1h")
    assert [ask(api, path, accept).status_code for path, accept in (
        (f"/b/{battle.id}", BROWSER), (f"/p/{slug}", JSON), ("/", BROWSER))] == [200] * 3
    refused = ask(api, f"/b/{battle.id}")
    assert (refused.status_code, refused.headers["Cache-Control"]) == (429, "no-store")
    assert refused.headers["RateLimit-Policy"] == '"public_read";q=3;w=3600'
    for language, title, again in (("en", "That was quick", "Again in {} s."),
                                   ("tr", "Biraz hızlı oldu", "{} sn sonra yeniden.")):
        refused = ask(api, f"/b/{battle.id}", Accept_Language=language)
        wait, dom = int(refused.headers["Retry-After"]), Dom(refused)
        digits = f"{wait:,}".replace(",", "." if language == "tr" else ",")
        assert (dom.text("h1"), dom.texts("p", class_="text")) == (title, [again.format(digits)])
    assert ask(api, f"/b/{battle.id}", JSON).json()["code"] == "public_profile_rate_limit_exceeded"


def test_without_a_database_a_page_says_so(battle):
    api = Api("postgres://postgres@127.0.0.1:1/nowhere", AUTO_MIGRATE="0").launch()
    try:
        eventually(lambda: api.log.find("api_listening"))
        api.expect_errors("http_request", "database_unavailable", "db_connection_failed")
        refused = ask(api, f"/b/{battle.id}")
        assert (refused.status_code, refused.headers["Retry-After"], is_page(refused)) == (503, "1", True)
        assert Dom(refused).text("h1") == "The texts can't be reached"
        assert "Again in 1 s." in Dom(refused).text("p", class_="text")
        assert ask(api, f"/b/{battle.id}", JSON).json()["error"] == "database is not available"
        assert page(api, "/", 503).text("h1") == "The texts can't be reached"
        assert ask(api, "/").headers.get_list("Cache-Control") == ["no-store"]
        assert page(api, "/nope", 404).text("h1") == "There is nothing here"
    finally:
        api.kill()


def test_a_database_that_is_too_slow_is_said_so(start, database, world):
    api = start(Api, API_REQUEST_TIMEOUT="300ms")
    with database.connect() as holder:
        holder.autocommit = False
        holder.execute("LOCK TABLE thread_summaries IN ACCESS EXCLUSIVE MODE")
        dom = page(api, world.paths[0], 504)
        holder.rollback()
    api.expect_errors("http_request")
    assert (dom.text("h1"), dom.text("p", class_="text")) == ("That took too long", "The same address may work now.")
    assert page(api, world.paths[0]).text("h1") == "Tabs or spaces?"


# ---- counted, kept, named ----

def viewed(database, name, **metadata):
    return database.value("SELECT count(*) FROM events WHERE event_name = %s AND metadata @> %s::jsonb", name,
                          json.dumps(metadata))


def test_a_view_of_a_page_is_recorded_once(api, database):
    world = World(api, database)
    battle, slug = world.battle, world.slug
    for path, count in ((f"/b/{battle.id}", lambda: viewed(database, "public_battle_viewed", battle_id=battle.id)),
                        (f"/p/{slug}", lambda: viewed(database, "public_profile_viewed", slug=slug))):
        ask(api, path, method="HEAD")
        ask(api, path)
        eventually(lambda: count() == 1)
        ask(api, path, If_None_Match="*")
        ask(api, path, method="HEAD")
        ask(api, f"{path}?lang=tr")
        eventually(lambda: count() == 3)
        assert ask(api, path, JSON).status_code == 200
    rows = database.rows("SELECT DISTINCT metadata FROM events WHERE event_name = 'public_battle_viewed' "
                         "AND metadata->>'battle_id' = %s", battle.id)
    made(ask(api, f"/b/{battle.id}/meta", JSON), 200)
    eventually(lambda: viewed(database, "public_battle_viewed", battle_id=battle.id) == 4)
    assert rows == database.rows("SELECT DISTINCT metadata FROM events WHERE event_name = 'public_battle_viewed' "
                                 "AND metadata->>'battle_id' = %s", battle.id)


def test_head_is_a_page_without_its_text(api, paths):
    for path in paths:
        full, head = ask(api, path), ask(api, path, method="HEAD")
        assert (head.status_code, head.content) == (200, b"")
        assert {name: head.headers[name] for name in (*HEADERS, "ETag", "Content-Length")} == {
            name: full.headers[name] for name in (*HEADERS, "ETag", "Content-Length")}


def test_pages_come_from_memory_by_language_and_are_measured(start, paths, battle):
    api = start(Api, API_THREADS=1)
    path, label = f"/b/{battle.id}", "page:/b/{id}"
    for query in ("", "?remix=1", "?utm_source=x"):
        assert is_page(ask(api, path + query))
    assert is_page(ask(api, path, Accept_Language="tr"))
    found = Metrics(api.metrics())
    assert [found.value("cache_requests_total", route=label, result=result) for result in ("hit", "miss")] == [2, 2]
    assert found.value("http_requests_total", route=label, method="GET", status="200") == 4
    assert found.value("http_requests_total", route="/b/{id}", method="GET", status="200") == 0
    assert found.value("http_route_info", route=label, method="GET", **{"class": "public"}) == 1
    assert api.log.wait_for("http_request", count=4, route=label)


def test_who_changes_something_sees_it_in_the_page_at_once(api, world):
    persona = world.user.persona()
    for bio in ("Before.", "After."):
        slug = made(world.user.post(f"/personas/{persona.id}/publish-profile", json={"bio": bio}), 200).slug
        assert page(api, f"/p/{slug}").text("p", class_="bio") == bio
