"""The page of a battle in a browser: what the server wrote and the script took over, sharing, remixing,
asking for replies, deleting."""
import gzip
import re

import pytest

from support.battles import summarize, write_battle
from support.browser import DESKTOP, NARROW, PHONE, LoggedIn, Tab, chromium
from support.pages import World
from support.people import made, new_email, sign_up
from support.program import Api
from support.waiting import eventually

WITHIN = 15
PASSWORD = "long enough"
REMIX, ASK, SHARE, DELETE = [f"main > .acts .act:text-is('{word}')" for word in (
    "Remix", "Ask for replies", "Share", "Delete")]
SHEET = "dialog[open]"
CONTENT = "Topic: Tabs or spaces?\nPro style: Bold.\nCon style: Sceptical.\nBegin."
NOBODY = "7d444840-9dc0-41d1-b245-5ffdce74fad2"


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def world(api, database):
    """Nothing of it is changed."""
    world = World(api, database)
    world.voices = [world.user.persona(name=name) for name in ("Ben", "Çağla", "Deniz Kaptan")]
    return world


@pytest.fixture
def battle(database, world):
    """One of the test's own, with no reply."""
    battle = write_battle(database, world.user, CONTENT, persona=world.persona)
    summarize(database, battle)
    return battle


@pytest.fixture
def visitor(browser, api):
    with Tab(browser, api) as tab:
        yield tab


@pytest.fixture
def owner(browser, api, world):
    with LoggedIn(browser, api, world.user) as tab:
        yield tab


def reply(database, battle, voice, text="Spaces look the same everywhere."):
    database.execute("INSERT INTO replies (post_id, persona_id, user_id, content) "
                     "SELECT %s, id, user_id, %s FROM personas WHERE id = %s", battle.id, text, voice.id)


def open_battle(tab, battle, query=""):
    page = tab.go(f"/b/{battle.id}{query}")
    page.wait_for_selector("button.act")
    return page


def shares(database, battle):
    """By their sources."""
    rows = database.rows("SELECT metadata->>'source' AS source FROM events "
                         "WHERE event_name = 'battle_shared' AND metadata->>'battle_id' = %s ORDER BY id", str(battle.id))
    return [row["source"] for row in rows]


# ---- what the server wrote, and the script ----

BOXES = """() => [...document.querySelectorAll('main, main *:not(.unseen)')].map(element => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [element.getAttribute('class') ?? element.tagName.toLowerCase(), x, y, width, height];
})"""


@pytest.mark.parametrize("size, replies, queued", [(PHONE, 1, 2), (DESKTOP, 2, 0), (DESKTOP, 0, 0)])
def test_the_script_moves_nothing(browser, api, database, world, battle, size, replies, queued):
    for voice in world.voices[:replies]:
        reply(database, battle, voice)
    if queued:
        world.user.ask_for_replies(battle, *world.voices[replies:])
    with Tab(browser, api, size, java_script_enabled=False) as without, Tab(browser, api, size) as tab:
        served = without.go(f"/b/{battle.id}").evaluate(BOXES)
        made_ = open_battle(tab, battle).evaluate(BOXES)
    assert [box[0] for box in served] == [box[0] for box in made_]
    for (name, *before), (_, *after) in zip(served, made_):
        assert max(abs(one - other) for one, other in zip(before, after)) <= 2, (name, before, after)


SHIFTS = """new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted = (window.shifted ?? 0) + entry.value;
}).observe({ type: 'layout-shift', buffered: true });"""


@pytest.mark.parametrize("kind, size", [(Tab, PHONE), (LoggedIn, PHONE), (LoggedIn, DESKTOP)])
def test_nothing_jumps_while_the_page_loads(browser, api, database, world, battle, kind, size):
    for voice in world.voices[:2]:
        reply(database, battle, voice)
    with kind(browser, api, *([world.user] if kind is LoggedIn else []), size) as tab:
        tab.context.add_init_script(SHIFTS)
        page = open_battle(tab, battle)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.shifted ?? 0") <= 0.02


