"""Personas in a browser: their list, the editor, listening to a voice that isn't saved, profile and deletion."""
import re

import pytest

from fakes.openai import WAIT, FakeProvider, answer, speak
from support.browser import PHONE, Tab, address, enter, returned
from support.followed import is_undone, speaking_as, units_used, warm
from support.people import made, sign_up
from support.program import Api
from support.sessions import log_in
from support.waiting import eventually

WITHIN = 15
FIRST, SECOND = "article:has(h3:text-is('Take 1')) .text", "article:has(h3:text-is('Take 2')) .text"
SAVED = ".savebar [role=status]:text-is('Saved')"
EARLIER = ".heard > li"


@pytest.fixture
def tab(browser, api, user):
    with Tab(browser, api, user=user) as tab:
        yield tab


@pytest.fixture(scope="module")
def provider():
    with FakeProvider() as provider:
        yield provider


@pytest.fixture(scope="module")
def writing(database, provider):
    with Api(database.url, DEFAULT_PREVIEW_QUOTA=2, **speaking_as(provider, API_REQUEST_TIMEOUT="15s")) as api:
        warm(api, provider)
        yield api


@pytest.fixture
def listener(browser, writing, provider):
    """Somebody whose persona is heard through the scripted model, with the editor open."""
    provider.forget()
    provider.stop_playing()
    provider.default = answer("Fine. Is it?")
    user = sign_up(writing)
    with Tab(browser, writing, user=user) as tab:
        tab.user, tab.persona = user, user.persona(tone="warm")
        edit(tab, tab.persona)
        yield tab


def edit(tab, persona):
    page = tab.go(f"/personas/{persona.id}")
    page.wait_for_selector(".editor #listen")
    return page


def stored(user, persona):
    return made(user.get(f"/personas/{persona.id}"), 200)


def press(page, text, within="main"):
    page.click(f"{within} button:text-is('{text}')")


def asked_of(page, method):
    """The requests with this method that the page sends from now on."""
    asked = []
    page.on("request", lambda request: asked.append(request) if request.method == method else None)
    return asked


# ---- the list ----


def test_the_list_says_what_there_is_to_know(tab, user):
    user.persona(name="Deniz", preferred_language="tr", daily_draft_quota=7)
    ada = user.persona(name="Ada")
    made(user.post(f"/personas/{ada.id}/publish-profile", json={}), 200)
    page = tab.go("/personas")
    page.wait_for_selector(".persona-card >> nth=1")
    said = [re.sub(r"\s+", " ", text) for text in page.locator(".persona-card").all_inner_texts()]
    assert "English · Public, 0 followers" in said[0] and "Turkish · Private" in said[1]
    assert "0 of 7 drafts today · 0 of 50 replies today" in said[1]
    assert page.locator(".persona-card .mark").count() == 2
    page.click("a:has-text('Deniz')")
    page.wait_for_url(f"{address(tab.api)}/personas/*")
    page.wait_for_selector("h1 bdi:text-is('Deniz')")


def test_who_has_none_is_led_to_the_first(tab):
    page = tab.go("/personas")
    page.wait_for_selector("text=No personas yet.")
    page.click("a:text-is('New persona')")
    page.wait_for_selector("h1:text-is('New persona')")
    assert page.locator("text=Save it once, then hear it here.").count() == 1


# ---- the editor ----


