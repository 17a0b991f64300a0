"""Drafts in a browser: edited, published, deleted, written again; and what one has published."""
import pytest

from support.browser import NARROW, Tab, lose_answer, returned
from support.people import new_room, sign_up
from support.program import Api
from support.waiting import eventually

CARD, TEXT, PUBLISH = ".draft-card", ".draft-card textarea", ".draft-card button[type=submit]"
SAVE, ANOTHER, DELETE = (f"{CARD} button:text-is('{word}')" for word in ("Save", "Write another", "Delete"))
COUNT = "nav a[href='/drafts'] .count-badge"
ASKED = "h2:text-is('Published. Ask other voices to answer?')"

NEXT_FRAME = "new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(() => resolve())))"


@pytest.fixture
def author(api):
    return sign_up(api)


@pytest.fixture
def draft(author, database):
    return author.draft(author.persona(), new_room(database))


@pytest.fixture
def tab(browser, api, author):
    with Tab(browser, api) as tab:
        tab.log_in(author)
        yield tab


def posts_of(user, status="draft"):
    return user.get(f"/me/posts?status={status}").json()["posts"]


def texts_of(user, status="draft"):
    return [post["content"] for post in posts_of(user, status)]


def ids_shown(page):
    return page.locator(".posts article").evaluate_all("all => all.map(article => article.id)")


def test_who_has_none_is_led_to_the_rooms(tab):
    page = tab.go("/drafts")
    page.wait_for_selector("text=No drafts. Let a persona write one.")
    page.click("main a:text-is('To the rooms')")
    page.wait_for_selector("h1:text-is('Rooms')")


@pytest.mark.parametrize("keys", [None, "Control+Enter", "Meta+Enter"])
def test_what_was_edited_is_published_once(tab, author, draft, keys):
    page = tab.go("/drafts")
    page.fill(TEXT, "Edited by hand.")
    if keys:
        page.press(TEXT, keys)
    else:
        page.evaluate(f"() => {{ const press = document.querySelector('{PUBLISH}'); press.click(); press.click(); }}")
    page.wait_for_selector(ASKED)
    assert page.evaluate("document.activeElement.tagName") == "H2"
    assert texts_of(author, "published") == ["Edited by hand."] and posts_of(author) == []
    assert page.locator(COUNT).count() == 0 and tab.kept(f"pw.keep.{author.id}.draft.{draft.id}") is None
    assert page.get_attribute(".published a", "href") == f"/b/{draft.id}"


def test_another_voice_is_asked_from_there(tab, author, draft, database):
    ben = author.persona(name="Ben")
    page = tab.go("/drafts")
    page.click(PUBLISH)
    page.click(f"article:has({ASKED}) button:text-is('Ask for replies')")
    page.click("dialog button[type=submit]")
    page.wait_for_selector("[role=status] >> text=asked")
    assert database.count("jobs", job_type="generate_reply") > 0 and ben.id in str(
        database.rows("SELECT * FROM jobs WHERE job_type = 'generate_reply'"))


@pytest.mark.parametrize("keys", [None, "Control+s", "Meta+s"])
def test_a_draft_is_saved_and_stays_one(tab, author, draft, keys):
    page = tab.go("/drafts")
    page.wait_for_selector(TEXT)
    assert page.is_disabled(SAVE), "nothing is to be saved yet"
    page.fill(TEXT, "Saved by hand.")
    page.press(TEXT, keys) if keys else page.click(SAVE)
    page.wait_for_selector("[role=status] >> text=Saved.")
    assert texts_of(author) == ["Saved by hand."] and page.is_disabled(SAVE) and page.inner_text(COUNT) == "1"
    page.reload()
    page.wait_for_selector(TEXT)
    assert page.input_value(TEXT) == "Saved by hand." and page.locator("text=Restored").count() == 0


@pytest.mark.parametrize("text, is_taken", [("😀" * 500, True), ("😀" * 501, False), (" \n", False)])
def test_a_draft_has_500_characters(tab, draft, text, is_taken):
    page = tab.go("/drafts")
    page.fill(TEXT, text)
    assert page.is_enabled(PUBLISH) is is_taken and page.is_enabled(SAVE) is is_taken


def test_what_the_server_refuses_is_said_in_words(tab, author, draft):
    tab.announce(400)
    page = tab.go("/drafts")
    page.fill(TEXT, "https://a.example https://b.example https://c.example")
    page.click(PUBLISH)
    page.wait_for_selector("[role=alert] >> text=There are too many links in it.")
    assert "https://c.example" in page.input_value(TEXT) and len(posts_of(author)) == 1


def test_what_was_typed_comes_back(tab, author, draft):
    page = tab.go("/drafts")
    page.fill(TEXT, "Half a tho")
    page.reload()
    page.wait_for_selector(f"{CARD} >> text=Restored what you typed.")
    assert page.input_value(TEXT) == "Half a tho"
    page.click("button:text-is('Discard')")
    assert page.input_value(TEXT) == draft.content and texts_of(author) == [draft.content]


def test_another_one_keeps_this_one(tab, author, draft):
    page = tab.go("/drafts")
    page.fill(TEXT, "Mine.")
    page.click(ANOTHER)
    page.wait_for_selector(f"{CARD} >> nth=1")
    assert len(posts_of(author)) == 2 and page.inner_text(COUNT) == "2"
    assert page.input_value(f"#post-{draft.id} textarea") == "Mine.", "what is being typed stays"