def test_a_visitor_reads_what_is_there_already_and_counts_once(visitor, database, battle):
    asked = []
    visitor.page.on("request", lambda request: asked.append((request.resource_type, request.url)))
    page = open_battle(visitor, battle)
    page.wait_for_load_state("networkidle")
    assert page.title() == "Tabs or spaces? · PersonaWorlds"
    assert not [url for kind, url in asked if kind == "fetch"], "the boot data serve"
    assert not [url for _, url in asked if "card.png" in url]
    eventually(lambda: views(database, battle) == 1)


def views(database, battle):
    return database.value("SELECT count(*) FROM events WHERE event_name = 'public_battle_viewed' "
                          "AND metadata->>'battle_id' = %s", str(battle.id))


def test_who_is_logged_in_sees_what_is_theirs_and_counts_once(owner, database, battle, browser, api):
    page = open_battle(owner, battle)
    page.wait_for_selector(DELETE)
    assert page.get_attribute("a.room", "href").startswith("/rooms/")
    page.wait_for_load_state("networkidle")
    eventually(lambda: views(database, battle) == 1)
    with LoggedIn(browser, api, sign_up(api)) as other:
        page = open_battle(other, battle)
        page.wait_for_load_state("networkidle")
        assert page.is_visible(ASK) and not page.is_visible(DELETE)


def test_what_people_wrote_is_text(browser, api, database, world):
    hostile = "<img src=x onerror=alert(1)> \u202eabc " + "x" * 300
    battle = write_battle(database, world.user, f"Topic: {hostile}", persona=world.user.persona(name="<b>Ada</b>"))
    summarize(database, battle, hostile)
    reply(database, battle, world.voices[0], hostile)
    for size in (NARROW, DESKTOP):
        with Tab(browser, api, size) as tab:
            page = open_battle(tab, battle)
            assert page.inner_text("article.reply .text") == hostile and page.inner_text(".post .name") == "<b>Ada</b>"
            assert page.evaluate("document.querySelectorAll('main img, main b').length") == 0
            assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_replies_beyond_the_first_page_come_when_asked_for(visitor, database, world, battle):
    database.execute("INSERT INTO replies (post_id, user_id, content) SELECT %s, %s, 'Reply ' || n "
                     "FROM generate_series(1, 201) n", battle.id, world.user.id)
    page = open_battle(visitor, battle)
    assert page.locator("article.reply").count() == 200 and page.is_visible("h2:text-is('The first 200 replies')")
    page.click("button:text-is('More replies')")
    page.wait_for_selector("article.reply >> nth=200")
    assert page.locator("article.reply").count() == 201 and not page.is_visible("button:text-is('More replies')")


def test_it_speaks_turkish(browser, api, database, battle, world):
    world.user.ask_for_replies(battle, world.voices[1])
    with Tab(browser, api, PHONE, locale="tr") as tab:
        page = open_battle(tab, battle)
        assert "Yazıyor: \u2068Çağla\u2069" in page.inner_text(".writing")
        assert page.locator(".acts .act").all_inner_texts() == ["Remiksle", "Yanıt iste", "Paylaş"]


def test_who_is_not_there_is_not_there(visitor):
    visitor.announce(404)
    page = visitor.go(f"/b/{NOBODY}")
    page.wait_for_selector("h1:text-is(\"This page isn't here\")")


def test_first_load_is_small(visitor, battle):
    files = {}
    visitor.page.on("response", lambda answer: "/a/" in answer.url and files.update({answer.url: answer}))
    page = open_battle(visitor, battle)
    page.wait_for_load_state("networkidle")
    sizes = {url: len(gzip.compress(answer.body(), 9)) for url, answer in files.items()}
    assert len(sizes) >= 4 and sum(sizes.values()) <= 30_720, sizes


# ---- sharing ----


@pytest.fixture
def sharer(browser, api):
    with Tab(browser, api) as tab:
        tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield tab


def open_sheet(tab, battle, act=SHARE):
    page = open_battle(tab, battle)
    page.click(act)
    page.wait_for_selector(SHEET)
    return page


def test_the_link_is_copied(sharer, database, battle):
    page = open_sheet(sharer, battle)
    page.click("button:text-is('Copy link')")
    page.wait_for_selector(f"{SHEET} [role=status]:text-is('Link copied.')")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.input_value(f"{SHEET} input") and link.endswith(f"/b/{battle.id}")
    eventually(lambda: shares(database, battle) == ["copy_link"], WITHIN)


