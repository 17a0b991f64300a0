"""What happens elsewhere shows on an open page: one stream for all tabs, whatever becomes of it."""
import contextlib
import json
import statistics
import subprocess
import time

import pytest

from support.battles import add_replies, write_battle
from support.browser import Tab, returned
from support.live import streams_open
from support.people import sign_up
from support.program import CHECKOUT, Api, Worker
from support.waiting import eventually

WITHIN = 15


@pytest.fixture(scope="module")
def api(database):
    with Api(database.url, STREAM_LIFE="1h") as api:
        yield api


@pytest.fixture(scope="module")
def replying(database):
    with Worker(database.url) as worker:
        yield worker


@pytest.fixture
def tab(browser, api, user):
    with Tab(browser, api) as tab:
        tab.log_in(user)
        yield tab


def open_battle(tab, battle, page=None):
    """The page of a battle whose stream has begun."""
    page = page or tab.page
    page.goto(f"/b/{battle.id}")
    page.wait_for_selector("main article")
    return page


def is_watched(api, count):
    return eventually(lambda: streams_open(api) == count, WITHIN)


def replies_on(page):
    return page.locator(".replies article").count()


def answer(user, battle):
    """A reply of a persona that has none there yet."""
    user.ask_for_replies(battle, user.persona())


@pytest.fixture
def battle(database, user):
    return write_battle(database, user, "Is it worth it?")


def test_a_reply_shows_on_an_open_page(tab, api, user, battle, replying, database):
    """From when the database has it until it is seen; both are looked at by polling, so a little less."""
    page, took = open_battle(tab, battle), []
    is_watched(api, 1)
    for n in range(1, 7):
        answer(user, battle)
        eventually(lambda: database.value("SELECT count(*) FROM replies WHERE post_id = %s", battle.id) == n, WITHIN)
        stored = time.monotonic()
        eventually(lambda: replies_on(page) == n, WITHIN)
        took.append(time.monotonic() - stored)
    print(f"shown after: median {statistics.median(took) * 1000:.0f} ms, longest {max(took) * 1000:.0f} ms")
    assert statistics.median(took) < 3


def test_ten_tabs_have_one_stream(tab, api, user, database, replying):
    battles = [write_battle(database, user, f"Is it worth {n}?") for n in range(10)]
    pages = [tab.page] + [tab.context.new_page() for _ in battles[1:]]
    for page, battle in zip(pages, battles):
        open_battle(tab, battle, page)
    is_watched(api, 1)
    for battle in battles:
        answer(user, battle)
    for page in pages:
        eventually(lambda: replies_on(page) == 1, WITHIN)
    assert streams_open(api) == 1
    pages[0].close()
    for battle in battles[1:]:  # the first of them while nobody leads
        answer(user, battle)
    for page in pages[1:]:
        eventually(lambda: replies_on(page) == 2, WITHIN)
    assert streams_open(api) == 1


def hold_scripts(page):
    """The page stays as the server wrote it until what is returned is called."""
    held, is_free = [], []
    page.route("**/a/*.js", lambda route: route.continue_() if is_free else held.append(route))

    def let_go():
        is_free.append(True)
        for route in held:
            route.continue_()
    return let_go


@pytest.mark.parametrize("is_watched_already", [True, False])
def test_what_came_between_the_reading_and_the_listening_shows(browser, api, user, battle, replying, database,
                                                               is_watched_already):
    with Tab(browser, api) as tab:
        other = tab.context.new_page()
        let_go = hold_scripts(tab.page)
        if is_watched_already:
            open_battle(tab, battle, other)
            is_watched(api, 1)
        with tab.page.expect_request("**/a/*.js"):
            tab.page.goto(f"/b/{battle.id}", wait_until="commit")
        answer(user, battle)
        eventually(lambda: database.count("replies", post_id=battle.id) == 1, WITHIN)
        if is_watched_already:
            eventually(lambda: replies_on(other) == 1, WITHIN)
        let_go()
        eventually(lambda: replies_on(tab.page) == 1, WITHIN)


