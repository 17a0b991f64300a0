"""Searching in a browser."""
import re

import pytest

from support.browser import Tab, returned
from support.pages import World
from support.people import made, sign_up
from support.program import Api
from support.tour import visit
from support.waiting import eventually

WITHIN = 15
WORD = "quokka"
RESULTS = "main .list article h2"


@pytest.fixture(scope="module")
def world(api, database):
    """A page of twenty battles and two more, a persona and a template."""
    world = World(api, database)
    for n in range(22):
        world.user.publish(world.persona, world.room, f"{WORD} number {n}")
    named = world.user.persona(name=f"{WORD} Ada")
    made(world.user.post(f"/personas/{named.id}/publish-profile", json={}), 200)
    made(world.user.post("/templates", json={"name": f"{WORD} rules", "prompt_rules": "Be <b>brief</b>.",
                                             "turn_count": 4,
                                             "word_limit": 80, "is_public": True}), 201)
    return world


@pytest.fixture
def tab(browser, api, user, world):
    with Tab(browser, api) as tab:
        tab.log_in(user)
        yield tab


def search(page, text):
    page.fill("[name=q]", text)
    page.press("[name=q]", "Enter")


def test_what_is_typed_is_found_and_stands_in_the_address(tab, world):
    page = visit(tab, "/search")
    assert page.evaluate("document.activeElement.name") == "q"
    search(page, f"  {WORD} rules ")
    page.wait_for_selector(RESULTS)
    page.wait_for_url(f"**/search?q={WORD}+rules")
    assert page.locator(RESULTS).first.text_content() == f"{WORD} rules"
    assert "Be <b>brief</b>." in page.locator("main .list").text_content()
    page.click(f"{RESULTS} a")
    page.wait_for_url(re.compile("/templates"))
    page.go_back()
    page.wait_for_selector(RESULTS)
    assert page.input_value("[name=q]") == f"{WORD} rules"


@pytest.mark.parametrize("kind, count, address", [
    ("Battles", 20, "/b/"), ("Personas", 1, "/p/"), ("Templates", 1, "/templates")])
def test_a_kind_alone(tab, kind, count, address):
    page = visit(tab, f"/search?q={WORD}")
    page.click(f".filters button:text-is('{kind}')")
    page.wait_for_selector(f".filters button:text-is('{kind}')[aria-pressed=true]")
    page.wait_for_selector(RESULTS)
    links = page.locator(f"{RESULTS} a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert len(links) == count and all(link.startswith(address) for link in links)


def test_there_is_more(tab):
    page = visit(tab, f"/search?q={WORD}&kind=battle")
    assert page.locator(RESULTS).count() == 20
    page.click("button:text-is('Show more')")
    eventually(lambda: page.locator(RESULTS).count() == 22, WITHIN)
    assert len(set(page.locator(RESULTS).all_text_contents())) == 22


def test_nothing_is_said_in_words(tab):
    page = visit(tab, "/search?q=no such thing")
    page.wait_for_selector("text=Nothing for “no such thing”.")
    assert not page.locator(RESULTS).count()


@pytest.mark.parametrize("text, may", [("", False), ("a", False), (" a ", False), ("ab", True), ("語語", True)])
def test_two_characters_are_the_least(tab, text, may):
    page = visit(tab, "/search")
    page.fill("[name=q]", text)
    assert page.is_enabled("main form button") == may
    page.press("[name=q]", "Enter")
    eventually(lambda: ("?q=" in page.url) == may, WITHIN)


def test_what_the_server_refuses_is_said(tab):
    tab.announce(400)
    page = visit(tab, f"/search?q={'x' * 101}")
    page.wait_for_selector("[role=alert] >> text=Search for 2 to 100 characters.")


def test_a_limit_is_waited_for(tab):
    tab.announce(429)
    refused = []

    def refuse(route):
        if route.request.headers.get("accept") != "application/json" or refused:
            return route.continue_()
        refused.append(1)
        return route.fulfill(status=429, headers={"Retry-After": "1"},
                             json={"error": "x", "code": "rate_limit_exceeded"})

    tab.page.route("**/search?**", refuse)
    page = tab.go(f"/search?q={WORD}")
    page.wait_for_selector("[role=alert] >> text=That was quick.")
    page.wait_for_selector(RESULTS)


def test_an_api_that_is_back_is_asked_again_and_what_was_typed_stays(browser, database, world):
    with Api(database.url) as api, Tab(browser, api) as tab:
        tab.log_in(sign_up(api))
        tab.announce(0, 503)
        page = visit(tab, "/search")
        api.kill()
        search(page, WORD)
        page.wait_for_selector("[role=alert] >> text=You're offline.")
        assert page.input_value("[name=q]") == WORD
        with returned(database, api):
            page.wait_for_selector(RESULTS)


def test_a_visitor_logs_in_first(browser, api):
    with Tab(browser, api) as tab:
        page = tab.go("/search?q=x y")
        page.wait_for_url(re.compile(r"/login\?next=%2Fsearch%3Fq%3Dx%2520y|/login\?next="))
        page.wait_for_selector("input[type=password]")
