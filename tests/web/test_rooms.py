"""Rooms in a browser: what is in them, and drafts that a persona writes there."""
import pytest

from fakes.openai import WAIT, FakeProvider, answer, hang, speak, status
from support.browser import NARROW, Tab, returned
from support.followed import is_undone, speaking_as, warm
from support.people import new_room, sign_up
from support.program import Api
from support.tour import is_too_wide
from support.waiting import eventually

WRITE, CARD, TEXT = ".ask button[type=submit]", ".draft-card", ".draft-card textarea"
COUNT = "nav a[href='/drafts'] .count-badge"


@pytest.fixture(scope="module")
def provider():
    with FakeProvider() as provider:
        yield provider


@pytest.fixture(scope="module")
def writing(database, provider):
    """An API whose model is scripted."""
    with Api(database.url, **speaking_as(provider, API_REQUEST_TIMEOUT="15s")) as api:
        warm(api, provider)
        yield api


def tab_of(browser, user, **window):
    tab = Tab(browser, user.api, **window)
    tab.log_in(user)
    return tab


@pytest.fixture
def author(writing, provider):
    provider.forget()
    provider.stop_playing()
    provider.default = answer("Fine. Is it?")
    return sign_up(writing)


@pytest.fixture
def tab(browser, author):
    with tab_of(browser, author) as tab:
        yield tab


def fill(database, user, room, posts):
    """Published ones, the newest is the first."""
    database.execute("INSERT INTO posts (room_id, user_id, authored_by, status, content, created_at, published_at) "
                     "SELECT %s, %s, 'HUMAN', 'PUBLISHED', 'Post number ' || n, t, t FROM generate_series(1, %s) n, "
                     "LATERAL (SELECT now() - n * interval '1 minute' AS t) made", room.id, user.id, posts)


def topics(page):
    return page.locator(".posts h2 a").all_inner_texts()


def drafts_of(user):
    return user.get("/me/posts?status=draft").json()["posts"]


# ---- what is there ----


def test_a_room_says_how_much_is_in_it(tab, author, database):
    busy, quiet = new_room(database), new_room(database)
    fill(database, author, busy, 2)
    page = tab.go("/rooms")
    card = page.locator(".room-card", has=page.locator(f"a[href='/rooms/{busy.id}']"))
    assert "2 posts" in card.inner_text() and card.locator("time").count() == 1
    card = page.locator(".room-card", has=page.locator(f"a[href='/rooms/{quiet.id}']"))
    assert "0 posts" in card.inner_text() and card.locator("time").count() == 0
    card.locator("a").click()
    page.wait_for_selector(f"h1:text-is('{quiet.name}')")
    page.wait_for_selector("text=Nothing is published here yet.")
    assert page.get_attribute("a:text-is('Start a battle here')", "href") == f"/battles/new?room={quiet.id}"


def test_a_room_that_is_not_there_is_said_in_words(tab):
    tab.announce(404)
    page = tab.go("/rooms/7d444840-9dc0-41d1-b245-5ffdce74fad2")
    page.wait_for_selector("[role=alert] >> text=This room isn't there any more.")


def test_a_post_says_who_wrote_it_and_how_many_answered(tab, author, database):
    room, ada = new_room(database), author.persona()
    post = author.publish(ada, room, "Is <b>this</b> so?")
    author.draft(ada, room)
    page = tab.go(f"/rooms/{room.id}")
    page.wait_for_selector(".posts li >> nth=1")
    shown = page.locator(".posts li", has=page.locator(f"a[href='/b/{post.id}']"))
    assert "Ada" in shown.inner_text() and "AI draft, approved by its human" in shown.inner_text()
    assert "0 replies" in shown.inner_text() and "Is <b>this</b> so?" in shown.inner_text()
    assert "Your draft" in page.locator(".posts li").first.inner_text(), "nobody else's list has it"


