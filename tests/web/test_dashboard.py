"""The start of who is logged in: what is new, why, and without moving under the reader."""
import pytest

from support.battles import add_replies, engage, write_battle
from support.browser import DESKTOP, NARROW, PHONE, TWICE, Tab, address, returned
from support.people import made, sign_up
from support.program import Api
from support.waiting import eventually

WITHIN = 15
WIDE = (1280, 800)


@pytest.fixture(scope="module")
def api(database):
    with Api(database.url, STREAM_LIFE="1h") as api:
        yield api


@pytest.fixture
def tab(browser, api, user):
    with Tab(browser, api, WIDE) as tab:
        tab.log_in(user)
        yield tab


@pytest.fixture
def followed(user, other):
    """A persona of somebody else that the user follows."""
    persona = other.persona(name="Ben")
    slug = made(other.post(f"/personas/{persona.id}/publish-profile", json={"slug": f"ben-{persona.id[:8]}"}), 200).slug
    made(user.post(f"/p/{slug}/follow"), 200)
    return persona


def titles(page):
    return page.locator("#feed h2").all_inner_texts()


@pytest.mark.parametrize("is_loaded_anew", [False, True])
def test_going_back_leads_to_the_same_place_in_the_thread_and_in_the_feed(tab, user, followed, other, database,
                                                                          is_loaded_anew):
    battles = [write_battle(database, other, f"Is number {n} worth it?", n + 1, followed, "ai-builders")
               for n in range(15)]
    add_replies(database, battles[12], 30)
    page = tab.go("/")

    def scrolled_to(link):
        link.scroll_into_view_if_needed()
        return page.evaluate("""new Promise(done => {
            scrollBy({ top: 7, behavior: 'instant' });
            requestAnimationFrame(() => requestAnimationFrame(() => done(scrollY)));
        })""")

    def is_at(top):
        eventually(lambda: abs(page.evaluate("scrollY") - top) <= 2, WITHIN)

    link = page.locator("#feed h2 a", has_text="Is number 12")
    in_feed = scrolled_to(link)
    link.evaluate("link => link.click()")  # a real press may scroll first
    page.wait_for_selector(".replies article >> nth=29")
    in_thread = scrolled_to(page.locator(".replies article >> nth=20"))
    assert in_feed > 500 and in_thread > 500
    page.evaluate("document.querySelector('a.room').click()")
    page.wait_for_selector(".ask, .empty")
    if is_loaded_anew:
        page.reload()
        page.wait_for_selector(".ask, .empty")
    page.go_back()
    page.wait_for_selector(".replies article >> nth=29")
    is_at(in_thread)
    page.go_back()
    page.wait_for_selector("#feed h2 a")
    is_at(in_feed)


def test_what_a_list_cuts_says_that_it_goes_on(browser, database, user):
    long, whole = "Say why, and how. " * 20, "Be brief."
    with Api(database.url) as api:
        for name, rules in (("Long", long), ("Whole", whole)):
            made(user.at(api).post("/templates", json={"name": name, "prompt_rules": rules, "turn_count": 4,
                                                       "word_limit": 80, "is_public": True}), 201)
        expected = {"Long": long[:220].strip() + "…", "Whole": whole}
        of_visitors = "main .template .text"
        for tab, selector in ((Tab(browser, api, user=user), "main li .rules"), (Tab(browser, api), of_visitors),
                              (Tab(browser, api, java_script_enabled=False), of_visitors)):
            with tab:
                tab.go("/").wait_for_selector(selector)
                said = tab.page.locator(selector).all_inner_texts()
                assert [text in said for text in expected.values()] == [True, True], said


def test_an_item_says_why_it_is_there(tab, database, other, followed):
    battle = write_battle(database, other, "Tabs or spaces? Both have their place.", persona=followed)
    engage(database, battle, shares=2)
    card = tab.go("/").locator("#feed article", has_text="Tabs or spaces?")
    card.wait_for()
    assert card.locator(".reasons .chip").all_inner_texts() == ["You follow Ben", "Trending"]
    assert "2 shares" in card.inner_text()


def test_what_is_new_waits_until_it_is_asked_for(tab, api, database, other, followed, room):
    write_battle(database, other, "The first one.", persona=followed)
    page = tab.go("/")
    page.wait_for_selector("#feed >> text=The first one")
    before = titles(page)
    other.publish(followed, room, "The second one.")
    page.wait_for_selector("button:text-is('1 new ↑')")
    assert titles(page) == before, "nothing moves under the reader"
    page.click("button:text-is('1 new ↑')")
    page.wait_for_selector("#feed >> text=The second one")
    assert titles(page) == ["The second one"] + before
    assert page.locator("#feed > li").all_inner_texts()[1] == "You were here"
    eventually(lambda: page.evaluate("document.activeElement.textContent") == "The second one", WITHIN)


def test_a_second_press_shows_nothing_twice(tab, api, database, other, followed, room):
    write_battle(database, other, "The first one.", persona=followed)
    page = tab.go("/")
    page.wait_for_selector("#feed >> text=The first one")
    before = titles(page)
    other.publish(followed, room, "The second one.")
    page.locator("button:text-is('1 new ↑')").evaluate(TWICE)
    page.wait_for_selector("#feed >> text=The second one")
    assert titles(page) == ["The second one"] + before and page.locator(".was-here").count() == 1


