"""Flows that go by the keyboard alone: what is to be done is reached by Tab, and done by Enter. A new
battle's is in test_new_battle.py."""
import re

import pytest

from support.battle_page import CONTENT
from support.battles import write_battle
from support.browser import Tab, enter
from support.people import new_email, sign_up
from support.tour import Tour, visit
from support.waiting import eventually

TABS_MAX = 60


@pytest.fixture(scope="module")
def tour(api, database):
    return Tour(api, database)


@pytest.fixture
def user(api):
    return sign_up(api)


@pytest.fixture
def tab(browser, api, user):
    with Tab(browser, api, user=user) as tab:
        yield tab


def reach(page, selector):
    """Tab, until the focus is there."""
    page.wait_for_selector(f"{selector} >> visible=true")
    for _ in range(TABS_MAX):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no Tab leads to {selector}")


def write(page, selector, text):
    reach(page, selector)
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def press(page, selector):
    reach(page, selector)
    page.keyboard.press("Enter")


def test_signing_up(browser, api):
    with Tab(browser, api) as tab:
        page = visit(tab, "/signup")
        write(page, "input[type=email]", new_email())
        write(page, "input[type=password]", "correct horse battery")
        page.wait_for_selector("form button[type=submit]:enabled")
        press(page, "form button[type=submit]")
        page.wait_for_url(re.compile("/welcome"))


def test_a_persona(tab, user):
    page = visit(tab, "/personas/new")
    write(page, "[name=name]", "Deniz")
    for place in range(3):
        write(page, f".samples .field:nth-of-type({place + 1}) textarea", f"A sentence of mine, number {place}.")
    press(page, ".savebar button[type=submit]")
    eventually(lambda: [one["name"] for one in user.get("/personas").json()["personas"]] == ["Deniz"], 15)


def test_following(tab, user, tour):
    page = visit(tab, f"/p/{tour.world.slug}")
    press(page, "main .acts button")
    eventually(lambda: user.get(f"/p/{tour.world.slug}").json()["profile"]["following"], 15)


def test_a_template(tab, user):
    page = visit(tab, "/templates/new")
    write(page, "[name=name]", "Short")
    write(page, "[name=rules]", "Be brief, always.")
    press(page, "main form button[type=submit]")
    page.wait_for_url(re.compile(r"/templates\?mine=1"))


def test_searching(tab, tour):
    page = visit(tab, "/search")
    write(page, "input[type=search]", "tabs")
    page.keyboard.press("Enter")
    page.wait_for_selector("main .list a")
    press(page, "main .list li:first-child a")
    page.wait_for_url(re.compile(r"/(b|p|templates|rooms)"))


def test_remixing(tab, user, database, tour):
    user.persona()
    battle = write_battle(database, tour.world.user, CONTENT)
    page = visit(tab, f"/b/{battle.id}")
    press(page, "button[aria-keyshortcuts=m]")
    press(page, "dialog[open] form button[type=submit]")
    page.wait_for_url(re.compile(rf"/b/(?!{battle.id})"))


def test_a_draft_is_asked_for_and_published(tab, user, tour):
    user.persona()
    page = visit(tab, f"/rooms/{tour.world.room.id}")
    press(page, ".ask button[type=submit]")
    eventually(lambda: user.get("/me/posts?status=draft").json()["posts"], 15)
    page = visit(tab, "/drafts")
    press(page, ".draft-card button:not(.quiet):enabled")
    eventually(lambda: user.get("/me/posts?status=published").json()["posts"], 15)


def test_an_account_is_deleted(browser, api, user):
    """Whose token the browser alone has: no script puts it back."""
    with Tab(browser, api) as tab:
        enter(tab.go("/login"), user.email, user.password)
        tab.page.wait_for_selector("button:text-is('Log out')")
        page = visit(tab, "/settings")
        tab.announce(401)  # what is under way when the account goes
        press(page, ".setting > .quiet.danger")
        write(page, "dialog[open] input[type=password]", user.password)
        press(page, "dialog[open] .danger")
        page.wait_for_selector("nav a:text-is('Sign up')")
        eventually(lambda: user.get("/me").status_code == 401, 15)
