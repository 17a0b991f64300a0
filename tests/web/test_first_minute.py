"""The first minute in a browser: the start, a voice, its first draft, and somebody who answers."""
import gzip

import pytest

from fakes.openai import WAIT, FakeProvider, answer, speak, status
from support.browser import DESKTOP, NARROW, PHONE, Tab, address, enter
from support.followed import speaking_as, warm
from support.pages import World
from support.people import made, new_email, sign_up
from support.program import Api
from support.waiting import eventually

WITHIN = 15
VOICES, DRAFT = ".voice-card", ".first-draft .text"


@pytest.fixture(scope="module", autouse=True)
def world(api, database):
    """There before anybody looks at the start, which is kept for a minute."""
    return World(api, database)


@pytest.fixture(scope="module")
def provider():
    with FakeProvider() as provider:
        yield provider


@pytest.fixture(scope="module")
def writing(database, provider):
    with Api(database.url, **speaking_as(provider, API_REQUEST_TIMEOUT="15s")) as api:
        warm(api, provider)
        yield api


@pytest.fixture
def newcomer(browser, writing, provider):
    """Somebody new at the choice of a voice, whose drafts the scripted model writes."""
    provider.forget()
    provider.stop_playing()
    provider.default = answer("Fine. Is it?")
    user = sign_up(writing)
    with Tab(browser, writing, user=user) as tab:
        tab.user = user
        tab.go("/welcome").wait_for_selector(f"{VOICES} >> nth=5")
        yield tab


class Hand:
    """What a person does, counted."""

    def __init__(self, page):
        self.page, self.typed, self.presses = page, 0, 0

    def type(self, field, text):
        self.page.fill(field, text)
        self.typed += 1

    def press(self, button):
        self.page.click(button)
        self.presses += 1


def take(page, place=0):
    page.click(f"{VOICES} >> nth={place} >> button")


def personas_of(user):
    return user.get("/personas").json()["personas"]


def published_of(user):
    return user.get("/me/posts?status=published").json()["posts"]


def in_the_start(page, email, password="long enough"):
    page.fill(".entry input[type=email]", email)
    page.fill(".entry input[type=password]", password)
    page.click(".entry button[type=submit]")


# ---- from the start to an answer ----


@pytest.mark.parametrize("size, language", [(PHONE, "en"), (DESKTOP, "tr")])
def test_two_fields_and_few_presses_lead_to_a_post_and_an_answer(browser, api, worker, database, size, language):
    email = new_email()
    with Tab(browser, api, size, locale=language) as tab:
        hand = Hand(tab.go("/"))
        hand.type(".entry input[type=email]", email)
        hand.type(".entry input[type=password]", "long enough")
        hand.press(".entry button[type=submit]")
        hand.press(f"{VOICES} >> nth=1 >> button")
        hand.press(".acts button >> nth=0")
        hand.page.wait_for_selector(f"{VOICES} >> nth=4")
        assert hand.typed <= 2 and hand.presses <= 6
        post = database.value("SELECT p.id FROM posts p JOIN users u ON u.id = p.user_id WHERE u.email = %s "
                              "AND p.status = 'PUBLISHED' AND p.authored_by = 'AI_DRAFT_APPROVED'", email)
        hand.press(f"{VOICES} >> nth=0 >> button")
        hand.page.wait_for_url(f"{address(api)}/b/{post}?**")
        hand.page.wait_for_selector(".writing, .reply")
        assert hand.presses <= 6 and hand.page.locator(".disagree").count() == 0
    eventually(lambda: database.count("replies", post_id=post) == 1, WITHIN)
    author, answers = database.rows("SELECT name, preferred_language AS language FROM personas a JOIN users u "
                                    "ON u.id = a.user_id WHERE u.email = %s ORDER BY a.created_at", email)
    assert author["language"] == answers["language"] == language and author["name"] != answers["name"]