def test_a_persona_is_made_of_every_field(tab, user):
    page = tab.go("/personas/new")
    page.wait_for_selector(".editor")
    for name, text in {"name": "Deniz Kaptan", "bio": "Önce ölçer.", "tone": "sakin", "sample1": "Bir.",
                       "sample2": "İki.", "sample3": "Üç 🙂", "draftQuota": "3", "replyQuota": "4"}.items():
        page.fill(f"[name={name}]", text)
    page.click("label:has-text('Turkish')")
    for _ in range(2):
        page.press("[type=range]", "ArrowRight")
    assert page.inner_text(".slider output") == "Formal"
    for phrase in ("Basit tutalım.", "Önce ölç.", "Önce ölç."):
        page.fill("[name=catchphrasesTyped]", phrase)
        page.press("[name=catchphrasesTyped]", "Enter")
    page.fill("[name=neverSaidTyped]", "kesinlikle")
    press(page, "Save")
    page.wait_for_selector("h1 bdi:text-is('Deniz Kaptan')")
    (persona,) = user.get("/personas").json()["personas"]
    page.wait_for_url(f"{address(tab.api)}/personas/{persona['id']}")
    wanted = {"name": "Deniz Kaptan", "bio": "Önce ölçer.", "tone": "sakin", "preferred_language": "tr", "formality": 3,
              "writing_samples": ["Bir.", "İki.", "Üç 🙂"], "catchphrases": ["Basit tutalım.", "Önce ölç."],
              "do_not_say": ["kesinlikle"], "daily_draft_quota": 3, "daily_reply_quota": 4}
    assert {name: persona[name] for name in wanted} == wanted
    assert tab.kept(f"pw.keep.{user.id}.persona.new") is None


def test_a_second_press_makes_no_second_persona(tab, user):
    page = tab.go("/personas/new")
    page.wait_for_selector(".editor")
    for name in ("name", "sample1", "sample2", "sample3"):
        page.fill(f"[name={name}]", name)
    posts = asked_of(page, "POST")
    page.evaluate("() => { const save = document.querySelector('.savebar button'); save.click(); save.click(); }")
    page.wait_for_selector("h1 bdi:text-is('name')")
    assert len([post for post in posts if post.url.endswith("/personas")]) == 1
    assert len(user.get("/personas").json()["personas"]) == 1


@pytest.mark.parametrize("key", ["Control+s", "Meta+s"])
def test_a_key_saves(tab, user, persona, key):
    page = edit(tab, persona)
    page.fill("[name=tone]", f"dry {key}")
    page.wait_for_selector("text=Not saved yet.")
    page.press("[name=tone]", key)
    page.wait_for_selector(SAVED)
    assert stored(user, persona).tone == f"dry {key}"
    page.reload()
    eventually(lambda: page.input_value("[name=tone]") == f"dry {key}", WITHIN)
    assert page.locator("text=Restored").count() == 0


def test_what_was_typed_comes_back_until_it_is_discarded(tab, persona):
    page = edit(tab, persona)
    page.fill("[name=bio]", "half a tho")
    page.fill("[name=neverSaidTyped]", "basic")
    page.reload()
    page.wait_for_selector("text=Restored what you typed.")
    assert (page.input_value("[name=bio]"), page.input_value("[name=neverSaidTyped]")) == ("half a tho", "basic")
    page.click("button:text-is('Discard')")
    assert (page.input_value("[name=bio]"), page.input_value("[name=neverSaidTyped]")) == (persona.bio, "")
    page.reload()
    page.wait_for_selector(SAVED)


def test_what_is_typed_while_it_saves_stays(tab, user, persona):
    page = edit(tab, persona)
    page.fill("[name=tone]", "sent")
    page.route(f"**/personas/{persona.id}", lambda route: route.request.method == "PUT" and (
        page.fill("[name=bio]", "typed meanwhile"), route.continue_()) or route.continue_())
    with page.expect_response(lambda answer: answer.request.method == "PUT"):
        page.evaluate("document.querySelector('.savebar button').click()")
    page.wait_for_selector("text=Not saved yet.")
    assert (page.input_value("[name=tone]"), page.input_value("[name=bio]")) == ("sent", "typed meanwhile")
    assert (stored(user, persona).tone, stored(user, persona).bio) == ("sent", persona.bio)


@pytest.mark.parametrize("length, is_sent", [(80, True), (81, False)])
def test_a_field_counts_what_the_server_counts(tab, user, persona, length, is_sent):
    page = edit(tab, persona)
    name = "🙂" * length
    page.fill("[name=name]", name)
    puts = asked_of(page, "PUT")
    press(page, "Save")
    if is_sent:
        page.wait_for_selector(SAVED)
        assert stored(user, persona).name == name
    else:
        page.wait_for_selector(".savebar >> text=Something is too long.")
        assert page.locator(".count.error:text-is('81/80')").count() == 1 and not puts


