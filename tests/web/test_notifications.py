"""Notifications: grouped, in the reader's words, and read when they are opened."""
import pytest

from support.browser import TWICE, Tab, returned
from support.live import streams_open
from support.people import made, sign_up
from support.program import Api
from support.waiting import eventually

WITHIN = 15
MARK_ALL = "button:text-is('Mark all as read')"


@pytest.fixture(scope="module")
def api(database):
    with Api(database.url, STREAM_LIFE="1h") as api:
        yield api


@pytest.fixture
def slug(user):
    persona = user.persona()
    return made(user.post(f"/personas/{persona.id}/publish-profile", json={"slug": f"ada-{persona.id[:8]}"}), 200).slug


def unread(user):
    return user.get("/notifications").json()["unread_count"]


def boxes(page):
    return page.evaluate("""() => [...document.querySelectorAll('main :not(.new-pill)')].map(element => {
        const { x, y, width, height } = element.getBoundingClientRect();
        return [element.tagName, element.className, x, y, width, height];
    })""")


def test_a_new_one_waits_until_it_is_asked_for(browser, api, user, slug):
    made(sign_up(api).post(f"/p/{slug}/follow"), 200)
    made(user.post("/notifications/read-all"), 200)
    other = user.persona(name="Ben")
    slug_of_other = f"ben-{other.id[:8]}"
    made(user.post(f"/personas/{other.id}/publish-profile", json={"slug": slug_of_other}), 200)
    with Tab(browser, api, user=user) as tab:
        page = tab.go("/notifications")
        page.wait_for_selector(".notice >> text=Somebody follows Ada.")
        eventually(lambda: streams_open(api) == 1, WITHIN)
        before = boxes(page)
        made(sign_up(api).post(f"/p/{slug_of_other}/follow"), 200)
        page.wait_for_selector(".new-pill >> text=1 new")
        page.wait_for_selector(".count-badge >> text=1")
        assert boxes(page) == before, "nothing moves under the reader"
        page.click(".new-pill")
        page.wait_for_selector(".notice.unread >> text=Somebody follows Ben.")
        assert page.locator(".new-pill").count() == 0
        assert page.locator("main .list > li").all_inner_texts()[1] == "You were here"
        assert page.evaluate("document.activeElement.textContent").find("Somebody follows Ben.") >= 0


def test_the_first_one_shows_at_once(browser, api, user, slug):
    with Tab(browser, api, user=user) as tab:
        page = tab.go("/notifications")
        page.wait_for_selector("text=Nobody has reacted yet.")
        eventually(lambda: streams_open(api) == 1, WITHIN)
        made(sign_up(api).post(f"/p/{slug}/follow"), 200)
        page.wait_for_selector(".notice.unread >> text=Somebody follows Ada.")


def test_one_comes_by_itself_where_nobody_touches_the_page(browser, api, user, slug):
    made(sign_up(api).post(f"/p/{slug}/follow"), 200)
    with Tab(browser, api, user=user) as tab:
        tab.page.clock.install()
        page = tab.go("/notifications")
        page.wait_for_selector(".notice >> text=Somebody follows Ada.")
        eventually(lambda: streams_open(api) == 1, WITHIN)
        made(sign_up(api).post(f"/p/{slug}/follow"), 200)
        page.wait_for_selector(".new-pill")
        page.clock.run_for(9_000)
        assert page.locator(".new-pill").count() == 1
        page.clock.run_for(2_000)
        page.wait_for_selector(".notice >> text=2 people follow Ada.")


@pytest.mark.parametrize("language, one, two", [
    ("en", "Somebody follows Ada.", "2 people follow Ada."), ("tr", "Yeni takipçi: Ada", "2 yeni takipçi: Ada")])
def test_followers_of_a_day_are_one_entry_which_is_read_when_opened(browser, api, user, slug, language, one, two):
    with Tab(browser, api, locale=language) as tab:
        tab.log_in(user)
        made(sign_up(api).post(f"/p/{slug}/follow"), 200)
        page = tab.go("/notifications")
        page.wait_for_selector(f".notice.unread >> text={one}")
        made(sign_up(api).post(f"/p/{slug}/follow"), 200)
        page.click(".new-pill")
        page.wait_for_selector(f".notice.unread >> text={two}")
        assert page.locator(".notice").count() == 1
        page.click(".notice a")
        page.wait_for_url(f"**/p/{slug}")
        eventually(lambda: unread(user) == 0, WITHIN)