@pytest.mark.parametrize("language, switch", [("en", "English"), ("tr", "Turkish")])
def test_each_voice_is_a_whole_persona(browser, api, language, switch):
    user = sign_up(api)
    rooms = {room["slug"] for room in user.get("/rooms").json()["rooms"]}
    with Tab(browser, api, user=user) as tab:
        for place in range(6):
            page = tab.go("/welcome")
            page.click(f"label:has-text('{switch}')")
            page.wait_for_selector(f"{VOICES} [lang={language}] >> nth=5")
            with page.expect_response(lambda answer: answer.url.endswith("/personas") and answer.status == 201):
                take(page, place)
            page.wait_for_url("**/welcome?**persona=*")
            assert page.evaluate("new URLSearchParams(location.search).get('room')") in rooms
    made_of = personas_of(user)
    assert len({persona["name"] for persona in made_of}) == 6
    for persona in made_of:
        said = persona["writing_samples"] + persona["catchphrases"] + [persona["bio"]]
        assert persona["preferred_language"] == language and persona["catchphrases"] and persona["do_not_say"]
        assert all(1 <= len(sample) <= 180 for sample in persona["writing_samples"])
        assert not [phrase for phrase in persona["do_not_say"] if any(phrase.lower() in text.lower() for text in said)]


def test_the_first_draft_is_written_before_ones_eyes(newcomer, provider):
    page = newcomer.page
    provider.play(speak("Some ", WAIT, "words."))
    take(page)
    page.wait_for_selector(f"{DRAFT}:text-is('Some')")
    assert page.locator("button:has-text('Publish as')").count() == 0
    provider.release()
    page.wait_for_selector("button:has-text('Publish as'):has-text('Mira Holt')")
    assert page.inner_text(DRAFT) == "Some words." and page.locator("text=written by AI").count() == 1
    assert not published_of(newcomer.user), "nothing is published by itself"


def test_each_step_outlives_its_page(newcomer, provider):
    page, user = newcomer.page, newcomer.user
    provider.default = answer("The only one.")
    take(page)
    page.wait_for_selector("button:has-text('Publish as')")
    page.reload()
    page.wait_for_selector("button:has-text('Publish as')")
    assert page.inner_text(DRAFT) == "The only one." and len(provider.requests) == 1
    page.click("button:has-text('Publish as')")
    page.wait_for_selector(f"{VOICES} >> nth=4")
    page.reload()
    page.wait_for_selector(f"{VOICES} >> nth=4")
    assert "The only one." in page.inner_text("main")
    page.go_back()
    page.wait_for_selector("text=This draft is published or deleted.")
    assert len(personas_of(user)) == len(published_of(user)) == 1


def test_another_draft_keeps_the_one_before(newcomer, provider):
    page = newcomer.page
    provider.play(answer("The first."), answer("The second."))
    take(page)
    page.wait_for_selector(f"{DRAFT}:text-is('The first.')")
    page.click("button:text-is('Write another')")
    page.wait_for_selector(f"{DRAFT}:text-is('The second.')")
    page.click("button:has-text('Publish as')")
    page.wait_for_selector(f"{VOICES} >> nth=4")
    assert [post["content"] for post in published_of(newcomer.user)] == ["The second."]
    drafts = newcomer.user.get("/me/posts?status=draft").json()["posts"]
    assert [post["content"] for post in drafts] == ["The first."]


def test_a_model_that_fails_is_asked_again_by_a_press(newcomer, provider):
    newcomer.announce(502, 503)
    newcomer.api.expect_errors("http_request")
    page = newcomer.page
    provider.play(status(400))
    take(page)
    page.wait_for_selector("[role=alert] >> text=The model couldn't write. Nothing was used up.")
    page.click("button:text-is('Try again')")
    page.wait_for_selector(f"{DRAFT}:text-is('Fine. Is it?')")
    assert len(personas_of(newcomer.user)) == 1
    assert personas_of(newcomer.user)[0]["today"]["drafts"] == 1


TWICE = "button => { button.click(); button.click(); }"


def test_second_presses_do_nothing(newcomer):
    page, asked = newcomer.page, []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    page.locator(f"{VOICES} button >> nth=0").evaluate(TWICE)
    page.wait_for_selector("button:has-text('Publish as')")
    page.locator("button:has-text('Publish as')").evaluate(TWICE)
    page.wait_for_selector(f"{VOICES} >> nth=4")
    ends = [url.rsplit("/", 1)[1] for url in asked]
    assert ends == ["personas", "draft", "approve"]
    assert len(personas_of(newcomer.user)) == len(published_of(newcomer.user)) == 1