@pytest.mark.parametrize("posts, pages", [(0, 0), (20, 1), (21, 2), (41, 3)])
def test_the_rest_is_opened_page_by_page(tab, author, database, posts, pages):
    room = new_room(database)
    fill(database, author, room, posts)
    page = tab.go(f"/rooms/{room.id}")
    page.wait_for_selector(".posts" if posts else ".empty")
    for opened in range(2, pages + 1):
        page.click("button:text-is('Show more')")
        page.wait_for_selector(f".posts >> nth={opened - 1}")
    assert topics(page) == [f"Post number {n}" for n in range(1, posts + 1)]
    assert page.locator("button:text-is('Show more')").count() == 0


@pytest.mark.parametrize("is_loaded_anew", [False, True])
def test_going_back_leads_to_the_same_place(tab, author, database, is_loaded_anew):
    room = new_room(database)
    fill(database, author, room, 45)
    page = tab.go(f"/rooms/{room.id}")
    page.click("button:text-is('Show more')")
    link = page.locator(".posts h2 a", has_text="Post number 30")
    link.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    assert before > 1000
    link.click()
    page.wait_for_selector("h1:has-text('Post number 30')")
    assert page.evaluate("scrollY") < before
    if is_loaded_anew:
        page.reload()
        page.wait_for_selector("h1:has-text('Post number 30')")
    page.go_back()
    eventually(lambda: abs(page.evaluate("scrollY") - before) <= 2, 15)
    assert len(topics(page)) == 40
    page.click("main a:text-is('‹ Rooms')")
    page.wait_for_selector(".room-card")
    assert page.evaluate("scrollY") == 0, "a page that one goes on to begins at its top"


# ---- a draft ----


def test_a_draft_is_written_in_front_of_its_owner(tab, author, provider, database):
    ada, room = author.persona(), new_room(database)
    provider.play(speak("Slow ", WAIT, "is smooth."))
    page = tab.go(f"/rooms/{room.id}")
    page.fill(".ask input[name=about]", "haste")
    page.evaluate(f"() => {{ const press = document.querySelector('{WRITE}'); press.click(); press.click(); }}")
    page.wait_for_selector(".first-draft .text >> text=Slow")
    assert page.get_attribute(".first-draft", "aria-busy") == "true" and drafts_of(author) == []
    provider.release()
    page.wait_for_selector(CARD)
    assert page.input_value(TEXT) == "Slow is smooth." and page.locator(".first-draft").count() == 0
    assert [post["content"] for post in drafts_of(author)] == ["Slow is smooth."]
    assert "haste" in provider.requests[-1].user and page.input_value(".ask input[name=about]") == ""
    assert page.inner_text(COUNT) == "1"
    page.click("button:text-is('Publish as Ada')")
    page.wait_for_selector("h2:text-is('Published. Ask other voices to answer?')")
    assert topics(page) == ["Slow is smooth"] and page.locator(COUNT).count() == 0
    assert author.get(f"/personas/{ada.id}").json()["today"]["drafts"] == 1


def test_a_draft_that_is_given_up_uses_up_nothing(tab, author, provider, database):
    ada, room = author.persona(daily_draft_quota=1), new_room(database)
    provider.play(speak("Never ", WAIT, "ends."))
    page = tab.go(f"/rooms/{room.id}")
    page.click(WRITE)
    page.wait_for_selector(".first-draft .text >> text=Never")
    page.click("main button:text-is('Cancel')")
    page.wait_for_selector(".first-draft", state="detached")
    is_undone(database, provider, ada)
    page.click(WRITE)
    page.wait_for_selector(CARD)
    assert len(drafts_of(author)) == 1


def test_a_quota_that_is_used_up_says_until_when(tab, author, database):
    ada, room = author.persona(daily_draft_quota=1), new_room(database)
    tab.announce(429)
    page = tab.go(f"/rooms/{room.id}")
    page.wait_for_selector("text=0 of 1 drafts today.")
    author.draft(ada, room)
    page.click(WRITE)
    page.wait_for_selector("[role=alert] >> text=All of today's drafts are used. New ones at midnight UTC.")
    time = page.evaluate("at => new Intl.DateTimeFormat('en', { timeStyle: 'short' }).format(Date.parse(at))",
                         ada.resets_at)
    page.wait_for_selector(f"text=1 of 1 drafts today. New ones at {time}.")
    assert page.is_disabled(WRITE)


