"""The page of a battle in a browser: what the server wrote and the script took over, sharing, asking for
replies, deleting."""
import gzip
import re

import pytest

from support.battle_page import ASK, DELETE, SHARE, SHEET, events_of, open_battle, open_sheet, quiet_battle, reply
from support.battles import summarize, write_battle
from support.browser import DESKTOP, NARROW, PHONE, Tab, returned
from support.pages import World
from support.people import made, sign_up
from support.program import Api
from support.waiting import eventually

WITHIN = 15
NOBODY = "7d444840-9dc0-41d1-b245-5ffdce74fad2"


@pytest.fixture(scope="module")
def world(api, database):
    """Nothing of it is changed."""
    world = World(api, database)
    world.voices = [world.user.persona(name=name) for name in ("Ben", "Çağla", "Deniz Kaptan")]
    return world


@pytest.fixture
def battle(database, world):
    return quiet_battle(database, world)


@pytest.fixture
def visitor(browser, api):
    with Tab(browser, api) as tab:
        yield tab


@pytest.fixture
def owner(browser, api, world):
    with Tab(browser, api) as tab:
        tab.log_in(world.user)
        yield tab


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


SHIFTS = """window.shifted = 0;
new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: 'layout-shift', buffered: true });"""


@pytest.mark.parametrize("who, size", [("visitor", PHONE), ("owner", PHONE), ("owner", DESKTOP)])
def test_nothing_jumps_while_the_page_loads(browser, api, database, world, battle, who, size):
    for voice in world.voices[:2]:
        reply(database, battle, voice)
    with Tab(browser, api, size) as tab:
        if who == "owner":
            tab.log_in(world.user)
        tab.context.add_init_script(SHIFTS)
        page = open_battle(tab, battle)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.shifted") <= 0.02


def test_a_visitor_reads_what_is_there_already_and_counts_once(visitor, database, battle):
    asked = []
    visitor.page.on("request", lambda request: asked.append((request.resource_type, request.url)))
    page = open_battle(visitor, battle)
    page.wait_for_load_state("networkidle")
    assert page.title() == "Tabs or spaces? · PersonaWorlds"
    assert not [url for kind, url in asked if kind == "fetch" and "/stream?" not in url], "the boot data serve"
    assert not [url for _, url in asked if "card.png" in url]
    eventually(lambda: len(events_of(database, "public_battle_viewed", battle)) == 1, WITHIN)


def test_who_is_logged_in_sees_what_is_theirs_and_counts_once(owner, database, battle, browser, api):
    page = open_battle(owner, battle)
    page.wait_for_selector(DELETE)
    assert page.get_attribute("a.room", "href").startswith("/rooms/")
    page.wait_for_load_state("networkidle")
    eventually(lambda: len(events_of(database, "public_battle_viewed", battle)) == 1, WITHIN)
    with Tab(browser, api) as other:
        other.log_in(sign_up(api))
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
    """Sheets aren't in it, nor the card."""
    files = {}
    visitor.page.on("response", lambda answer: "/a/" in answer.url and files.update({answer.url: answer}))
    page = open_battle(visitor, battle)
    page.wait_for_load_state("networkidle")
    sizes = {url: len(gzip.compress(answer.body(), 9)) for url, answer in files.items()}
    assert len(sizes) >= 4 and sum(sizes.values()) <= 30_720, sizes


# ---- sharing ----


def shared(database, battle, sources):
    eventually(lambda: [sent["source"] for sent in events_of(database, "battle_shared", battle)] == sources, WITHIN)


@pytest.fixture
def sharer(browser, api):
    with Tab(browser, api) as tab:
        tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield tab


def test_the_link_is_copied(sharer, database, battle):
    page = open_sheet(sharer, battle)
    page.click("button:text-is('Copy link')")
    page.wait_for_selector(f"{SHEET} [role=status]:text-is('Link copied.')")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.input_value(f"{SHEET} input") and link.endswith(f"/b/{battle.id}")
    shared(database, battle, ["copy_link"])