def test_the_card_is_loaded_when_it_is_shown_and_copied(sharer, database, battle):
    page = open_sheet(sharer, battle)
    assert page.get_attribute(f"{SHEET} img", "alt") == page.get_attribute("meta[property='og:image:alt']", "content")
    page.click("button:text-is('Copy the image'):not([disabled])")
    page.wait_for_selector(f"{SHEET} [role=status]:text-is('The image is copied.')")
    types = page.evaluate("navigator.clipboard.read().then(items => items.flatMap(item => item.types))")
    assert types == ["image/png"]
    eventually(lambda: shares(database, battle) == ["copy_image"], WITHIN)


NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined });"


def test_without_a_clipboard_the_link_is_in_a_field_and_the_card_a_file(visitor, database, battle):
    visitor.context.add_init_script(NO_CLIPBOARD)
    page = open_sheet(visitor, battle)
    page.click("button:text-is('Copy link')")
    page.wait_for_selector(f"{SHEET} [role=status]:text-is('Link copied.')")
    with page.expect_download() as download:
        page.click("button:text-is('Copy the image'):not([disabled])")
    assert download.value.suggested_filename == "personaworlds.png"
    eventually(lambda: shares(database, battle) == ["copy_link", "copy_image"], WITHIN)


def test_a_link_that_cannot_be_copied_at_all_is_selected(visitor, database, battle):
    visitor.context.add_init_script(NO_CLIPBOARD + "document.execCommand = () => false;")
    page = open_sheet(visitor, battle)
    page.click("button:text-is('Copy link')")
    page.wait_for_selector(f"{SHEET} [role=status]:text-is('Selected. Copy it from here.')")
    assert page.evaluate("getSelection().toString()") == page.input_value(f"{SHEET} input")
    page.keyboard.press("Control+c")
    eventually(lambda: shares(database, battle) == ["copy_link"], WITHIN)


def test_only_what_was_shared_counts(visitor, database, battle):
    visitor.context.add_init_script("navigator.share = what => window.refuse ? Promise.reject(new DOMException('', 'AbortError'))"
                                    " : Promise.resolve(window.given = what);")
    page = open_sheet(visitor, battle)
    page.evaluate("window.refuse = true")
    page.click("button:text-is('Share with…')")
    page.evaluate("window.refuse = false")
    page.click("button:text-is('Share with…')")
    page.wait_for_selector(f"{SHEET} [role=status]:text-is('Shared.')")
    assert page.evaluate("window.given.url").endswith(f"/b/{battle.id}")
    eventually(lambda: shares(database, battle) == ["native_share"], WITHIN)


def test_a_card_that_does_not_come_is_asked_for_again(visitor, battle):
    visitor.announce(0)
    visitor.page.route("**/card.png*", lambda route: route.abort())
    page = open_sheet(visitor, battle)
    page.wait_for_selector(f"{SHEET} [role=alert]")
    assert page.is_disabled("button:text-is('Copy the image')")
    page.unroute("**/card.png*")
    page.click(f"{SHEET} button:text-is('Try again')")
    page.wait_for_selector("button:text-is('Copy the image'):not([disabled])")


def test_a_sheet_gives_the_focus_back(visitor, battle):
    page = open_sheet(visitor, battle)
    assert page.evaluate("document.activeElement.closest('dialog') !== null")
    page.keyboard.press("Escape")
    page.wait_for_selector(SHEET, state="detached")
    assert page.evaluate("document.activeElement.textContent") == "Share"


# ---- remixing ----


def battles_of(database, user):
    return database.rows("SELECT id, content, template_id FROM posts WHERE user_id = %s AND persona_id IS NULL "
                         "ORDER BY created_at", user.id)


@pytest.fixture
def remixer(browser, api):
    user = sign_up(api)
    user.persona(name="Remi")
    with LoggedIn(browser, api, user) as tab:
        tab.user = user
        yield tab


def start_remix(page):
    page.click(f"{SHEET} button[type=submit]")