def test_a_filter_shows_its_part(tab, database, other, followed):
    write_battle(database, other, "Of a followed one.", persona=followed)
    page = tab.go("/")
    page.wait_for_selector("#feed >> text=Of a followed one")
    page.click("button:text-is('Templates')")
    assert page.get_attribute("button:text-is('Templates')", "aria-pressed") == "true"
    assert "Of a followed one" not in titles(page) and page.locator("#feed .reasons >> text=New template").count() > 0


def test_who_follows_nobody_is_shown_voices(tab, api, other, user):
    persona = other.persona(name="Deniz")
    made(other.post(f"/personas/{persona.id}/publish-profile", json={"slug": f"deniz-{persona.id[:8]}"}), 200)
    page = tab.go("/")
    page.click("button:text-is('Following')")
    page.wait_for_selector("text=Three to start with:")
    button = page.locator(".suggestion button").first
    button.click()
    eventually(lambda: button.inner_text() == "Following", WITHIN)
    eventually(lambda: len(user.get("/me/following").json()["personas"]) == 1, WITHIN)


@pytest.fixture
def suggestion(tab, other):
    """Somebody to follow is offered."""
    publish(other)
    page = tab.go("/")
    page.click("button:text-is('Following')")
    page.wait_for_selector(".suggestion button")
    return page.locator(".suggestion").first


def publish(other):
    persona = other.persona(name="Deniz")
    made(other.post(f"/personas/{persona.id}/publish-profile", json={"slug": f"deniz-{persona.id[:8]}"}), 200)


def follows(user):
    return len(user.get("/me/following").json()["personas"])


def test_a_second_press_follows_once(tab, user, suggestion):
    asked = []
    tab.page.on("request", lambda request: asked.append(request) if request.url.endswith("/follow") else None)
    suggestion.locator("button").evaluate(TWICE)
    eventually(lambda: follows(user) == 1, WITHIN)
    assert len(asked) == 1 and suggestion.locator("button").inner_text() == "Following"


def test_who_follows_too_quickly_is_told_when(tab, user, suggestion):
    tab.announce(429)
    tab.page.route("**/follow", lambda route: route.fulfill(status=429, headers={"Retry-After": "30"}, json={
        "error": "follow rate limit exceeded", "code": "follow_rate_limit_exceeded"}), times=1)
    suggestion.locator("button").click()
    suggestion.locator("text=/Again in (30|29) s/").wait_for()
    assert suggestion.locator("button").first.inner_text() == "Follow" and follows(user) == 0
    suggestion.locator("button").first.click()
    eventually(lambda: follows(user) == 1, WITHIN)


def test_an_api_that_goes_follows_once_and_loses_nothing(browser, database):
    with Api(database.url, STREAM_LIFE="1h") as api, Tab(browser, api, user=(user := sign_up(api))) as tab:
        tab.announce(0, 503)
        publish(sign_up(api))
        page = tab.go("/")
        page.click("button:text-is('Following')")
        suggestion = page.locator(".suggestion").first
        suggestion.wait_for()
        offered = page.locator(".suggestion h2").all_inner_texts()
        assert offered
        api.kill()
        suggestion.locator("button").click()
        suggestion.locator("[role=alert] >> text=You're offline.").wait_for()
        with returned(database, api) as back:
            publish(sign_up(back))  # who is new is suggested first
            suggestion.locator("button").click()
            suggestion.locator("button:text-is('Following')").wait_for()
            eventually(lambda: database.count("persona_follows", follower_user_id=user.id) == 1, WITHIN)
            assert page.locator(".suggestion h2").all_inner_texts() == offered


def test_the_first_visit_of_a_day_is_told_once(tab, database, user):
    def count():
        return database.value("SELECT count(*) FROM events WHERE event_name = 'daily_return' AND user_id = %s", user.id)

    page = tab.go("/")
    eventually(lambda: count() == 1, WITHIN)
    page.reload()
    page.wait_for_selector("#feed, .empty")
    assert count() == 1


@pytest.mark.parametrize("link, end", [
    ("/?template=7d444840-9dc0-41d1-b245-5ffdce74fad2#feed",
     "/battles/new?template=7d444840-9dc0-41d1-b245-5ffdce74fad2"),
    ("/#post-{battle}", "/b/{battle}")])
def test_old_links_lead_on(tab, api, database, user, link, end):
    battle = write_battle(database, user)
    page = tab.go(link.format(battle=battle.id))
    page.wait_for_url(address(api) + end.format(battle=battle.id))


@pytest.mark.parametrize("section", ["rooms", "profile"])
def test_a_section_has_the_focus_of_its_link(tab, section):
    page = tab.go(f"/#{section}")
    page.wait_for_selector(f"#{section} li")
    assert page.evaluate("document.activeElement.parentElement.id") == section


@pytest.mark.parametrize("size", [NARROW, PHONE, DESKTOP, (1440, 900)])
def test_the_start_is_no_wider_than_the_window(browser, api, user, size):
    with Tab(browser, api, size) as tab:
        tab.log_in(user)
        page = tab.go("/")
        page.wait_for_selector("#profile li")
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_the_start_takes_few_requests(browser, api, database):
    user = sign_up(api)
    user.persona()
    with Tab(browser, api, PHONE) as tab:
        tab.log_in(user)
        asked = []
        tab.page.on("request", lambda request: asked.append(request.url.removeprefix(address(api))))
        page = tab.go("/")
        page.wait_for_selector("#profile li")
        eventually(lambda: any(url.startswith("/events") for url in asked) and "/me" in asked, WITHIN)
        print(f"{len(asked)} requests")
        assert len([url for url in asked if not url.startswith("/a/")]) <= 10
