"""Signing up, logging in and out, and what happens on the way: in a browser."""
import itertools
import re

import pytest

from support.browser import DESKTOP, NARROW, PHONE, Tab, address, enter, lose_answer, returned
from support.pages import World, ask
from support.people import made, new_email, sign_up
from support.program import Api
from support.sessions import log_in
from support.waiting import eventually

WITHIN = 15
PASSWORD = "long enough"
LOGGED_IN = "button:text-is('Log out')"


@pytest.fixture(scope="module")
def world(api, database):
    return World(api, database)


@pytest.fixture
def tab(browser, api):
    with Tab(browser, api) as tab:
        yield tab


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
@pytest.mark.parametrize("language, word", [("en", "Log out"), ("tr", "Çıkış yap")])
def test_two_fields_and_a_press_lead_to_the_first_voice(browser, api, size, language, word):
    with Tab(browser, api, size, locale=language) as tab:
        page = tab.go("/signup")
        enter(page, new_email(), PASSWORD)
        page.wait_for_selector(f"button:text-is('{word}')")
        page.wait_for_selector(".voice-card")
        assert page.evaluate("location.pathname") == "/welcome" and page.get_attribute("html", "lang") == language
        assert tab.kept("pw.token").count(".") == 2 and not tab.kept("pw.keep.-.signup.")


def test_who_is_there_already_logs_in(tab, api):
    user = sign_up(api)
    page = tab.go("/signup")
    tab.announce(409)
    enter(page, user.email, user.password)
    page.wait_for_selector("text=There is an account with this e-mail")
    page.click("main a:text-is('Log in')")
    assert page.input_value("input[type=email]") == user.email, "nothing has to be typed again"
    page.fill("input[type=password]", user.password)
    page.click("button:text-is('Log in')")
    page.wait_for_selector(LOGGED_IN)
    page.click(LOGGED_IN)
    page.wait_for_selector("nav a:text-is('Sign up')")
    assert tab.kept("pw.token") is None


def test_a_wrong_password_is_said_in_words(tab, api):
    page = tab.go("/login")
    tab.announce(401)
    enter(page, sign_up(api).email, "not this one")
    page.wait_for_selector("[role=alert] >> text=E-mail or password is wrong.")
    assert page.input_value("input[type=password]") == "not this one"


@pytest.mark.parametrize("search, end", [
    ("next=/templates", "/templates"), ("next=/b/7d444840-9dc0-41d1-b245-5ffdce74fad2&remix=1",
                                        "/b/7d444840-9dc0-41d1-b245-5ffdce74fad2?remix=1"),
    ("next=/templates%3Ftemplate%3D1%23x", "/templates?template=1#x"), ("", "/welcome")])
def test_a_link_is_gone_on_to(browser, api, search, end):
    with Tab(browser, api) as tab:
        tab.announce(404)
        page = tab.go(f"/signup?{search}")
        enter(page, new_email(), PASSWORD)
        page.wait_for_url(address(api) + end)


FOREIGN = ["//x.example", "/\\x.example", "/%09/x.example", "/%5cx.example", "https://x.example", "https:x.example",
           "javascript:alert(1)", "%20//x.example", "/%0a/x.example", "x.example", "///x.example", "\\\\x.example",
           "data:text/html,x", "/%00/x.example", "%2f%2fx.example", "http:/%2fx.example", "blob:x", "?next=//x.example",
           "/%0d%0a/x.example", "////x.example"]


def test_no_link_leads_away(browser, api):
    """One account for each: it is the redirect behind the sign-up that is tried."""
    with Tab(browser, api) as tab:
        tab.announce(404)
        for asked in FOREIGN:
            page = tab.go(f"/signup?next={asked}")
            enter(page, new_email(), PASSWORD)
            left_to = page.wait_for_url(lambda url: not url.startswith(f"{address(api)}/signup"))
            assert left_to.startswith(f"{address(api)}/"), asked
            page.wait_for_load_state()
            page.evaluate("localStorage.clear()")


def test_what_was_typed_survives_the_page(tab, api):
    page = tab.go("/signup")
    page.wait_for_selector("form button[type=submit]:enabled")  # the application's form, not the served one
    page.fill("input[type=email]", "half@written")
    page.reload()
    eventually(lambda: page.input_value("input[type=email]") == "half@written", WITHIN)
    assert page.input_value("input[type=password]") == "", "a password is never kept"
    assert PASSWORD not in str(page.evaluate("JSON.stringify(localStorage)"))


@pytest.mark.parametrize("path, kind", [
    *itertools.product(("/login", "/signup", "/"), ("email", "password")), ("/reset?token=t", "password")])
def test_typing_goes_on_while_the_application_begins(tab, path, kind):
    """It takes the served form over, and leaves the caret where it is."""
    held, page, field = [], tab.page, f"input[type={kind}]"
    main = re.search(r'<script type="module"[^>]* src="([^"]+)"', ask(tab.api, path).text)[1]
    page.route(f"**{main}", lambda route: held.append(route))
    page.goto(path, wait_until="commit")
    page.focus(field)
    page.keyboard.type("a@b")
    for route in held:
        route.continue_()
    page.wait_for_selector("form button[type=submit]:enabled")
    page.keyboard.type("c.d")
    assert page.input_value(field) == "a@bc.d"


def test_an_api_that_goes_in_the_middle_loses_nothing(browser, database):
    email = new_email()
    with Api(database.url) as api, Tab(browser, api) as tab:
        tab.announce(0, 503)
        page = tab.go("/signup")
        page.fill("input[type=email]", email)
        page.fill("input[type=password]", PASSWORD)
        api.kill()
        page.press("input[type=password]", "Enter")
        page.wait_for_selector("[role=alert] >> text=You're offline.")
        assert page.input_value("input[type=email]") == email and page.input_value("input[type=password]") == PASSWORD
        with returned(database, api):
            page.press("input[type=password]", "Enter")
            page.wait_for_selector(LOGGED_IN)