def test_a_cut_off_look_is_taken_up_where_it_was(tab, api, user, battle, replying, database):
    """The first read of a user's thread comes late, and without the reply that was told meanwhile."""
    page, held = tab.page, []
    early = json.dumps(user.thread(battle))
    page.route(f"**/posts/{battle.id}/thread", lambda route: held.append(route), times=1)
    page.goto(f"/b/{battle.id}")
    eventually(lambda: page.title() and held, WITHIN)
    is_watched(api, 1)
    answer(user, battle)
    eventually(lambda: database.count("replies", post_id=battle.id) == 1, WITHIN)
    held[0].fulfill(json=json.loads(early))
    eventually(lambda: replies_on(page) == 1, WITHIN)


def test_replies_behind_the_first_page_come_where_they_belong(tab, api, user, battle, replying, database):
    add_replies(database, battle, 200)
    page = open_battle(tab, battle)
    is_watched(api, 1)
    eventually(lambda: replies_on(page) == 200, WITHIN)
    answer(user, battle)
    eventually(lambda: replies_on(page) == 201, WITHIN)
    database.execute("DELETE FROM replies WHERE post_id = %s AND content = 'Reply 7'", battle.id)
    database.execute("INSERT INTO replies (post_id, content) VALUES (%s, 'Meanwhile.')", battle.id)
    answer(user, battle)
    page.wait_for_selector(".replies article >> text='Reply 7'", state="detached")
    eventually(lambda: replies_on(page) == 202, WITHIN)
    assert page.locator("button:text-is('More replies')").count() == 0, "what was shown stays"
    page.reload()
    page.wait_for_selector("h2:text-is('The first 200 replies')")
    is_watched(api, 1)
    answer(user, battle)
    page.wait_for_selector(".replies article")
    assert replies_on(page) == 200, "the next page isn't open"
    eventually(lambda: database.count("replies", post_id=battle.id) == 203, WITHIN)
    page.locator("button:text-is('More replies')").evaluate("button => button.click()")
    eventually(lambda: replies_on(page) == 203, WITHIN)
    assert page.locator(".pill, .reply.new").count() == 0, "a page that was opened is nothing new"
    answer(user, battle)
    page.wait_for_selector(".pill:has-text('1 new reply')")
    assert replies_on(page) == 204 and page.locator(".reply.new").count() == 1
    assert page.locator(".replies article").last.get_attribute("class") == "reply new"


def test_another_tab_leads_and_nothing_is_missed(tab, api, user, battle, replying):
    leader, other = open_battle(tab, battle), tab.context.new_page()
    is_watched(api, 1)
    open_battle(tab, battle, other)
    answer(user, battle)
    eventually(lambda: replies_on(other) == 1, WITHIN)
    leader.close()
    answer(user, battle)
    eventually(lambda: replies_on(other) == 2, WITHIN)
    is_watched(api, 1)
    answer(user, battle)
    eventually(lambda: replies_on(other) == 3, WITHIN)


def test_an_api_that_went_and_came_back_tells_what_was_missed(browser, database, replying):
    with contextlib.ExitStack() as stack:
        api = stack.enter_context(Api(database.url, STREAM_LIFE="1h"))
        user = sign_up(api)
        battle = write_battle(database, user)
        tab = stack.enter_context(Tab(browser, api))
        tab.announce(0)
        tab.log_in(user)
        page = open_battle(tab, battle)
        is_watched(api, 1)
        api.kill()
        database.execute("INSERT INTO replies (post_id, content) VALUES (%s, 'Meanwhile.')", battle.id)
        assert replies_on(page) == 0
        with returned(database, api, STREAM_LIFE="1h"):
            eventually(lambda: replies_on(page) == 1, WITHIN)