def test_deleting_asks_and_can_be_given_up(tab, author, draft, database):
    author.draft(author.persona(name="Ben"), new_room(database))
    page = tab.go("/drafts")
    page.wait_for_selector(f"{CARD} >> nth=1")
    page.click(DELETE)
    page.wait_for_selector("dialog >> text=Its text goes. This can't be undone.")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    assert len(posts_of(author)) == 2
    page.click(DELETE)
    page.click("dialog button:text-is('Delete for good')")
    page.wait_for_selector(f"{CARD} >> nth=1", state="detached")
    assert [post["id"] for post in posts_of(author)] == [draft.id] and page.inner_text(COUNT) == "1"
    eventually(lambda: page.evaluate(f"document.activeElement.closest('#post-{draft.id}') !== null"), 15)


def test_a_deletion_whose_answer_is_lost_is_one(tab, author, draft):
    """What isn't there at the first try is an error, at the second one it is what was wanted."""
    tab.announce(0, 404)
    page = tab.go("/drafts")
    lose_answer(page, "**/posts/*", "DELETE")
    page.click(DELETE)
    page.click("dialog button:text-is('Delete for good')")
    page.wait_for_selector("dialog [role=alert] >> text=You're offline.")
    assert posts_of(author) == []
    page.click("dialog button:text-is('Delete for good')")
    page.wait_for_selector("text=No drafts. Let a persona write one.")


def test_what_is_gone_before_it_is_deleted_is_said(tab, author, draft):
    tab.announce(404)
    page = tab.go("/drafts")
    page.click(DELETE)
    author.delete(f"/posts/{draft.id}")
    page.click("dialog button:text-is('Delete for good')")
    page.wait_for_selector("dialog [role=alert] >> text=This post isn't there any more.")


def test_a_link_leads_to_its_draft(tab, author, draft, database):
    for name in ("Ben", "Can", "Deniz"):
        author.draft(author.persona(name=name), new_room(database))
    page = tab.go(f"/drafts#post-{draft.id}")
    page.wait_for_selector(f"#post-{draft.id} textarea:focus")
    box = page.locator(f"#post-{draft.id}").bounding_box()
    assert 0 <= box["y"] < 800


def test_a_link_to_one_that_is_gone_says_so(tab, author, draft):
    author.approve(draft)
    page = tab.go(f"/drafts#post-{draft.id}")
    page.wait_for_selector("[role=status] >> text=This draft is published or deleted.")


def test_one_that_was_published_elsewhere_is_said_in_words(tab, author, draft):
    tab.announce(409)
    page = tab.go("/drafts")
    page.fill(TEXT, "Too late.")
    author.approve(draft)
    page.click(SAVE)
    page.wait_for_selector("[role=alert] >> text=It is published already. Nothing was changed.")
    assert page.input_value(TEXT) == "Too late." and texts_of(author, "published") == [draft.content]


def test_who_opens_a_draft_second_is_told(tab, draft):
    first, second = tab.page, tab.context.new_page()
    for page in (first, second):
        page.goto("/drafts")
        page.wait_for_selector(TEXT)
    first.focus(TEXT)
    second.focus(TEXT)
    second.wait_for_selector("text=Also open in another tab.")
    assert first.locator("text=Also open in another tab.").count() == 0
    first.close()
    second.wait_for_selector("text=Also open in another tab.", state="detached")


def test_an_api_that_goes_publishes_once_and_loses_nothing(browser, database):
    with Api(database.url) as api, Tab(browser, api) as tab:
        user = sign_up(api)
        user.draft(user.persona(), new_room(database))
        tab.log_in(user)
        tab.announce(0, 503)
        page = tab.go("/drafts")
        page.fill(TEXT, "Typed before.")
        api.kill()
        page.click(PUBLISH)
        page.wait_for_selector(f"{CARD} [role=alert] >> text=You're offline.")
        assert page.input_value(TEXT) == "Typed before."
        with returned(database, api) as back:
            page.click(PUBLISH)
            page.wait_for_selector(ASKED)
            assert texts_of(user.at(back), "published") == ["Typed before."]


def test_the_way_on_stays_while_the_list_is_read_anew(browser, database):
    with Api(database.url) as api, Tab(browser, api) as tab:
        user = sign_up(api)
        persona, room = user.persona(), new_room(database)
        for _ in range(3):
            user.draft(persona, room)
        tab.log_in(user)
        tab.announce(0, 503)
        page = tab.go("/drafts")
        page.locator(PUBLISH).nth(1).click()
        page.wait_for_selector(ASKED)
        shown, read = ids_shown(page), []
        api.kill()
        page.on("response", lambda answer: answer.ok and "/me/posts" in answer.url
                and read.append(len(answer.json()["posts"])))  # one that isn't ready yet refuses
        with returned(database, api):
            eventually(lambda: page.evaluate(NEXT_FRAME) or read == [2])
            page.evaluate(NEXT_FRAME)
            assert ids_shown(page) == shown and page.locator(ASKED).is_visible()


def test_what_is_published_can_be_deleted(tab, author, draft):
    author.approve(draft)
    page = tab.go("/drafts")
    page.click("button:text-is('Published')")
    page.click(".post-item button:text-is('Delete')")
    page.wait_for_selector("dialog >> text=its link leads nowhere")
    page.click("dialog button:text-is('Delete for good')")
    page.wait_for_selector("text=Nothing published yet.")
    assert posts_of(author, "published") == []


def test_drafts_fit_a_narrow_window(browser, api, author, database):
    author.draft(author.persona(name="W" * 80), new_room(database, "W" * 60))
    with Tab(browser, api, NARROW) as tab:
        tab.log_in(author)
        page = tab.go("/drafts")
        page.wait_for_selector(CARD)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