def test_a_remix_is_a_battle_of_ones_own(remixer, database, battle):
    page = open_sheet(remixer, battle, REMIX)
    page.fill("[name=topic]", "Tabs, spaces, or neither?")
    page.fill("[name=pro_style]", "Dry.")
    page.evaluate("() => { const form = document.querySelector('dialog form'); form.requestSubmit(); form.requestSubmit(); }")
    page.wait_for_selector("h1:text-is('Tabs, spaces, or neither?')")
    (mine,) = battles_of(database, remixer.user)
    assert page.url.endswith(f"/b/{mine['id']}")
    assert page.locator("dd").all_inner_texts() == ["Dry.", "Sceptical."]
    assert not page.is_visible(SHEET) and page.is_visible(".writing")
    assert not remixer.page.evaluate("Object.keys(localStorage).filter(key => key.includes('.remix.')).length")
    eventually(lambda: database.value("SELECT count(*) FROM events WHERE event_name = 'remix_clicked' "
                                      "AND metadata->>'battle_id' = %s", str(battle.id)) == 1, WITHIN)
    assert database.value("SELECT metadata->>'source_battle_id' FROM events WHERE event_name = 'remix_completed' "
                          "AND metadata->>'battle_id' = %s", str(mine["id"])) == str(battle.id)


def test_what_was_typed_into_a_remix_survives(remixer, battle):
    page = open_sheet(remixer, battle, REMIX)
    page.fill("[name=topic]", "Half a thought")
    page.reload()
    page.wait_for_selector("button.act")
    page.click(REMIX)
    page.wait_for_selector(f"{SHEET} [name=topic]")
    assert page.input_value("[name=topic]") == "Half a thought"
    page.click(f"{SHEET} button:text-is('Discard')")
    assert page.input_value("[name=topic]") == "Tabs or spaces?"


def test_what_one_types_has_its_bounds(remixer, battle):
    page = open_sheet(remixer, battle, REMIX)
    page.wait_for_selector(f"{SHEET} form")
    for name, text, can in (("topic", "ab", False), ("topic", "abc", True), ("topic", "  ab  ", False),
                            ("topic", "🙂" * 180, True), ("topic", "🙂" * 181, False), ("topic", "abc", True),
                            ("con_style", "x" * 81, False), ("con_style", "x" * 80, True)):
        page.fill(f"[name={name}]", text)
        assert page.is_enabled(f"{SHEET} button[type=submit]") == can, text


def test_a_refused_remix_says_why_and_keeps_what_was_typed(remixer, battle):
    remixer.announce(400)
    page = open_sheet(remixer, battle, REMIX)
    page.fill("[name=topic]", "What the fuck is a tab?")
    start_remix(page)
    page.wait_for_selector(f"{SHEET} [role=alert] >> text=There is a word in it that isn't published here.")
    assert page.input_value("[name=topic]") == "What the fuck is a tab?"


def test_a_remix_that_stood_open_for_long_is_begun_anew(remixer, database, battle):
    remixer.announce(400)
    page = open_sheet(remixer, battle, REMIX)
    page.route("**/battles", lambda route: route.fulfill(status=400, json={
        "error": "invalid remix_token", "code": "invalid_remix_token"}), times=1)
    start_remix(page)
    page.wait_for_url(lambda url: not url.endswith(str(battle.id)))
    assert len(battles_of(database, remixer.user)) == 1


def test_who_was_too_quick_is_told_when(remixer, battle):
    remixer.announce(429)
    page = open_sheet(remixer, battle, REMIX)
    page.route("**/battles", lambda route: route.fulfill(status=429, headers={"Retry-After": "30"}, json={
        "error": "battle creation rate limit exceeded", "code": "battle_creation_rate_limit_exceeded"}), times=1)
    start_remix(page)
    page.wait_for_selector(f"{SHEET} [role=alert] >> text=/Again in (30|29) s/")
    start_remix(page)
    page.wait_for_url(lambda url: not url.endswith(str(battle.id)))


def test_a_template_that_a_link_names_is_chosen(remixer, database, world, battle):
    for n in range(6):
        template = made(world.user.post("/templates", json={
            "name": f"Form {n}", "prompt_rules": "Be brief.", "turn_count": 4, "word_limit": 80, "is_public": True}), 201)
        first = template if n == 0 else first
    page = remixer.go(f"/b/{battle.id}?remix=1&template={first.id}")
    page.wait_for_selector(f"{SHEET} option:text-is('Form 0')", state="attached")
    assert page.input_value(f"{SHEET} select") == first.id
    start_remix(page)
    page.wait_for_selector(".template:text-is('Template: \u2068Form 0\u2069')")
    assert str(battles_of(database, remixer.user)[0]["template_id"]) == first.id