def test_an_event_leaves_the_caret_where_it_is(tab, api, user, battle, replying):
    page = open_battle(tab, battle)
    is_watched(api, 1)
    page.evaluate("""() => {
        const field = document.createElement('textarea');
        field.value = 'half a sentence';
        document.querySelector('main').append(field);
        field.focus();
        field.setSelectionRange(2, 6);
    }""")
    answer(user, battle)
    eventually(lambda: replies_on(page) == 1, WITHIN)
    assert page.evaluate("""() => {
        const field = document.activeElement;
        return [field.value, field.selectionStart, field.selectionEnd];
    }""") == ["half a sentence", 2, 6]


BOXES = """() => [...document.querySelectorAll('main *, header, nav')].filter(element => !element.matches('.pill'))
    .map(element => {
        const { x, y, width, height } = element.getBoundingClientRect();
        return [element.tagName, x, y, width, height];
    }).filter(([, , y, , height]) => y < innerHeight && y + height > 0 && height < innerHeight)"""
SHIFTS = """() => {
    window.shifted = 0;
    new PerformanceObserver(list => list.getEntries().forEach(({ value }) => (window.shifted += value)))
        .observe({ type: 'layout-shift' });
}"""


def test_an_event_moves_nothing_that_is_read(tab, api, user, battle, replying, database):
    add_replies(database, battle, 30)
    page = open_battle(tab, battle)
    is_watched(api, 1)
    eventually(lambda: replies_on(page) == 30, WITHIN)
    page.evaluate("scrollTo(0, 400)")
    page.evaluate(SHIFTS)
    before, place = page.evaluate(BOXES), page.evaluate("scrollY")
    for n in (1, 2):
        answer(user, battle)
        page.wait_for_selector(f".pill:has-text('{n} new')")
    assert page.evaluate(BOXES) == before and page.evaluate("scrollY") == place
    assert page.evaluate("shifted") < 0.0005, "the words of the pill, at the most"


def test_the_title_and_its_sign_tell_what_came_while_nobody_looked(tab, api, user, battle, replying):
    page = open_battle(tab, battle)
    is_watched(api, 1)
    title, sign = page.title(), "link[rel=icon]"
    assert page.get_attribute(sign, "href") == "/favicon.svg"
    set_hidden(page, True)
    for n in (1, 2):
        answer(user, battle)
        eventually(lambda: page.title() == f"({n}) {title}", WITHIN)
    dotted = page.request.get(page.get_attribute(sign, "href"))
    assert dotted.headers["content-type"] == "image/svg+xml" and dotted.text().count("<circle") == 2
    set_hidden(page, False)
    assert (page.title(), page.get_attribute(sign, "href")) == (title, "/favicon.svg")


def set_hidden(page, hidden):
    """Headless Chromium shows every tab; the page is told otherwise."""
    page.evaluate("""hidden => {
        Object.defineProperty(document, 'visibilityState', {value: hidden ? 'hidden' : 'visible', configurable: true});
        document.dispatchEvent(new Event('visibilitychange'));
    }""", hidden)


def test_a_notification_is_counted_at_once(tab, api, user, other):
    persona = user.persona()
    slug = user.post(f"/personas/{persona.id}/publish-profile", json={"slug": f"ada-{persona.id[:8]}"}).json()["slug"]
    page = tab.go("/")
    is_watched(api, 1)
    other.post(f"/p/{slug}/follow")
    page.wait_for_selector(".count-badge >> text=1")


# ---- the rules, which need no browser