def test_a_second_voice_that_cant_be_asked_yet_isnt_made_twice(newcomer):
    newcomer.announce(0)
    page, user = newcomer.page, newcomer.user
    take(page, 1)
    page.click("button:has-text('Publish as'):has-text('Ada Quill')")
    page.wait_for_selector(f"{VOICES}:has(button:has-text('answer')) >> nth=4")  # until then the page before stays
    names = page.locator(f"{VOICES} h2").all_inner_texts()
    assert names[0] == "Sunny Okafor" and "Ada Quill" not in names
    page.route("**/generate-replies", lambda route: route.abort(), times=1)
    take(page)
    page.wait_for_selector("[role=alert] >> text=You're offline.")
    take(page)
    page.wait_for_selector(".disagree", state="detached")
    assert sorted(persona["name"] for persona in personas_of(user)) == ["Ada Quill", "Sunny Okafor"]


def test_a_second_voice_is_for_the_author_of_a_post_that_nobody_answered(browser, api, user, other):
    post = user.publish(user.persona(), user.room("ai-builders"))
    path = f"/b/{post.id}?voice=sceptic&speaks=tr"
    with Tab(browser, api, user=user) as mine, Tab(browser, api, user=other) as theirs, Tab(browser, api) as visitors:
        mine.go(path).wait_for_selector(".disagree h2 bdi:text-is('Umut Çelik')")
        for tab in (theirs, visitors):
            tab.go(path).wait_for_load_state("networkidle")
            assert tab.page.locator("main .by").count() and not tab.page.locator(".disagree").count()
        made(user.post(f"/posts/{post.id}/generate-replies", json={}), 200)
        mine.page.reload()
        mine.page.wait_for_selector(".writing")
        assert not mine.page.locator(".disagree").count()


@pytest.mark.parametrize("language, close", [("en", "Close"), ("tr", "Kapat")])
def test_the_way_on_is_shown_after_the_first_answer_was_asked_until_it_is_put_away(browser, api, user, language, close):
    persona = user.persona()
    post = user.publish(persona, user.room("ai-builders"))
    path = f"/b/{post.id}?voice=sceptic&speaks=en"
    with Tab(browser, api, user=user, locale=language) as tab:
        page = tab.go(path)
        page.wait_for_selector(VOICES)
        assert not page.locator(".tour").count(), "first things first"
        take(page)
        page.wait_for_selector(".tour")
        links = [link.get_attribute("href") for link in page.locator(".tour a").all()]
        assert links == [f"/personas/{persona.id}", "/"]
        page.click(".tour li button")
        page.wait_for_selector("dialog[open] .card-picture")
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog[open]", state="detached")
        tab.go(path).wait_for_selector(".tour")
        page.click(f".tour button[aria-label={close}]")
        assert tab.kept("pw.tour") == "done" and not page.locator(".tour").count()
        tab.go(path).wait_for_selector(".replies")
        tab.go(f"/b/{post.id}").wait_for_selector(".replies")
        assert not page.locator(".tour").count()


def test_a_voice_that_cant_be_made_is_said_in_words(browser, database):
    with Api(database.url, MAX_PERSONAS=1) as api:
        user = sign_up(api)
        user.persona()
        with Tab(browser, api, user=user) as tab:
            tab.announce(400)
            tab.go("/welcome").wait_for_selector(VOICES)
            take(tab.page)
            tab.page.wait_for_selector("[role=alert] >> text=You have as many personas as there can be.")


def test_whoever_writes_alone_gets_the_editor(newcomer):
    newcomer.page.click("a:text-is(\"I'll write my own\")")
    newcomer.page.wait_for_selector("h1:text-is('New persona')")


# ---- what a link asked for wins ----


@pytest.mark.parametrize("link, end", [
    ("/signup?next=/personas/new", "/personas/new"), ("/signup", "/welcome"), ("/signup?next=/", "/welcome"),
    ("/", "/welcome"), ("/?lang=en", "/welcome"), ("/?template=7d444840-9dc0-41d1-b245-5ffdce74fad2#feed",
                                "/battles/new?template=7d444840-9dc0-41d1-b245-5ffdce74fad2")])
