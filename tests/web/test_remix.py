"""Remixing a battle in a browser: the sheet, what is typed into it, and the way through a sign-up."""
import pytest

from support.battle_page import ASK, REMIX, SHEET, events_of, open_battle, open_sheet, quiet_battle
from support.browser import Tab, enter
from support.pages import World
from support.people import Record, made, new_email, sign_up
from support.waiting import eventually

WITHIN = 15


@pytest.fixture(scope="module")
def world(api, database):
    """Nothing of it is changed."""
    return World(api, database)


@pytest.fixture
def battle(database, world):
    return quiet_battle(database, world)


@pytest.fixture
def visitor(browser, api):
    with Tab(browser, api) as tab:
        yield tab


def battles_of(database, user):
    return database.rows("SELECT id, content, template_id FROM posts WHERE user_id = %s AND persona_id IS NULL "
                         "ORDER BY created_at", user.id)


@pytest.fixture
def remixer(browser, api):
    user = sign_up(api)
    user.persona(name="Remi")
    with Tab(browser, api) as tab:
        tab.log_in(user)
        tab.user = user
        yield tab


def start_remix(page):
    page.click(f"{SHEET} button[type=submit]")


def test_a_remix_is_a_battle_of_ones_own(remixer, database, battle):
    page = open_sheet(remixer, battle, REMIX)
    page.fill("[name=topic]", "Tabs, spaces, or neither?")
    page.fill("[name=pro_style]", "Dry.")
    page.evaluate("const form = document.querySelector('dialog form'); form.requestSubmit(); form.requestSubmit();")
    page.wait_for_selector("h1:text-is('Tabs, spaces, or neither?')")
    (mine,) = battles_of(database, remixer.user)
    page.wait_for_url(f"**/b/{mine['id']}")
    assert page.locator("dd").all_inner_texts() == ["Dry.", "Sceptical."]
    assert not page.is_visible(SHEET) and page.is_visible(".writing")
    assert not page.evaluate("Object.keys(localStorage).filter(key => key.includes('.remix.')).length")
    eventually(lambda: len(events_of(database, "remix_clicked", battle)) == 1, WITHIN)
    (completed,) = events_of(database, "remix_completed", Record(mine))
    assert completed["source_battle_id"] == str(battle.id)


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
    rules = {"prompt_rules": "Be brief.", "turn_count": 4, "word_limit": 80, "is_public": True}
    first, *_ = [made(world.user.post("/templates", json=rules | {"name": f"Form {n}"}), 201) for n in range(6)]
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
    page.wait_for_url(f"{remixer.origin}/b/{battle.id}")


def test_a_visitor_signs_up_and_goes_on_with_the_remix(visitor, battle):
    template = visitor.context.request.get("/templates").json()["templates"][0]["id"]
    page = visitor.go(f"/b/{battle.id}?remix=1&template={template}")
    page.wait_for_url("**/signup?*")
    enter(page, new_email(), "long enough")
    page.wait_for_selector(f"{SHEET} select")
    page.wait_for_url(f"**/b/{battle.id}?template={template}&remix=1")
    assert page.input_value(f"{SHEET} select") == template


def test_a_visitors_acts_lead_to_an_account_and_back(visitor, database, battle):
    page = open_battle(visitor, battle)
    assert page.get_attribute(REMIX, "href") == f"/signup?next=%2Fb%2F{battle.id}&remix=1"
    assert page.get_attribute(ASK, "href") == f"/signup?next=%2Fb%2F{battle.id}"
    page.click(REMIX)
    page.wait_for_url("**/signup?*")
    eventually(lambda: len(events_of(database, "remix_clicked", battle)) == 1, WITHIN)
