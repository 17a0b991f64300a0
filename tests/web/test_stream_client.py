"""The stream's client while the stream isn't to be had, or ends: it waits, asks by itself, and comes back.
The tab's clock is run forward, so nothing here takes the time that it is about."""
import pytest

from support.battle_page import ASK, open_sheet
from support.battles import summarize, write_battle
from support.browser import Tab, address, enter
from support.live import streams_open
from support.program import Api, Worker
from support.sessions import log_in
from support.waiting import eventually

WITHIN = 15
STREAM = "**/stream*"
SECOND = 1000


@pytest.fixture(scope="module")
def api(database):
    with Api(database.url, STREAM_LIFE="1h") as api:
        yield api


@pytest.fixture
def battle(database, user):
    battle = write_battle(database, user)
    summarize(database, battle)  # which no read has to wait for
    return battle


class Watch(Tab):
    """A tab whose clock stands still, and whose requests are noted: method, path, ETag."""

    def __init__(self, browser, api, **options):
        super().__init__(browser, api, **options)
        self.asked, self.refused = [], 0
        self.page.clock.install()
        self.page.on("request", self._note)

    def _note(self, request):
        path = request.url.split("/", 3)[3].split("?")[0]
        self.asked.append((path, "if-none-match" in request.headers))

    def open(self, path, ready="main article"):
        page = self.go(path)
        page.wait_for_selector(ready)
        return page

    def count(self, path):
        return len([asked for asked, _ in self.asked if asked == path])

    def wait_for(self, path, count):
        """Until so many were sent. Asking the page lets the notes come in."""
        eventually(lambda: self.page.title() and self.count(path) == count, WITHIN)

    def still(self, path, count):
        """Whatever a timer has begun is sent by now."""
        self.page.evaluate("fetch('/healthz')")
        assert self.count(path) == count

    def refuse_streams(self, status=503, **headers):
        self.announce(status)
        self.page.route(STREAM, lambda route: route.fulfill(status=status, headers=headers, json={"error": "no"}))
        self.page.on("requestfinished", lambda request: self._count_refusal(request.url))

    def _count_refusal(self, url):
        self.refused += url.split("?")[0].endswith("/stream")

    def is_refused(self, times):
        """Until the page knows that so many streams were."""
        eventually(lambda: self.page.title() and self.refused == times, WITHIN)
        self.page.evaluate("fetch('/healthz')")

    def fail(self, times):
        """Until the stream has failed so often; each wait is shorter than ten seconds."""
        for failure in range(1, times + 1):
            self.wait_for("stream", failure)
            if failure < times:
                self.page.clock.run_for(10 * SECOND)


@pytest.fixture
def tab(browser, api, user):
    with Watch(browser, api, user=user) as tab:
        yield tab


@pytest.mark.parametrize("status", [503, 429])
def test_a_wait_that_the_server_asks_for_is_kept(tab, battle, status):
    tab.refuse_streams(status, **{"Retry-After": "120"})
    page = tab.open(f"/b/{battle.id}")
    tab.wait_for("stream", 1)
    page.clock.run_for(60 * SECOND)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    tab.still("stream", 1)
    page.clock.run_for(61 * SECOND)
    tab.wait_for("stream", 2)


def test_without_such_a_wait_a_sign_of_life_is_a_reason_to_try(tab, battle):
    tab.refuse_streams()
    page = tab.open(f"/b/{battle.id}")
    tab.fail(3)
    page.clock.run_for(30 * SECOND)
    tab.still("stream", 3)
    page.evaluate("dispatchEvent(new Event('online'))")
    tab.wait_for("stream", 4)
    tab.is_refused(4)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    tab.wait_for("stream", 5)


def test_forty_seconds_of_silence_are_an_end(tab, api, battle):
    page = tab.open(f"/b/{battle.id}")
    eventually(lambda: streams_open(api) == 1, WITHIN)
    tab.still("stream", 1)
    page.clock.run_for(30 * SECOND)
    tab.still("stream", 1)
    page.clock.run_for(12 * SECOND)
    page.clock.run_for(2 * SECOND)  # and the wait after it
    tab.wait_for("stream", 2)
    eventually(lambda: streams_open(api) == 1, WITHIN)


