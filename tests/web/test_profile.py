"""A persona's profile in a browser: read, followed, and the way to a persona of one's own."""
import pytest

from support.browser import DESKTOP, PHONE, Tab, address, enter, returned
from support.pages import World
from support.people import made, new_email, sign_up
from support.program import Api
from support.tour import visit
from support.waiting import eventually

WITHIN = 15
PASSWORD = "long enough"
FOLLOW, FOLLOWING = "main button:text-is('Follow')", "main button:text-is('Following')"


@pytest.fixture(scope="module")
def world(api, database):
    """Eleven posts: a page and one more."""
    world = World(api, database)
    for n in range(10):
        world.user.publish(world.persona, world.room, f"Post {n}: cases first.")
    return world


@pytest.fixture
def path(world):
    return f"/p/{world.slug}"


@pytest.fixture
def tab(browser, api, user):
    with Tab(browser, api) as tab:
        tab.log_in(user)
        yield tab


def follows(user):
    return [persona["slug"] for persona in made(user.get("/me/following"), 200)["personas"]]


BOXES = """() => [...document.querySelectorAll('header.top, main h1, main .mark, main .meta, main .badges, main .chip, '
    + 'main .bio, '
    + 'main .acts a, main .rooms li, main article, main article > *')].map(element => {
        const box = element.getBoundingClientRect();
        return [element.getAttribute('class') || element.tagName, box.x, box.y, box.width, box.height];
    })"""


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
@pytest.mark.parametrize("language", ["en", "tr"])
def test_the_script_moves_nothing(browser, api, path, size, language):
    with Tab(browser, api, size, java_script_enabled=False, locale=language) as without:
        served = without.go(path).evaluate(BOXES)
    with Tab(browser, api, size, locale=language) as tab:
        page = tab.go(path)
        page.wait_for_selector("button.icon")
        shown = page.evaluate(BOXES)
    assert len(served) == len(shown) > 30
    for (tag, *before), (_, *after) in zip(served, shown):
        assert max(abs(one - other) for one, other in zip(before, after)) <= 2, (tag, before, after)


def test_a_visit_counts_once_whoever_comes(browser, api, user, database):
    world = World(api, database)

    def views():
        return database.value("SELECT count(*) FROM events WHERE event_name = 'public_profile_viewed' "
                              "AND metadata->>'slug' = %s", world.slug)

    with Tab(browser, api) as visitor, Tab(browser, api, user=user) as tab:
        visitor.go(f"/p/{world.slug}").wait_for_selector("main .acts")
        with tab.page.expect_response(lambda answer: answer.url.endswith(f"/p/{world.slug}?seen=1")):
            tab.go(f"/p/{world.slug}")
        tab.page.wait_for_selector(f"{FOLLOW}:enabled")
        eventually(lambda: views() == 2, WITHIN)
        made(user.get(f"/p/{world.slug}"), 200)
        eventually(lambda: views() == 3, WITHIN)


def test_it_says_what_the_persona_is(browser, api, world, path):
    with Tab(browser, api) as tab:
        page = visit(tab, path)
        page.wait_for_selector("button.icon")
        assert page.text_content("h1") == "Ada" and page.locator("main .badges .chip").all_text_contents() == [
            "English", "Tone: \u2068warm\u2069", "Casual"]
        assert page.locator("main .meta").first.text_content() == "AI persona11 posts"
        assert page.locator("main .badge").first.text_content() == "AI draft, approved by its human"
        assert page.get_attribute("a:text-is('Atom feed')", "href") == f"{path}/feed.atom"
        assert page.get_attribute("a:text-is('Create your own persona')", "href") == (
            f"/signup?next=%2Fpersonas%2Fnew&share={world.slug}")


def test_posts_go_on(tab, path):
    page = visit(tab, path)
    assert page.locator("article.post").count() == 10
    page.click("button:text-is('Show more')")
    eventually(lambda: page.locator("article.post").count() == 11, WITHIN)
    assert not page.locator("button:text-is('Show more')").count()


def test_following_is_shown_at_once_and_true_afterwards(tab, user, path, world, database):
    page = visit(tab, path)
    page.click(FOLLOW)
    page.wait_for_selector(FOLLOWING)
    page.wait_for_selector("[role=status] >> text=You follow Ada.")
    assert "follower" in page.locator("main .meta").first.text_content() and follows(user) == [world.slug]
    page = visit(tab, path)
    page.click(FOLLOWING)
    page.wait_for_selector(FOLLOW)
    eventually(lambda: follows(user) == [], WITHIN)
    clicks = database.rows("SELECT metadata->>'slug' AS slug FROM events WHERE event_name = 'follow_click' "
                           "AND user_id = %s", user.id)
    assert clicks == [{"slug": world.slug}], "to follow is counted, to stop isn't"