def test_closing_the_sheet_leaves_the_plain_link(remixer, battle):
    page = remixer.go(f"/b/{battle.id}?remix=1")
    page.wait_for_selector(f"{SHEET} form")
    page.keyboard.press("Escape")
    page.wait_for_selector(SHEET, state="detached")
    assert page.url.endswith(f"/b/{battle.id}")


def test_a_visitor_signs_up_and_goes_on_with_the_remix(visitor, battle):
    template = visitor.context.request.get("/templates").json()["templates"][0]["id"]
    page = visitor.go(f"/b/{battle.id}?remix=1&template={template}")
    page.wait_for_url("**/signup?*")
    page.fill("input[type=email]", new_email())
    page.fill("input[type=password]", PASSWORD)
    page.press("input[type=password]", "Enter")
    page.wait_for_selector(f"{SHEET} select")
    assert page.url.endswith(f"/b/{battle.id}?template={template}&remix=1")
    assert page.input_value(f"{SHEET} select") == template


def test_a_visitors_acts_lead_to_an_account_and_back(visitor, database, battle):
    page = open_battle(visitor, battle)
    assert page.get_attribute(REMIX, "href") == f"/signup?next=%2Fb%2F{battle.id}&remix=1"
    assert page.get_attribute(ASK, "href") == f"/signup?next=%2Fb%2F{battle.id}"
    page.click(REMIX)
    page.wait_for_url("**/signup?*")
    eventually(lambda: database.value("SELECT count(*) FROM events WHERE event_name = 'remix_clicked' "
                                      "AND metadata->>'battle_id' = %s", str(battle.id)) == 1, WITHIN)


# ---- asking for replies, and replies that come ----


def test_voices_are_asked_and_those_that_cannot_answer_say_why(owner, database, world, battle):
    reply(database, battle, world.voices[0])
    world.user.ask_for_replies(battle, world.voices[1])
    tired = world.user.persona(name="Tired", daily_reply_quota=1)
    database.execute("INSERT INTO quota_events (user_id, persona_id, quota_type, created_at) "
                     "VALUES (%s, %s, 'reply', now())", world.user.id, tired.id)
    page = open_battle(owner, battle)
    page.wait_for_selector(DELETE)
    page.click(ASK)
    said = {name: page.locator(f"{SHEET} label:has-text('{name}')") for name in ("Ben", "Çağla", "Tired", "Deniz Kaptan")}
    said["Ben"].wait_for()
    assert "Has answered" in said["Ben"].inner_text() and said["Ben"].locator("input").is_disabled()
    assert "Is writing" in said["Çağla"].inner_text() and said["Çağla"].locator("input").is_disabled()
    assert "1 of 1 replies today" in said["Tired"].inner_text() and said["Tired"].locator("input").is_disabled()
    while page.locator(f"{SHEET} input:checked").count():
        page.locator(f"{SHEET} input:checked").first.uncheck()
    assert page.is_disabled(f"{SHEET} button[type=submit]")
    said["Deniz Kaptan"].locator("input").check()
    page.click(f"{SHEET} button:text-is('Ask 1 voice')")
    page.wait_for_selector(".writing:has-text('Deniz Kaptan')")
    assert not page.is_visible(SHEET) and "1 voice is asked." in page.inner_text(".toasts")
    assert page.locator(".writing .fine").all_inner_texts() == ["2/3", "3/3"]


def test_without_a_persona_there_is_nobody_to_ask(browser, api, battle):
    with LoggedIn(browser, api, sign_up(api)) as tab:
        page = open_sheet(tab, battle, ASK)
        page.wait_for_selector(f"{SHEET} a:text-is('Make a persona')")


def ask_one(page):
    """The page reads its thread again."""
    page.click(ASK)
    page.wait_for_selector(f"{SHEET} label")
    page.click(f"{SHEET} button[type=submit]")
    page.wait_for_selector(SHEET, state="detached")


def long_thread(database, world, battle):
    database.execute("INSERT INTO replies (post_id, user_id, content) SELECT %s, %s, repeat('Long words. ', 40) "
                     "FROM generate_series(1, 12)", battle.id, world.user.id)