def test_a_second_press_is_no_second_account(browser, api):
    with Tab(browser, api) as tab:
        asked = []
        tab.page.on("request", lambda request: asked.append(request) if "/auth/" in request.url else None)
        page = tab.go("/signup")
        page.wait_for_selector("form button:not([disabled])")  # the server's does nothing
        page.fill("input[type=email]", new_email())
        page.fill("input[type=password]", PASSWORD)
        page.evaluate("() => { const press = document.querySelector('form button'); press.click(); press.click(); }")
        page.wait_for_selector(LOGGED_IN)
        assert len(asked) == 1


@pytest.mark.parametrize("is_own", [True, False])
def test_a_sign_up_whose_answer_is_lost_logs_in(tab, api, database, is_own):
    """With the same password; whoever has another one is told of the account."""
    tab.announce(0, 401, 409)
    email = new_email()
    if not is_own:
        sign_up(api, email)
    page = tab.go("/signup")
    lose_answer(page, "**/auth/signup")
    enter(page, email, PASSWORD)
    page.wait_for_selector("[role=alert] >> text=You're offline.")
    page.click("form button[type=submit]")
    page.wait_for_selector(LOGGED_IN if is_own else "text=There is an account with this e-mail")
    assert database.count("users", email=email) == 1


def test_a_second_press_logs_out_once(tab, api):
    tab.announce(401)  # reads that were on their way
    user = sign_up(api)
    page = tab.go("/login")
    enter(page, user.email, user.password)
    page.wait_for_selector(LOGGED_IN)
    asked = []
    page.on("request", lambda request: asked.append(request) if request.url.endswith("/auth/logout") else None)
    page.locator(LOGGED_IN).evaluate("press => { press.click(); press.click(); }")
    page.wait_for_selector("nav a:text-is('Sign up')")
    assert len(asked) == 1


def test_who_cant_log_in_again_can_leave(tab, api, database):
    tab.announce(401)
    user = sign_up(api)
    page = tab.go("/login")
    enter(page, user.email, user.password)
    page.wait_for_selector(LOGGED_IN)
    made(user.request("DELETE", "/me", json={"password": user.password}), 202)
    page.goto("/rooms")
    page.click("dialog[open] button:text-is('Log out')")
    page.wait_for_selector("nav a:text-is('Sign up')")
    assert tab.kept("pw.token") is None


def test_a_session_that_ended_asks_for_the_password_alone(tab, api):
    user = sign_up(api)
    page = tab.go("/login")
    enter(page, user.email, user.password)
    page.wait_for_selector(LOGGED_IN)
    tab.announce(401)
    log_in(user).post("/me/sessions/end-others", json={})
    headers = {"Authorization": f"Bearer {tab.kept('pw.token')}"}
    eventually(lambda: api.client.get("/me", headers=headers).status_code == 401)
    page.reload()
    page.wait_for_selector("dialog[open]")
    assert page.input_value("dialog input[type=email]") == user.email
    page.fill("dialog input[type=password]", user.password)
    page.press("dialog input[type=password]", "Enter")
    page.wait_for_selector("dialog:not([open])", state="attached")
    page.wait_for_selector("#feed, .empty")


def test_nobody_is_logged_out_by_the_change_of_pages(tab, api):
    page = tab.go("/login")
    page.evaluate("token => localStorage.setItem('personaworlds_token', token)", sign_up(api).token)
    tab.go("/").wait_for_selector(LOGGED_IN)
    assert tab.kept("personaworlds_token") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_is_the_systems_until_it_is_turned(browser, api, scheme):
    with Tab(browser, api, color_scheme=scheme) as tab:
        page = tab.go("/login")
        paper = "getComputedStyle(document.body).backgroundColor"
        before = page.evaluate(paper)
        page.click("button[aria-label='Light or dark']")
        after = page.evaluate(paper)
        page.reload()
        assert page.evaluate(paper) == after != before
        page.click("button[aria-label='Light or dark']")
        assert page.evaluate(paper) == before and tab.kept("pw.theme") is None


@pytest.mark.parametrize("size", [NARROW, PHONE, (768, 1024), DESKTOP])
def test_no_page_is_wider_than_the_window(browser, api, world, size):
    with Tab(browser, api, size) as tab:
        for path in ("/", "/signup", "/login", "/templates", f"/b/{world.battle.id}", f"/p/{world.slug}"):
            page = tab.go(path)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{path} at {size}"


BOXES = """() => {
    const seen = 'header.top, main, main h1, main form, main input, main label, main button';
    return [...document.querySelectorAll(seen)].map(element => {
        const box = element.getBoundingClientRect();
        return [element.tagName, box.x, box.y, box.width];
    });
}"""


@pytest.mark.parametrize("path", ["/signup", "/login"])
def test_the_script_moves_nothing(browser, api, path):
    with Tab(browser, api, java_script_enabled=False) as without, Tab(browser, api) as tab:
        served = without.go(path).evaluate(BOXES)
        page = tab.go(path)
        page.wait_for_selector("main button:not([disabled])")
        made = page.evaluate(BOXES)
        assert len(served) == len(made)
        for (tag, *before), (_, *after) in zip(served, made):
            assert max(abs(one - other) for one, other in zip(before, after)) <= 2, (tag, before, after)


def test_a_page_asks_nobody_else(browser, api):
    with Tab(browser, api) as tab:
        asked = []
        tab.page.on("request", lambda request: asked.append(request.url))
        for path in ("/", "/signup"):
            tab.go(path)
        assert asked and all(re.match(re.escape(address(api)) + "/", url) for url in asked)