def test_anything_that_comes_ends_the_silence(tab, api, user, battle, database):
    page = tab.open(f"/b/{battle.id}")
    eventually(lambda: streams_open(api) == 1, WITHIN)
    with Worker(database.url):
        for n in (1, 2, 3):
            page.clock.run_for(25 * SECOND)
            user.ask_for_replies(battle, user.persona())
            eventually(lambda: page.locator(".replies article").count() == n, WITHIN)
    tab.still("stream", 1)


def test_after_three_failures_a_thread_is_asked_for_every_five_seconds(tab, api, database, battle):
    tab.refuse_streams()
    page, thread = tab.open(f"/b/{battle.id}"), f"posts/{battle.id}/thread"
    tab.fail(3)
    tab.still("stream", 3)
    before = tab.count(thread)
    for n in range(1, 5):
        page.clock.run_for(5 * SECOND)
        tab.wait_for(thread, before + n)
    polls = [has_etag for path, has_etag in tab.asked if path == thread][before:]
    assert polls == [True] * 4
    database.execute("INSERT INTO replies (post_id, content) VALUES (%s, 'Meanwhile.')", battle.id)
    page.clock.run_for(5 * SECOND)
    page.wait_for_selector("article >> text=Meanwhile.")
    tab.still("stream", 3)
    page.unroute(STREAM)
    for _ in range(8):
        page.clock.run_for(5 * SECOND)
    tab.wait_for("stream", 4)
    eventually(lambda: page.title() and streams_open(api) == 1, WITHIN)
    polled = tab.count(thread)
    page.clock.run_for(30 * SECOND)
    page.evaluate("fetch('/healthz')")
    assert tab.count(thread) <= polled + 1, "once more, as something may have been missed"


def test_fewer_failures_are_no_reason_to_ask(tab, api, battle):
    tab.refuse_streams()
    page, thread = tab.open(f"/b/{battle.id}"), f"posts/{battle.id}/thread"
    tab.fail(2)
    before = tab.count(thread)
    page.unroute(STREAM)
    page.clock.run_for(10 * SECOND)
    tab.wait_for("stream", 3)
    eventually(lambda: page.title() and streams_open(api) == 1, WITHIN)
    page.clock.run_for(30 * SECOND)
    page.evaluate("fetch('/healthz')")
    assert tab.count(thread) <= before + 1, "once, as something may have been missed"


def test_notifications_are_asked_for_every_thirty_seconds(tab):
    tab.refuse_streams()
    page = tab.open("/notifications", "text=Nobody has reacted yet.")
    tab.fail(3)
    before = tab.count("notifications"), tab.count("me")
    page.clock.run_for(25 * SECOND)
    tab.still("notifications", before[0])
    page.clock.run_for(6 * SECOND)
    tab.wait_for("notifications", before[0] + 1)
    tab.wait_for("me", before[1] + 1)


def test_a_tab_that_nobody_sees_asks_for_nothing(tab, battle):
    tab.refuse_streams()
    page, thread = tab.open(f"/b/{battle.id}"), f"posts/{battle.id}/thread"
    tab.fail(3)
    hide(page)
    before = tab.count(thread)
    page.clock.run_for(40 * SECOND)
    tab.still(thread, before)


def test_a_tab_that_is_long_unseen_has_no_stream_until_it_is_seen(tab, api, user, database, battle):
    page = tab.open(f"/b/{battle.id}")
    eventually(lambda: streams_open(api) == 1, WITHIN)
    hide(page)
    page.clock.fast_forward(290 * SECOND)  # so long a silence is one more reason to begin anew
    tab.wait_for("stream", 2)
    eventually(lambda: streams_open(api) == 1, WITHIN)
    page.clock.fast_forward(15 * SECOND)
    eventually(lambda: page.title() and streams_open(api) == 0, WITHIN)
    with Worker(database.url):
        user.ask_for_replies(battle, user.persona())
        eventually(lambda: database.count("replies", post_id=battle.id) == 1, WITHIN)
    assert page.locator(".replies article").count() == 0
    hide(page, False)
    page.clock.run_for(SECOND)
    eventually(lambda: page.locator(".replies article").count() == 1, WITHIN)
    eventually(lambda: streams_open(api) == 1, WITHIN)


def hide(page, is_hidden=True):
    """Headless Chromium shows every tab; the page is told otherwise."""
    page.evaluate("""state => {
        Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
    }""", "hidden" if is_hidden else "visible")