def test_a_full_list_takes_no_more_until_one_goes(tab, user):
    persona = user.persona(catchphrases=[f"phrase {n}" for n in range(20)])
    page = edit(tab, persona)
    chips = page.locator(".chips").nth(0)
    page.fill("[name=catchphrasesTyped]", "one more")
    assert chips.locator("text=20 is as many").count() == 1 and chips.locator("button:has-text('Add')").is_disabled()
    page.click("button[aria-label='Remove: phrase 7']")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Remove: phrase 8"
    page.press("[name=catchphrasesTyped]", "Enter")
    press(page, "Save")
    page.wait_for_selector(SAVED)
    assert stored(user, persona).catchphrases == [f"phrase {n}" for n in range(20) if n != 7] + ["one more"]


def test_a_limit_over_the_servers_is_said_in_words(browser, database):
    with Api(database.url, MAX_DRAFT_QUOTA=10) as api:
        user = sign_up(api)
        persona = user.persona(daily_draft_quota=10)
        with Tab(browser, api, user=user) as tab:
            tab.announce(400)
            page = edit(tab, persona)
            page.fill("[name=draftQuota]", "11")
            press(page, "Save")
            page.wait_for_selector("[role=alert] >> text=A limit is higher than this server allows.")
            assert page.input_value("[name=draftQuota]") == "11" and stored(user, persona).daily_draft_quota == 10


def test_an_api_that_goes_in_the_middle_loses_nothing(browser, database):
    with Api(database.url) as api:
        user = sign_up(api)
        persona = user.persona()
        with Tab(browser, api, user=user) as tab:
            tab.announce(0)
            page = edit(tab, persona)
            page.fill("[name=tone]", "stubborn")
            api.kill()
            press(page, "Save")
            page.wait_for_selector("[role=alert] >> text=You're offline.")
            with returned(database, api) as back:
                press(page, "Save")
                page.wait_for_selector(SAVED)
                assert stored(user.at(back), persona).tone == "stubborn"


def test_a_session_that_ended_saves_after_the_password(tab, user, persona):
    tab.announce(401)
    page = edit(tab, persona)
    page.fill("[name=tone]", "patient")
    log_in(user).post("/me/sessions/end-others", json={})
    eventually(lambda: user.get("/me").status_code == 401)
    # The stream may have asked for the password already, over the button.
    page.locator("main button:text-is('Save')").dispatch_event("click")
    page.fill("dialog[open] input[type=email]", user.email)
    page.fill("dialog[open] input[type=password]", user.password)
    page.press("dialog[open] input[type=password]", "Enter")
    page.wait_for_selector(SAVED)
    assert stored(log_in(user), persona).tone == "patient"


def test_what_isnt_shown_any_more_isnt_asked_for_again(tab, persona):
    tab.announce(0)
    page, asked = tab.page, []
    page.clock.install()

    def refuse(route):
        if route.request.resource_type != "fetch":
            return route.fallback()
        asked.append(route.request)
        return route.abort()

    page.route(f"**/personas/{persona.id}", refuse)
    page = tab.go(f"/personas/{persona.id}")
    page.wait_for_selector("main [role=alert]")
    first = len(asked)
    page.clock.fast_forward(60_000)
    eventually(lambda: page.evaluate("1") and len(asked) > first, WITHIN)
    page.wait_for_selector("main [role=alert]")
    page.click(".crumb a")
    page.wait_for_selector(".persona-card")
    before = len(asked)
    page.clock.fast_forward(60_000)
    page.wait_for_selector(".persona-card")
    assert len(asked) == before


def test_a_persona_that_is_gone_is_said_in_words(tab):
    tab.announce(404)
    page = tab.go("/personas/7d444840-9dc0-41d1-b245-5ffdce74fad2")
    page.wait_for_selector("[role=alert] >> text=This persona isn't here.")
    assert page.locator(".editor").count() == 0