def test_a_double_press_is_one_follow(tab, user, path, world):
    asked = []
    tab.page.on("request", lambda request: asked.append(request.method) if request.url.endswith("/follow") else None)
    page = visit(tab, path)
    page.wait_for_selector(f"{FOLLOW}:enabled")
    page.evaluate("() => { const press = document.querySelector('main .acts button'); press.click(); press.click(); }")
    page.wait_for_selector(FOLLOWING)
    eventually(lambda: follows(user) == [world.slug], WITHIN)
    assert asked == ["POST"]


@pytest.mark.parametrize("status, headers, said", [
    (429, {"Retry-After": "30"}, "That was quick. Again in"), (503, {}, "The server is busy.")])
def test_a_refused_follow_is_taken_back(tab, path, status, headers, said):
    tab.announce(status)
    tab.page.route("**/follow", lambda route: route.fulfill(
        status=status, headers=headers, json={"error": "no", "code": "server_is_busy", "request_id": "r"}))
    page = visit(tab, path)
    page.wait_for_selector(f"{FOLLOW}:enabled")
    before = page.locator("main .meta").first.text_content()
    page.click(FOLLOW)
    page.wait_for_selector(f"[role=alert] >> text={said}")
    assert page.locator(FOLLOW).count() == 1 and page.locator("main .meta").first.text_content() == before


def test_an_api_that_goes_follows_nobody_and_then_does(browser, database, world, path):
    with Api(database.url) as api, Tab(browser, api) as tab:
        user = sign_up(api)
        tab.log_in(user)
        tab.announce(0, 503)
        page = visit(tab, path)
        page.wait_for_selector(f"{FOLLOW}:enabled")
        api.kill()
        page.click(FOLLOW)
        page.wait_for_selector("[role=alert] >> text=You're offline.")
        with returned(database, api) as back:
            page.click(FOLLOW)
            page.wait_for_selector(FOLLOWING)
            eventually(lambda: follows(user.at(back)) == [world.slug], WITHIN)


@pytest.mark.parametrize("is_new", [True, False])
def test_a_visitor_follows_by_signing_up_or_logging_in(browser, api, path, world, is_new):
    user = sign_up(api)
    with Tab(browser, api) as tab:
        page = visit(tab, path)
        page.click("main a:text-is('Follow')")
        page.wait_for_url(f"{address(api)}/signup?next=*")
        if not is_new:
            page.click("main a:text-is('Log in')")
            page.wait_for_selector("[autocomplete=current-password]")
        email = new_email() if is_new else user.email
        enter(page, email, PASSWORD if is_new else user.password)
        page.wait_for_selector(FOLLOWING)
        page.wait_for_url(address(api) + path)  # a reload follows nobody again
        if not is_new:
            eventually(lambda: follows(user) == [world.slug], WITHIN)


def test_a_link_alone_follows_nobody(tab, user, path):
    page = visit(tab, f"{path}?follow=1")
    page.wait_for_selector(f"{FOLLOW}:enabled")
    visit(tab, "/settings")  # whatever the page had sent is answered
    assert follows(user) == []


def test_who_signs_up_later_came_by_the_last_profile(browser, api, path, world):
    with Tab(browser, api) as tab:
        visit(tab, path).wait_for_selector("button.icon")
        assert tab.kept("pw.share") == world.slug
        page = tab.go("/signup")
        sent = []
        page.on("request", lambda request: "/auth/signup" in request.url and sent.append(request.post_data_json))
        enter(page, new_email(), PASSWORD)
        page.wait_for_selector("button:text-is('Log out')")
        assert sent[0]["share_slug"] == world.slug


def test_an_old_link_to_sign_up_names_the_profile(browser, api, world):
    with Tab(browser, api) as tab:
        page = tab.go(f"/signup?next=/personas&share={world.slug}")
        sent = []
        page.on("request", lambda request: "/auth/signup" in request.url and sent.append(request.post_data_json))
        enter(page, new_email(), PASSWORD)
        page.wait_for_url(f"{address(api)}/personas")
        assert sent[0]["share_slug"] == world.slug


def test_ones_own_is_edited_and_not_followed(browser, api, world, path):
    with Tab(browser, api) as tab:
        tab.log_in(world.user)
        page = visit(tab, path)
        page.wait_for_selector("a:text-is('Edit persona')")
        assert page.get_attribute("a:text-is('Edit persona')", "href") == f"/personas/{world.persona.id}"
        assert not page.locator(FOLLOW).count()


def test_a_profile_that_is_taken_back_is_not_there(tab, api, world):
    user = sign_up(api)
    persona = user.persona(name="Brief")
    slug = made(user.post(f"/personas/{persona.id}/publish-profile", json={}), 200).slug
    page = visit(tab, f"/p/{slug}")
    user.post(f"/personas/{persona.id}/unpublish-profile", json={})
    tab.announce(404)
    page.goto(f"/p/{slug}")
    page.wait_for_selector("h1:text-is('There is nothing here'), h1:text-is(\"This page isn't here\")")