# ---- one session in all tabs

def test_who_logs_in_again_in_one_tab_goes_on_in_the_others(browser, api, user, battle):
    with Tab(browser, api) as tab:
        tab.announce(401)
        tab.context.add_init_script("localStorage.getItem('pw.email') ?? localStorage.setItem('pw.email', '%s')"
                                    % user.email)
        session = log_in(user)
        tab.log_in(session)
        page, other = tab.go(f"/b/{battle.id}"), tab.context.new_page()
        page.wait_for_selector("main .acts")
        other.goto("/battles/new")
        other.fill("[name=topic]", "Half a topic")
        eventually(lambda: streams_open(api) == 1, WITHIN)
        assert session.post("/auth/logout", json={}).status_code == 200
        page.wait_for_selector("dialog[open] input[type=password]")
        other.evaluate("window.stays = true")
        page.fill("dialog[open] input[type=password]", user.password)
        page.press("dialog[open] input[type=password]", "Enter")
        page.wait_for_selector("dialog[open]", state="detached")
        eventually(lambda: streams_open(api) == 1, WITHIN)
        token = tab.kept("pw.token")
        assert token != session.token and other.locator("dialog[open]").count() == 0
        with other.expect_request("**/me/posts*") as asked:
            other.click("nav a:text-is('Drafts')")
        assert asked.value.headers["authorization"] == f"Bearer {token}"
        assert other.evaluate("window.stays"), "the page wasn't loaded anew"


def test_who_logs_out_ends_the_stream_in_all_tabs(browser, api, user):
    with Tab(browser, api) as tab:
        page, other = tab.go("/login"), tab.context.new_page()
        enter(page, user.email, user.password)
        page.wait_for_url(f"{address(api)}/")
        other.goto("/")
        for one in (page, other):
            one.wait_for_selector("button:text-is('Log out')")
        eventually(lambda: streams_open(api) == 1, WITHIN)
        page.click("button:text-is('Log out')")
        for one in (page, other):
            one.wait_for_selector(".entry input[type=email]")
        eventually(lambda: streams_open(api) == 0, WITHIN)
        assert not tab.kept("pw.token")


# ---- an address without a certificate

@pytest.fixture(scope="module")
def bare(browser):
    """What a page at plain http:// lacks: it is no secure context."""
    return """
        for (const [of, names] of [[Navigator.prototype, ['locks', 'clipboard', 'share', 'canShare']],
                                   [Crypto.prototype, ['randomUUID']], [window, ['BroadcastChannel']]])
            for (const name of names) delete of[name];
    """


def test_each_tab_has_a_stream_while_it_is_seen(browser, api, user, battle, database, bare):
    with Tab(browser, api, user=user) as tab:
        tab.context.add_init_script(bare)
        page, other = tab.go(f"/b/{battle.id}"), tab.context.new_page()
        other.goto(f"/b/{battle.id}")
        assert page.evaluate("['locks', 'clipboard'].some(name => name in navigator) || 'BroadcastChannel' in window") \
            is False
        eventually(lambda: streams_open(api) == 2, WITHIN)
        hide(other)
        eventually(lambda: streams_open(api) == 1, WITHIN)
        with Worker(database.url):
            user.ask_for_replies(battle, user.persona())
            eventually(lambda: page.locator(".replies article").count() == 1, WITHIN)
            assert other.locator(".replies article").count() == 0
            hide(other, False)
            eventually(lambda: other.locator(".replies article").count() == 1, WITHIN)
        eventually(lambda: streams_open(api) == 2, WITHIN)


def test_acts_and_links_work_there(browser, api, user, battle, database, bare):
    with Tab(browser, api, user=user) as tab:
        tab.context.add_init_script(bare)
        user.persona()
        page = open_sheet(tab, battle)
        page.click("dialog[open] button:has-text('Copy link')")
        assert page.input_value("dialog[open] input[readonly]").endswith(f"/b/{battle.id}")
        page.wait_for_selector("dialog[open] [role=status]:not(:empty)")
        page.keyboard.press("Escape")
        page.click(ASK)
        page.click("dialog[open] button[type=submit]")
        eventually(lambda: database.count("jobs", post_id=battle.id, job_type="generate_reply") == 1, WITHIN)