# ---- how it sounds ----


def test_two_takes_of_a_voice_that_isnt_saved(listener, provider):
    page = listener.page
    page.fill("[name=tone]", "icy")
    page.fill("[name=catchphrasesTyped]", "Brr, noted.")
    provider.play(*[speak("Some ", WAIT, "words.")] * 2)
    press(page, "Hear it")
    for take in (FIRST, SECOND):
        page.wait_for_selector(f"{take}:text-is('Some')")
    provider.release()
    page.wait_for_selector(f"{EARLIER} {FIRST}:text-is('Some words.')")
    assert all("icy" in request.user and "Brr, noted." in request.user for request in provider.requests)
    assert page.locator("text=1 of 2 previews today. New ones at").count() == 1
    assert stored(listener.user, listener.persona) == stored(listener.user, listener.persona) | {
        "tone": "warm", "today": {"drafts": 0, "replies": 0, "previews": 1}}
    assert page.locator("text=Not saved yet.").count() == 1


def test_a_take_that_fails_the_check_begins_anew(listener, provider):
    page = listener.page
    provider.default = lambda request: (
        speak("Second.") if "second version" in request.system
        else speak("Well, fuck that.") if len(provider.requests) < 3 else speak("Some ", WAIT, "calm one."))
    press(page, "Hear it")
    page.wait_for_selector(f"{FIRST}:text-is('Some')")
    assert page.inner_text(SECOND) == "Second."
    provider.release()
    page.wait_for_selector(f"{EARLIER} {FIRST}:text-is('Some calm one.')")
    assert page.locator("text=fuck").count() == 0


def test_listening_is_given_up_and_nothing_is_used(listener, provider, database):
    page, persona = listener.page, listener.persona
    provider.play(*[speak("Some ", WAIT)] * 2)
    press(page, "Hear it")
    page.wait_for_selector(f"{FIRST}:text-is('Some')")
    press(page, "Cancel")
    page.wait_for_selector(f"{FIRST}", state="detached")
    assert is_undone(database, provider, persona, "preview") and units_used(database, persona, "preview") == 0
    assert page.locator("text=0 of 2 previews today.").count() == 1 and page.locator("[role=alert] .fine").count() == 0
    press(page, "Hear it")
    page.wait_for_selector(f"{EARLIER} {FIRST}:text-is('Fine. Is it?')")


def test_what_was_heard_stays_with_its_fields_until_the_quota_is_used(listener, provider):
    page = listener.page
    provider.play(*[speak("The warm one.")] * 2)
    press(page, "Hear it")
    page.wait_for_selector(f"{EARLIER} >> text=From the fields as they are now.")
    page.fill("[name=tone]", "icy")
    provider.play(*[speak("The icy one.")] * 2)
    press(page, "Hear it again")
    page.wait_for_selector(f"{EARLIER} >> nth=1")
    assert page.locator("button:text-is('Hear it again')").is_disabled()
    assert page.locator("text=2 of 2 previews today. New ones at").count() == 1
    page.reload()
    page.wait_for_selector(f"{EARLIER} >> nth=1")
    newest, earlier = page.locator(EARLIER).all()
    assert newest.locator(FIRST).inner_text() == "The icy one." and "From the fields as they are" in newest.inner_text()
    assert earlier.locator(FIRST).inner_text() == "The warm one." and "warm" in earlier.locator("dl").inner_text()
    earlier.locator("button").click()
    assert page.input_value("[name=tone]") == "warm"


def test_a_quota_used_elsewhere_is_said_in_words(listener):
    listener.announce(429)
    page, user = listener.page, listener.user
    room = user.get("/rooms").json()["rooms"][0]
    for _ in range(2):
        made(user.post(f"/personas/{listener.persona.id}/preview?room_id={room['id']}", json={}), 200)
    press(page, "Hear it")
    page.wait_for_selector("[role=alert] >> text=All of today's previews are used.")
    page.wait_for_selector("text=2 of 2 previews today.")
    assert page.locator("button:text-is('Hear it')").is_disabled()


