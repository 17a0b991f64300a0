"""The keyboard that every page has: each key does what its button does, and none while one types."""
import pytest

from support.battles import write_battle
from support.browser import Tab
from support.people import made, new_room, sign_up
from support.waiting import eventually

SHOWN = ["?", "/", "g f", "g r", "g p", "g d", "g n", "g t", "g s", "j", "k", "Enter", "Esc", "n", "c", "a", "e", "#",
         "r", "m", "s", "f", "1 2 3", ".", "Ctrl Enter", "Ctrl S"]
PLACES = {"r": "/rooms", "p": "/personas", "d": "/drafts", "n": "/notifications", "t": "/templates", "s": "/settings",
          "f": "/"}
DRAFT = "main article h2 a"
ASKS = "dialog[open] button:has-text('Publish as')"


@pytest.fixture
def user(api):
    return sign_up(api)


@pytest.fixture
def tab(browser, api, user):
    with Tab(browser, api, user=user) as tab:
        yield tab


def ready(tab, path, selector="main h1"):
    """The page, once the keyboard is listened to: it shows its map, and hides it."""
    page = tab.go(path)
    page.wait_for_selector(selector)

    def is_heard():
        page.keyboard.press("?")
        return page.is_visible("dialog[open]")

    eventually(is_heard)
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    return page


def keys_of(page):
    return [" ".join(row.locator("kbd").all_inner_texts()) for row in page.locator("dialog[open] dl.keys > div").all()]


def has_focus(page, selector):
    return page.evaluate("selector => document.activeElement.matches(selector)", selector)


def published(user):
    return len(user.get("/me/posts?status=published").json()["posts"])


def drafts(user):
    return len(user.get("/me/posts?status=draft").json()["posts"])


def test_the_map_shows_every_key_and_the_prefix_leads_to_each_place(tab):
    page = ready(tab, "/digest")
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open] dl.keys")
    assert keys_of(page) == SHOWN
    page.keyboard.press("g")
    page.keyboard.press("p")
    assert page.url.endswith("/digest"), "a dialog has the keyboard for itself"
    page.keyboard.press("Escape")
    for key, path in PLACES.items():
        page.keyboard.press("g")
        page.keyboard.press(key)
        page.wait_for_url(f"{tab.origin}{path}")
    for key, path in {"/": "/search", "n": "/battles/new"}.items():
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press(key)
        page.wait_for_url(f"{tab.origin}{path}")


def test_no_key_acts_while_one_types_nor_with_a_modifier_nor_when_turned_off(tab):
    page = ready(tab, "/battles/new", "textarea[name=topic]")
    all_of_them = "?/gfgrjkncae#rmsf123.gp"
    page.focus("textarea[name=topic]")
    page.keyboard.type(all_of_them)
    page.keyboard.press("Escape")
    assert page.input_value("textarea[name=topic]") == all_of_them
    page.focus("h1")
    for key in "gpn":
        page.keyboard.press(f"Alt+{key}")
        page.keyboard.press(f"Control+{key}")
    page.evaluate("localStorage.setItem('pw.keys', 'off')")
    for key in "?gp":
        page.keyboard.press(key)
    assert page.url.endswith("/battles/new") and not page.is_visible("dialog[open]")


def test_j_and_k_go_from_item_to_item_enter_opens_and_escape_leads_back(tab, user):
    for name in ("One", "Two"):
        user.persona(name=name)
    page = ready(tab, "/personas", "main li h2 a")
    seen = []
    for key in "jjk":
        page.keyboard.press(key)
        seen.append(page.evaluate("document.activeElement.textContent"))
    assert seen[0] == seen[2] != seen[1] and {*seen} == {"One", "Two"}
    page.keyboard.press("Enter")
    page.wait_for_url("**/personas/*")
    page.wait_for_selector(f"h1:has-text('{seen[0]}')")
    page.keyboard.press("Escape")
    page.wait_for_url(f"{tab.origin}/personas")
    page.wait_for_selector("main li h2 a")
    page.keyboard.press("Escape")
    assert page.url == f"{tab.origin}/personas", "a list isn't left"


def test_escape_leaves_no_page_that_one_came_to_by_a_link(tab, user, database):
    page = ready(tab, f"/b/{write_battle(database, user).id}")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    page.wait_for_selector("dialog[open] >> text=Copy link")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    assert "/b/" in page.url


@pytest.mark.parametrize("key, title", [("r", "Ask for replies"), ("m", "Remix"), ("s", "Share")])
def test_a_battles_keys_open_its_sheets(tab, user, database, key, title):
    page = ready(tab, f"/b/{write_battle(database, user).id}", ".acts button")
    page.keyboard.press(key)
    page.wait_for_selector(f"dialog[open] h2:text-is('{title}')")


def test_a_profile_is_followed(tab, user, other, database):
    persona = other.persona()
    slug = made(other.post(f"/personas/{persona.id}/publish-profile", json={"slug": f"f-{persona.id[:8]}"}), 200).slug
    page = ready(tab, f"/p/{slug}", "button[aria-keyshortcuts=f]:enabled")
    page.keyboard.press("f")
    eventually(lambda: database.count("persona_follows", follower_user_id=user.id) == 1)


def test_the_feeds_filters_have_numbers(tab):
    page = ready(tab, "/", ".filters button")
    for key in "231":
        page.keyboard.press(key)
        page.wait_for_selector(f".filters button:nth-of-type({key})[aria-pressed=true]")


def test_a_draft_is_published_by_a_key_that_asks_once(tab, user, database):
    user.draft(user.persona(), new_room(database))
    page = ready(tab, "/drafts", DRAFT)
    page.focus("h1")
    page.keyboard.press("a")
    assert not page.is_visible("dialog[open]"), "it is about the focused draft alone"
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.wait_for_selector(ASKS)
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    assert published(user) == 0 and has_focus(page, DRAFT)
    page.keyboard.press("a")
    page.wait_for_selector(ASKS)
    page.keyboard.press("Enter")
    page.wait_for_selector(".published")
    assert (published(user), drafts(user)) == (1, 0)


def test_a_draft_is_edited_saved_and_deleted_by_keys(tab, user, database):
    user.draft(user.persona(), new_room(database))
    page = ready(tab, "/drafts", DRAFT)
    page.keyboard.press("j")
    page.keyboard.press("e")
    assert has_focus(page, "textarea")
    page.keyboard.press("Control+a")
    page.keyboard.type("By hand.")
    page.keyboard.press("Control+s")
    page.wait_for_selector(".toast:text-is('Saved.')")
    page.focus(DRAFT)
    page.keyboard.press("#")
    page.wait_for_selector("dialog[open]")
    assert drafts(user) == 1
    page.click("dialog[open] button.danger")
    eventually(lambda: drafts(user) == 0)


def test_a_persona_drafts_for_the_room_that_is_shown(tab, user, database):
    user.persona()
    page = ready(tab, f"/rooms/{new_room(database).id}", "button[aria-keyshortcuts=c]:enabled")
    page.keyboard.press("c")
    page.wait_for_selector(".draft-card")
    assert drafts(user) == 1


def test_ones_own_draft_in_a_room_is_edited_where_drafts_are(tab, user, database):
    room = new_room(database)
    user.draft(user.persona(), room)
    page = ready(tab, f"/rooms/{room.id}", ".post-item.draft h2 a")
    page.keyboard.press("j")
    page.keyboard.press("e")
    page.wait_for_url("**/drafts#post-*")
    eventually(lambda: has_focus(page, "textarea"))