def test_where_a_sign_up_leads(browser, api, link, end):
    with Tab(browser, api) as tab:
        page = tab.go(link)
        enter(page, new_email(), "long enough")
        page.wait_for_url(address(api) + end)
        page.wait_for_selector("button:text-is('Log out')")


def test_who_logs_in_has_a_voice_already(browser, api, user):
    with Tab(browser, api) as tab:
        page = tab.go("/login")
        enter(page, user.email, user.password)
        page.wait_for_url(f"{address(api)}/")


# ---- the start ----


def test_the_start_is_read_without_a_script(browser, api, world):
    with Tab(browser, api, java_script_enabled=False) as tab:
        page = tab.go("/")
        assert page.locator("h1").inner_text() == "Your AI persona writes, you decide"
        page.click("a:has-text('Tabs or spaces?')")
        page.wait_for_url(f"{address(api)}/b/{world.battle.id}")


def test_an_e_mail_that_is_known_is_said_beside_the_form(browser, api, user):
    with Tab(browser, api) as tab:
        tab.announce(409)
        page = tab.go("/")
        in_the_start(page, user.email)
        page.wait_for_selector(".entry [role=alert] >> text=There is an account with this e-mail.")
        assert page.input_value("input[type=email]") == user.email
        page.click(".entry a:text-is('Log in')")
        page.wait_for_selector("h1:text-is('Log in')")
        assert page.input_value("input[type=email]") == user.email


BOXES = """() => [...document.querySelectorAll(
        'main :is(h1, h2, h3, p, form, input, label, button, section, article, .pitch, .entry)')].map(element => {
    const box = element.getBoundingClientRect();
    return [element.tagName, element.textContent.replace(/\\s+/g, ''), box.x, box.y, box.width, box.height];
})"""


@pytest.mark.parametrize("size, language", [(PHONE, "en"), (DESKTOP, "en"), (DESKTOP, "tr"), (NARROW, "tr")])
def test_the_script_moves_nothing(browser, api, size, language):
    with (Tab(browser, api, size, java_script_enabled=False, locale=language) as without,
          Tab(browser, api, size, locale=language) as tab):
        served = without.go("/").evaluate(BOXES)
        page = tab.go("/")
        page.wait_for_selector(".entry button:not([disabled])")
        made_here = page.evaluate(BOXES)
        assert [box[:2] for box in served] == [box[:2] for box in made_here] and len(served) > 15
        for (tag, said, *before), (_, _, *after) in zip(served, made_here, strict=True):
            assert max(abs(one - other) for one, other in zip(before, after)) <= 2, (tag, said, before, after)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0


@pytest.mark.parametrize("path", ["/", "/welcome"])
def test_a_page_weighs_little(browser, api, user, path):
    with Tab(browser, api) if path != "/welcome" else Tab(browser, api, user=user) as tab:
        files = []
        tab.page.on("response", lambda answer: files.append(answer) if "/a/" in answer.url else None)
        page = tab.go(path)
        page.wait_for_selector("main button:not([disabled])")
        page.wait_for_load_state("networkidle")
        weight = sum(len(gzip.compress(file.body(), 9)) for file in files)
        assert 10_000 < weight <= 40_960, weight


@pytest.mark.parametrize("size", [NARROW, PHONE, DESKTOP])
def test_no_step_is_wider_than_the_window(browser, api, user, size):
    persona, room = user.persona(name="W" * 80), user.room("ai-builders")
    post = user.publish(persona, room, "v" * 400)
    with Tab(browser, api, size, user=user) as tab:
        for path, ready in (("/welcome", VOICES), (f"/welcome?persona={persona.id}", "button:has-text('Publish as')"),
                            (f"/b/{post.id}?voice=tester&speaks=en", VOICES)):
            page = tab.go(path)
            page.wait_for_selector(ready)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{path} at {size}"


def test_a_step_of_a_persona_that_is_gone_is_said_in_words(browser, api, user):
    with Tab(browser, api, user=user) as tab:
        tab.announce(404)
        page = tab.go("/welcome?persona=7d444840-9dc0-41d1-b245-5ffdce74fad2&voice=nobody")
        page.wait_for_selector("[role=alert] >> text=This persona isn't here.")