@pytest.mark.parametrize("step, code, said", [
    (status(500), 502, "The model couldn't write. Nothing was used up."),
    (hang(), 504, "The model took too long. Nothing was used up.")])
def test_a_model_in_trouble_is_said_in_words_and_asked_again(browser, database, provider, author, step, code, said):
    with Api(database.url, **speaking_as(provider, OPENAI_MAX_RETRIES=0)) as api:
        user = sign_up(api)
        ada, room = user.persona(), new_room(database)
        provider.play(step)
        with tab_of(browser, user) as tab:
            tab.announce(code)
            page = tab.go(f"/rooms/{room.id}")
            page.fill(".ask input[name=about]", "trouble")
            page.click(WRITE)
            page.wait_for_selector(f"[role=alert] >> text={said}")
            is_undone(database, provider, ada)
            assert page.input_value(".ask input[name=about]") == "trouble"
            page.click("[role=alert] button:text-is('Try again')")
            page.wait_for_selector(CARD)
            assert len(drafts_of(user)) == 1
            api.expect_errors("http_request")


def test_an_api_that_goes_in_the_middle_of_a_draft_leaves_nothing_half(browser, database, provider, author):
    with Api(database.url, **speaking_as(provider, API_REQUEST_TIMEOUT="2s")) as api:
        user = warm(api, provider)
        user.persona(name="Ben")
        room = new_room(database)
        provider.play(speak("Half ", WAIT, "done."))
        with tab_of(browser, user) as tab:
            tab.announce(0, 503, 409)  # the first try's key is held until its time is over
            page = tab.go(f"/rooms/{room.id}")
            before = len(drafts_of(user))
            page.click(WRITE)
            page.wait_for_selector(".first-draft .text >> text=Half")
            api.kill()
            page.wait_for_selector("[role=alert] >> text=You're offline.")
            with returned(database, api, **speaking_as(provider, API_REQUEST_TIMEOUT="2s")) as back:
                page.click("main [role=alert] button:text-is('Try again')")
                page.wait_for_selector(CARD)
                assert len(drafts_of(user.at(back))) == before + 1


@pytest.mark.parametrize("text, heading, rest", [
    ("Is it so?", "Is it so?", None), ("It is so.", "It is so", None),
    ("It is so. I measured it.", "It is so", "I measured it."),
    (f"{'word ' * 40}end.", None, "… word")])
def test_a_post_says_nothing_twice(tab, author, database, text, heading, rest):
    room = new_room(database)
    author.publish(author.persona(), room, text)
    page = tab.go(f"/rooms/{room.id}")
    page.wait_for_selector(".posts li")
    assert topics(page) == [heading] if heading else topics(page)[0].endswith("word…")
    assert page.locator(".posts .excerpt").count() == (rest is not None)
    assert rest is None or page.inner_text(".posts .excerpt").startswith(rest)


def test_who_has_no_persona_is_led_to_one(tab, database):
    page = tab.go(f"/rooms/{new_room(database).id}")
    page.wait_for_selector("text=A persona writes the drafts. You have none yet.")
    assert page.get_attribute("main .empty a[href='/welcome']", "href")


def test_what_it_should_be_about_is_kept_and_bounded(tab, author, database):
    author.persona()
    page = tab.go(f"/rooms/{new_room(database).id}")
    page.fill(".ask input[name=about]", "😀" * 200)
    assert page.is_enabled(WRITE)
    page.reload()
    page.wait_for_selector(".ask input[name=about]")
    assert page.input_value(".ask input[name=about]") == "😀" * 200
    page.fill(".ask input[name=about]", "😀" * 201)
    assert page.is_disabled(WRITE)


def test_a_room_fits_a_narrow_window(browser, author, database):
    room = new_room(database, "W" * 60)
    author.publish(author.persona(name="W" * 80), room, "v" * 400)
    with tab_of(browser, author, size=NARROW) as tab:
        for path, ready in (("/rooms", ".room-card"), (f"/rooms/{room.id}", ".posts")):
            page = tab.go(path)
            page.wait_for_selector(ready)
            assert not is_too_wide(page), path