def test_a_group_is_marked_by_one_request_and_a_read_one_by_none(browser, api, user, slug):
    with Tab(browser, api, user=user) as tab:
        for _ in range(3):
            made(sign_up(api).post(f"/p/{slug}/follow"), 200)
        marked = []
        tab.page.on("request", lambda request: "/notifications/" in request.url and marked.append(request.url))
        page = tab.go("/notifications")
        page.click(".notice.unread >> text=3 people follow Ada.")
        page.wait_for_url(f"**/p/{slug}")
        eventually(lambda: unread(user) == 0, WITHIN)
        page.go_back()
        page.click(".notice:not(.unread) a")
        page.wait_for_url(f"**/p/{slug}")
        assert [url.rsplit("/", 1)[-1] for url in marked] == ["read"]


def test_all_are_read_with_one_press(browser, api, user, slug):
    with Tab(browser, api) as tab:
        tab.log_in(user)
        for _ in range(2):
            made(sign_up(api).post(f"/p/{slug}/follow"), 200)
        page = tab.go("/notifications")
        page.click("button:text-is('Mark all as read')")
        page.wait_for_selector(".notice:not(.unread)")
        eventually(lambda: unread(user) == 0, WITHIN)
        assert page.locator(".notice.unread, .count-badge").count() == 0


@pytest.fixture
def followers(api, user, slug):
    """Two, who are told of in one entry."""
    for _ in range(2):
        made(sign_up(api).post(f"/p/{slug}/follow"), 200)


def test_a_second_press_reads_each_once(browser, api, database, user, followers):
    with Tab(browser, api, user=user) as tab:
        page, asked = tab.go("/notifications"), []
        page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/read") else None)
        page.locator(".notice.unread a").evaluate(TWICE)
        page.wait_for_selector(".profile-head")
        eventually(lambda: unread(user) == 0, WITHIN)
        assert len(asked) == 1

        def clicks():
            return database.count("events", event_name="notification_clicked", user_id=user.id)

        eventually(lambda: clicks() == 1, WITHIN)


def test_a_second_press_marks_all_once(browser, api, user, followers):
    with Tab(browser, api, user=user) as tab:
        page, asked = tab.go("/notifications"), []
        page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/read-all") else None)
        page.locator(MARK_ALL).evaluate(TWICE)
        eventually(lambda: unread(user) == 0, WITHIN)
        assert len(asked) == 1


def test_who_marks_too_quickly_is_told_when(browser, api, user, followers):
    with Tab(browser, api, user=user) as tab:
        tab.announce(429)
        page = tab.go("/notifications")
        page.route("**/read-all", lambda route: route.fulfill(status=429, headers={"Retry-After": "30"}, json={
            "error": "rate limit exceeded", "code": "rate_limit_exceeded"}), times=1)
        page.click(MARK_ALL)
        page.wait_for_selector("[role=alert] >> text=/Again in (30|29) s/")
        page.wait_for_selector(".notice.unread")
        page.click(MARK_ALL)
        eventually(lambda: unread(user) == 0, WITHIN)


def test_an_api_that_goes_marks_nothing_until_it_is_back(browser, database):
    with Api(database.url, STREAM_LIFE="1h") as api:
        user = sign_up(api)
        persona = user.persona()
        slug = made(user.post(f"/personas/{persona.id}/publish-profile", json={"slug": f"a-{persona.id}"}), 200).slug
        made(sign_up(api).post(f"/p/{slug}/follow"), 200)
        with Tab(browser, api, user=user) as tab:
            tab.announce(0, 503)
            page = tab.go("/notifications")
            page.wait_for_selector(MARK_ALL)
            api.kill()
            page.click(MARK_ALL)
            page.wait_for_selector("[role=alert] >> text=You're offline.")
            with returned(database, api) as back:
                page.wait_for_selector(".notice.unread")
                page.click(MARK_ALL)
                eventually(lambda: unread(user.at(back)) == 0, WITHIN)


def test_nobody_has_reacted_and_nothing_is_digested_yet(browser, api, user):
    with Tab(browser, api) as tab:
        tab.log_in(user)
        persona = user.persona()
        tab.go("/notifications").wait_for_selector("text=Nobody has reacted yet.")
        page = tab.go("/digest")
        page.wait_for_selector("text=No digest yet.")
        assert page.locator(f"a[href='/personas/{persona.id}']").count() == 1