def rules(expression):
    """What an expression over the functions of live/rules.ts gives."""
    web = CHECKOUT / "web"
    code = subprocess.run([web / "node_modules/.bin/esbuild", "src/live/rules.ts", "--bundle", "--format=iife",
                           "--global-name=rules"], cwd=web, capture_output=True, text=True, check=True).stdout
    done = subprocess.run(["node", "-e", f"{code}\nconst {{ {', '.join(RULES)} }} = rules;"
                           f"console.log(JSON.stringify({expression}))"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


RULES = ("backoff", "union", "pageOf", "mergeReply", "lacks", "isOther", "withVersion", "isOld", "isRenewable")


def test_waits_double_up_to_half_a_minute():
    waits = rules("[0, 1, 2, 6, 7, 400].map(n => [backoff(n, 0), backoff(n, 0.5), backoff(n, 0.999)])")
    assert waits[0] == [250, 500, pytest.approx(750, abs=1)] and waits[1][1] == 1000 and waits[2][1] == 2000
    assert waits[3] == [16_000, 30_000, 30_000] and all(wait == 30_000 for wait in waits[4] + waits[5])


def test_tabs_watch_fifty_posts_together():
    both = rules("union([{ a: 1, b: 5 }, { a: 7, c: 3 }])")
    assert both == ["a", "b", "c"] and rules("union([])") == []
    many = rules("union([Object.fromEntries([...Array(51).keys()].map(n => ['p' + n, n]))])")
    assert len(many) == 50 and many[0] == "p50" and "p0" not in many


def test_a_reply_stands_in_its_place_once():
    thread = "({ replies: [r('a', 1), r('c', 3)], next_cursor: '' })"
    made = ("(() => { const r = (id, second) => ({ id, created_at: new Date(second * 1000).toISOString() });"
            " return %s; })()")
    ids = ".replies.map(({ id }) => id)"
    assert rules(made % f"mergeReply({thread}, r('b', 2)){ids}") == ["a", "b", "c"]
    assert rules(made % f"mergeReply({thread}, r('c', 3)){ids}") == ["a", "c"]
    assert rules(made % f"mergeReply({thread}, r('d', 4)){ids}") == ["a", "c", "d"]


def test_a_reply_belongs_on_the_page_that_has_it_or_the_last():
    pages = "[{ replies: [{ id: 'a' }], next_cursor: 'x' }, { replies: [{ id: 'b' }], next_cursor: '%s' }]"
    places = [rules(f"['a', 'b', 'c'].map(id => pageOf({pages % cursor}, {{ id }}))") for cursor in ("", "y")]
    assert places == [[0, 1, 1], [0, 1, -1]] and rules("pageOf([], { id: 'a' })") == -1
    assert rules(f"[2, 3].map(count => lacks({pages % ''}, count))") == [False, True]
    assert rules(f"lacks({pages % 'y'}, 3)") is False and rules("lacks([], 3)") is False


def test_a_thread_is_compared_by_version_jobs_and_summary():
    told = {"version": "v", "queued": 1, "running": 0, "ai_summary_status": "fresh"}
    changes = [{}, {"version": "w"}, {"queued": 0}, {"running": 1}, {"ai_summary_status": "stale"}]
    thread = "({ version: 'v', pending: { queued: 1, running: 0, names: ['Ada'] }, ai_summary_status: 'fresh' })"
    assert rules(f"{json.dumps([told | change for change in changes])}.map(told => isOther({thread}, told))") == [
        False, True, True, True, True]
    versions = rules(f"['v', 'w'].map(version => withVersion({json.dumps(told)}, version))")
    assert versions == [told, told | {"version": "w", "ai_summary_status": "stale"}]
    nothing = "{ version: 'v', ai_summary_status: 'unavailable' }"
    assert rules(f"withVersion({nothing}, 'w').ai_summary_status") == "unavailable"


def test_an_event_is_old_by_its_number_in_its_process():
    pairs = [(None, "a.1"), ("a.1", "a.1"), ("a.1", "a.2"), ("a.10", "a.9"), ("b.10", "a.9"), ("a.9", "a.10")]
    told = json.dumps([[last, id] for last, id in pairs])
    old = rules(f"{told}.map(([last, id]) => isOld(last ?? undefined, id))")
    assert old == [False, True, False, True, False, False]


def test_a_token_is_renewed_in_its_last_six_hours():
    hour = 3_600_000
    pairs = json.dumps([[6 * hour, 0], [6 * hour - 1, 0], [1, 0], [0, 0], [5, 9]])
    assert rules(f"{pairs}.map(pair => isRenewable(...pair))") == [False, True, True, False, False]