def test_the_card_is_loaded_when_it_is_shown_and_copied(sharer, database, battle):
    page = open_sheet(sharer, battle)
    assert page.get_attribute(f"{SHEET} img", "alt") == page.get_attribute("meta[property='og:image:alt']", "content")
    page.click("button:text-is('Copy the image'):not([disabled])")
    page.wait_for_selector(f"{SHEET} [role=status]:text-is('The image is copied.')")
    types = page.evaluate("navigator.clipboard.read().then(items => items.flatMap(item => item.types))")
    assert types == ["image/png"]
    shared(database, battle, ["copy_image"])


NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined });"


def test_without_a_clipboard_the_link_is_in_a_field_and_the_card_a_file(visitor, database, battle):
    visitor.context.add_init_script(NO_CLIPBOARD)
    page = open_sheet(visitor, battle)
    page.click("button:text-is('Copy link')")
    page.wait_for_selector(f"{SHEET} [role=status]:text-is('Link copied.')")
    with page.expect_download() as download:
        page.click("button:text-is('Copy the image'):not([disabled])")
    assert download.value.suggested_filename == "personaworlds.png"
    shared(database, battle, ["copy_link", "copy_image"])


def test_a_link_that_cannot_be_copied_at_all_is_selected(visitor, database, battle):
    visitor.context.add_init_script(NO_CLIPBOARD + "document.execCommand = () => false;")
    page = open_sheet(visitor, battle)
    page.click("button:text-is('Copy link')")
    page.wait_for_selector(f"{SHEET} [role=status]:text-is('Selected. Copy it from here.')")
    assert page.evaluate("getSelection().toString()") == page.input_value(f"{SHEET} input")
    page.keyboard.press("Control+c")
    shared(database, battle, ["copy_link"])


def test_only_what_was_shared_counts(visitor, database, battle):
    visitor.context.add_init_script("navigator.share = async what => { if (window.refuse) throw new DOMException(''); "
                                    "window.given = what; };")
    page = open_sheet(visitor, battle)
    page.evaluate("window.refuse = true")
    page.click("button:text-is('Share with…')")
    page.evaluate("window.refuse = false")
    page.click("button:text-is('Share with…')")
    page.wait_for_selector(f"{SHEET} [role=status]:text-is('Shared.')")
    assert page.evaluate("window.given.url").endswith(f"/b/{battle.id}")
    shared(database, battle, ["native_share"])


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
    said = {name: page.locator(f"{SHEET} label:has-text('{name}')")
            for name in ("Ben", "Çağla", "Tired", "Deniz Kaptan")}
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
    with Tab(browser, api) as tab:
        tab.log_in(sign_up(api))
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
    assert re.search("Ben.? answered. 13 of 1[3-6] replies.", page.inner_text(".replies > [role=status]"))
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
    with Api(database.url) as api, Tab(browser, api) as tab:
        tab.log_in(world.user)
        tab.announce(0, 503)
        page = open_sheet(tab, battle, ASK)
        page.wait_for_selector(f"{SHEET} label")
        chosen = page.locator(f"{SHEET} input:checked").count()
        api.kill()
        page.click(f"{SHEET} button[type=submit]")
        page.wait_for_selector(f"{SHEET} [role=alert] >> text=You're offline.")
        assert page.locator(f"{SHEET} input:checked").count() == chosen > 0
        with returned(database, api):
            page.click(f"{SHEET} button[type=submit]")
            page.wait_for_selector(".writing")
        assert database.count("jobs", post_id=battle.id, job_type="generate_reply") == chosen


# ---- deleting ----


def test_deleting_says_what_goes_and_can_be_left(owner, database, world, battle):
    owner.announce(404)  # the event of it may come before the page is left
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
    page.wait_for_selector("h1:text-is('This was deleted')")
    assert not page.is_visible(SHEET)