# ---- profile and deletion ----


def test_a_profile_is_published_and_taken_back(tab, user, persona):
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page, slug = edit(tab, persona), f"ada-{persona.id[:8]}"
    page.fill("[name=slug]", slug)
    page.fill("[name=profile-bio]", "For everybody.")
    press(page, "Publish profile")
    page.wait_for_selector(".badges >> text=Public persona")
    link = f"{address(tab.api)}/p/{slug}"
    assert page.input_value("[aria-label='Link to the profile']") == link
    assert page.evaluate("navigator.clipboard.readText()") == link
    assert made(user.get(f"/p/{slug}"), 200).profile["bio"] == "For everybody."
    press(page, "Change")
    eventually(lambda: page.input_value("[name=profile-bio]") == "For everybody.", WITHIN)
    page.fill("[name=slug]", f"{slug}-b")
    press(page, "Save", within="section:has(#profile)")
    eventually(lambda: page.input_value("[aria-label='Link to the profile']") == f"{link}-b", WITHIN)
    press(page, "Unpublish")
    page.wait_for_selector("button:text-is('Publish profile')")
    assert not stored(user, persona).profile["is_public"]


def test_without_a_clipboard_the_link_is_selected(tab, user, persona):
    made(user.post(f"/personas/{persona.id}/publish-profile", json={}), 200)
    tab.context.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page = edit(tab, persona)
    press(page, "Copy link")
    page.wait_for_selector("text=Selected. Copy it from here.")
    assert page.evaluate("getSelection().toString()").endswith(stored(user, persona).profile["slug"])


def test_an_address_of_nothing_is_refused_in_words(tab, persona):
    tab.announce(400)
    page = edit(tab, persona)
    page.fill("[name=slug]", "!!!")
    press(page, "Publish profile")
    page.wait_for_selector("[role=alert] >> text=The address needs letters or digits.")
    assert page.input_value("[name=slug]") == "!!!"


def test_a_persona_goes_when_its_name_was_typed(tab, user):
    persona = user.persona(name="Ada the First")
    page = edit(tab, persona)
    press(page, "Delete persona")
    page.wait_for_selector("dialog[open] >> text=This can't be undone.")
    assert page.locator("button:text-is('Delete for good')").is_disabled()
    page.fill("[name=name-again]", "Ada the Firs")
    assert page.locator("button:text-is('Delete for good')").is_disabled()
    page.press("[name=name-again]", "Escape")
    page.wait_for_selector("dialog:not([open])", state="attached")
    press(page, "Delete persona")
    assert page.input_value("[name=name-again]") == ""
    page.fill("[name=name-again]", "Ada the First")
    deletions = asked_of(page, "DELETE")
    page.evaluate("""() => { const go = document.querySelector('dialog button.danger'); go.click(); go.click(); }""")
    page.wait_for_url(f"{address(tab.api)}/personas")
    page.wait_for_selector("text=No personas yet.")
    assert user.get(f"/personas/{persona.id}").status_code == 404 and len(deletions) == 1


# ---- how it looks ----


def test_a_target_is_large_enough(browser, api, user, persona):
    with Tab(browser, api, PHONE, user=user) as tab:
        page = edit(tab, persona)
        small = page.evaluate("""() => [...document.querySelectorAll('main :is(button,input:not([type=radio]),select)')]
            .filter(element => element.offsetParent && element.type !== 'range')
            .map(element => [element.textContent || element.name, element.getBoundingClientRect()])
            .filter(([, box]) => box.width < 44 || box.height < 44).map(([name]) => name)""")
        assert small == []


def test_who_isnt_logged_in_comes_back_after(browser, api, user):
    with Tab(browser, api) as tab:
        page = tab.go("/personas/new")
        page.wait_for_url("**/login?next=%2Fpersonas%2Fnew")
        enter(page, user.email, user.password)
        page.wait_for_selector("h1:text-is('New persona')")