def test_a_reply_below_the_reader_is_told_and_moves_nothing(owner, database, world, battle):
    long_thread(database, world, battle)
    page = open_battle(owner, battle)
    page.wait_for_selector(DELETE)
    before = page.evaluate("document.querySelector('article.reply').getBoundingClientRect().top + scrollY")
    reply(database, battle, world.voices[0], "The newest of all.")
    ask_one(page)
    page.wait_for_selector(".pill:text-is('1 new reply ↓')")
    assert page.evaluate("scrollY") == 0
    assert page.evaluate("document.querySelector('article.reply').getBoundingClientRect().top + scrollY") == before
    assert re.search("Ben.? answered. 13 of 1[4-6] replies.", page.inner_text(".replies > [role=status]"))
    page.click(".pill")
    page.wait_for_selector(".pill", state="detached")
    assert "The newest of all." in page.evaluate("document.activeElement.textContent")


TO_END = """() => new Promise(done => {
    scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' });
    requestAnimationFrame(() => requestAnimationFrame(done));
})"""


def ask_from_the_end(page, database, battle, voice, then=""):
    page.click(ASK)
    page.wait_for_selector(f"{SHEET} label")
    page.evaluate(TO_END)
    page.evaluate(then)
    reply(database, battle, voice)
    page.evaluate("document.querySelector('dialog form').requestSubmit()")
    page.wait_for_selector(SHEET, state="detached")


def test_a_reader_at_the_end_is_taken_along_until_going_up(owner, database, world, battle):
    long_thread(database, world, battle)
    page = open_battle(owner, battle)
    page.wait_for_selector(DELETE)
    ask_from_the_end(page, database, battle, world.voices[0])
    page.wait_for_selector("article.reply.new")
    eventually(lambda: page.evaluate("document.querySelector('.new').getBoundingClientRect().bottom <= innerHeight"))
    assert not page.is_visible(".pill")
    up = "dispatchEvent(new WheelEvent('wheel', { deltaY: -1 }))"
    ask_from_the_end(page, database, battle, world.voices[1], up)
    page.wait_for_selector(".pill:text-is('1 new reply ↓')")
    page.evaluate(TO_END)
    page.wait_for_selector(".pill", state="detached")


def test_an_api_that_goes_while_one_asks_keeps_the_choice(browser, database, world, battle):
    with Api(database.url) as api, LoggedIn(browser, api, world.user) as tab:
        tab.announce(0, 503)
        page = open_sheet(tab, battle, ASK)
        page.wait_for_selector(f"{SHEET} label")
        chosen = page.locator(f"{SHEET} input:checked").count()
        api.kill()
        page.click(f"{SHEET} button[type=submit]")
        page.wait_for_selector(f"{SHEET} [role=alert] >> text=You're offline.")
        assert page.locator(f"{SHEET} input:checked").count() == chosen > 0
        with Api(database.url, PORT=api.port):
            page.click(f"{SHEET} button[type=submit]")
            page.wait_for_selector(".writing")
        assert database.count("jobs", post_id=battle.id, job_type="generate_reply") == chosen


# ---- deleting ----


def test_deleting_says_what_goes_and_can_be_left(owner, database, world, battle):
    reply(database, battle, world.voices[0])
    page = open_battle(owner, battle)
    page.click(DELETE)
    page.wait_for_selector(f"{SHEET} >> text=Its text, 1 reply and its summary go")
    page.click(f"{SHEET} button:text-is('Cancel')")
    page.wait_for_selector(SHEET, state="detached")
    assert database.count("posts", id=battle.id) == 1
    page.click(DELETE)
    page.click(f"{SHEET} button.danger")
    page.wait_for_url("**/rooms/*")
    assert database.count("posts", id=battle.id) == 0


def test_what_is_deleted_under_ones_eyes_says_so(owner, world, battle):
    owner.announce(404)
    page = open_sheet(owner, battle, ASK)
    page.wait_for_selector(f"{SHEET} label")
    made(world.user.delete(f"/posts/{battle.id}"), 200)
    page.click(f"{SHEET} button[type=submit]")
    page.wait_for_selector("h1:text-is('This was deleted')")
    assert not page.is_visible(SHEET)
