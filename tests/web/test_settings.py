"""The settings in a browser, and the pages that mails lead to."""
import json
import re

import pytest

from support.browser import Tab, address, enter, lose_answer, returned
from support.mail import is_verified, write_link
from support.people import made, new_email, sign_up
from support.program import Api
from support.sessions import is_in, log_in
from support.tour import visit
from support.waiting import eventually

WITHIN = 15
ANOTHER = "another long password"
LOGGED_IN = "button:text-is('Log out')"


@pytest.fixture
def visitor(browser, api):
    with Tab(browser, api) as tab:
        yield tab


@pytest.fixture
def tab(visitor, user):
    visitor.log_in(user)
    return visitor


def section(page, title):
    return page.locator("section.setting", has=page.locator(f"h2:text-is('{title}')"))


def log_in_here(page, user):
    """By the form, so that the browser alone has the token."""
    page.goto("/login")
    enter(page, user.email, user.password)
    page.wait_for_selector(LOGGED_IN)


# ---- language and look ----


def test_the_language_is_spoken_at_once_and_in_every_browser(browser, api, tab, user):
    page = visit(tab, "/settings")
    page.click("label:has-text('Türkçe')")
    page.wait_for_selector("h1:text-is('Ayarlar')")
    eventually(lambda: user.get("/me").json().get("language") == "tr", WITHIN)
    with Tab(browser, api, locale="en") as elsewhere:
        elsewhere.log_in(user)
        page = elsewhere.go("/settings")
        page.wait_for_selector("h1:text-is('Ayarlar')")
        assert page.get_attribute("html", "lang") == "tr" and elsewhere.kept("pw.lang") == "tr"
        page = elsewhere.go("/settings?lang=en")
        page.wait_for_selector("h2:text-is('Sessions')")
        assert page.text_content("h1") == "Settings", "a link's goes before the account's"


def test_a_language_that_is_refused_is_taken_back(tab, user):
    tab.announce(503)
    tab.page.route("**/me", lambda route: route.fallback() if route.request.method == "GET" else route.fulfill(
        status=503, json={"error": "server is busy", "code": "server_is_busy", "request_id": "r"}))
    page = visit(tab, "/settings")
    page.click("label:has-text('Türkçe')")
    page.wait_for_selector("[role=alert] >> text=The server is busy.")
    assert page.text_content("h1") == "Settings" and page.is_checked("input[value=en]")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_is_chosen_or_the_systems(browser, api, user, scheme):
    paper = "getComputedStyle(document.body).backgroundColor"
    with Tab(browser, api, color_scheme=scheme) as tab:
        tab.log_in(user)
        page = visit(tab, "/settings")
        seen = {}
        for name in ("System", "Light", "Dark"):
            page.click(f"label:has-text('{name}')")
            seen[name] = page.evaluate(paper)
            kept = tab.kept("pw.theme")
            assert kept == (None if name == "System" else name.lower())
        assert seen["Light"] != seen["Dark"] and seen["System"] == seen[scheme.title()]
        page = visit(tab, "/settings")
        assert page.evaluate(paper) == seen["Dark"] and page.is_checked("input[value=dark]")


def test_single_keys_are_turned_off_and_on(tab):
    page = visit(tab, "/settings")
    section(page, "Language and look").locator("label:has-text('Off')").click()
    assert tab.kept("pw.keys") == "off"
    page = visit(tab, "/settings")
    assert page.is_checked("input[value=off]")
    section(page, "Language and look").locator("label:has-text('On')").click()
    assert tab.kept("pw.keys") == "on"


# ---- e-mail ----


def change_email(page, email, password):
    if not page.locator("details[open] [name=email]").count():
        page.click("summary:text-is('Change e-mail')")
    page.fill("[name=email]", email)
    page.fill("[name=current-password]", password)
    page.click("button:text-is('Change e-mail')")


def test_the_email_is_changed_by_who_knows_the_password(tab, user):
    tab.announce(403)
    page, email = visit(tab, "/settings"), new_email()
    change_email(page, email, "not this one")
    page.wait_for_selector("[role=alert] >> text=The password is wrong.")
    assert page.input_value("[name=email]") == email and user.get("/me").json()["email"] == user.email
    change_email(page, email, user.password)
    page.wait_for_selector(f".own-email bdi:text-is('{email}')")
    page.wait_for_selector("text=Not confirmed yet.")
    assert user.get("/me").json()["email"] == email and tab.kept("pw.email") == email


def test_anothers_email_is_not_taken_and_no_password_is_kept(tab, user, other):
    tab.announce(409)
    page = visit(tab, "/settings")
    change_email(page, other.email, user.password)
    page.wait_for_selector("[role=alert] >> text=There is an account with this e-mail")
    page.reload()
    page.wait_for_selector("[name=email]")
    assert page.input_value("[name=email]") == other.email and page.input_value("[name=current-password]") == ""
    assert user.password not in page.evaluate("JSON.stringify(localStorage)")


def test_a_mail_is_asked_for_once_more(tab):
    sent = []
    tab.page.on("request", lambda request: sent.append(1) if request.url.endswith("/me/verify") else None)
    page = visit(tab, "/settings")
    page.wait_for_selector("button:text-is('Send again')")
    page.evaluate("""() => { const all = [...document.querySelectorAll('button')];
                             const press = all.find(button => button.textContent === 'Send again');
                             press.click(); press.click(); }""")
    page.wait_for_selector("text=Sent. The link holds for a day.")
    assert len(sent) == 1


def test_an_email_that_is_confirmed_says_so(tab, user, database):
    database.execute("UPDATE users SET email_verified_at = now() WHERE id = %s", user.id)
    page = visit(tab, "/settings")
    page.wait_for_selector("text=Confirmed.")
    assert not page.locator("button:text-is('Send again')").count()


# ---- the password ----


def test_the_password_is_changed_and_other_sessions_end(visitor, user):
    elsewhere = log_in(user)
    page = visitor.page
    log_in_here(page, user)
    visit(visitor, "/settings")
    page.click("summary:text-is('Change password')")
    page.fill("[name=before]", user.password)
    page.fill("[name=next]", ANOTHER)
    page.click("button:text-is('Change password')")
    page.wait_for_selector("text=Your password is changed.")
    assert page.input_value("[name=before]") == "" and page.input_value("[name=next]") == ""
    eventually(lambda: not is_in(elsewhere), WITHIN)
    visit(visitor, "/settings").wait_for_selector("h2:text-is('Sessions')")
    assert not page.locator("dialog[open]").count(), "this one goes on"


@pytest.mark.parametrize("before, following, status, said", [
    ("not this one", ANOTHER, 403, "The password is wrong."),
    (None, "x" * 1025, 400, "The new password needs at least 8")])
def test_a_password_that_is_refused_is_said_why(tab, user, before, following, status, said):
    tab.announce(status)
    page = visit(tab, "/settings")
    page.click("summary:text-is('Change password')")
    page.fill("[name=before]", before or user.password)
    page.fill("[name=next]", following)
    page.click("button:text-is('Change password')")
    page.wait_for_selector(f"[role=alert] >> text={said}")
    assert is_in(log_in(user))


def test_a_new_password_whose_answer_is_lost_holds(visitor, user):
    """The second press finds that the password was changed by the first."""
    visitor.announce(0, 403)
    page = visitor.page
    log_in_here(page, user)
    visit(visitor, "/settings")
    page.click("summary:text-is('Change password')")
    lose_answer(page, "**/me/password", "PUT")
    page.fill("[name=before]", user.password)
    page.fill("[name=next]", ANOTHER)
    page.click("button:text-is('Change password')")
    page.wait_for_selector("[role=alert] >> text=You're offline.")
    page.click("button:text-is('Change password')")
    page.wait_for_selector("text=Your password is changed.")
    user.password = ANOTHER
    assert is_in(log_in(user))


# ---- sessions ----

AGENTS = {"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0": "Firefox, Windows",
          "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Safari/604.1": "Safari, iOS",
          "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/143.0 Safari/537.36 Edg/143.0": "Edge, Windows",
          "curl/8.0": "curl", "<b>thing": "Unknown browser"}


def test_sessions_are_named_and_ended(tab, user):
    others = {name: log_in(user, **{"User-Agent": agent}) for agent, name in AGENTS.items()}
    page = visit(tab, "/settings")
    sessions = section(page, "Sessions")
    sessions.locator("li").nth(5).wait_for()
    assert set(AGENTS.values()) <= set(sessions.locator("strong").all_text_contents())
    assert sessions.locator("li", has_text="This one").count() == 1
    sessions.locator("li", has_text="Firefox").locator("button").click()
    eventually(lambda: sessions.locator("li").count() == 5, WITHIN)
    eventually(lambda: not is_in(others["Firefox, Windows"]), WITHIN)
    assert is_in(others["curl"])
    sessions.locator("button:text-is('End all others')").click()
    page.wait_for_selector("[role=status] >> text=4 sessions have ended.")
    eventually(lambda: not is_in(others["curl"]), WITHIN)
    assert is_in(user) and sessions.locator("li").count() == 1
    assert not page.locator("button:text-is('End all others')").count()


def test_a_session_whose_end_had_no_answer_has_ended(tab, user):
    tab.announce(0, 404)
    elsewhere = log_in(user, **{"User-Agent": "curl/8.0"})
    page = visit(tab, "/settings")
    lose_answer(page, "**/me/sessions/*", "DELETE")
    end = section(page, "Sessions").locator("li", has_text="curl").locator("button")
    end.click()
    page.wait_for_selector("[role=alert] >> text=You're offline.")
    assert not is_in(elsewhere)
    end.click()
    page.wait_for_selector("text=The session has ended.")
    assert section(page, "Sessions").locator("li").count() == 1


# ---- data ----


def test_the_export_is_a_file_with_everything(tab, user, room, database):
    """In two pages, as the API gives it."""
    persona = user.persona()
    database.execute("INSERT INTO posts (room_id, user_id, persona_id, content) SELECT %s, %s, %s, 'Post ' || n "
                     "FROM generate_series(1, 1100) n", room.id, user.id, persona.id)
    page = visit(tab, "/settings")
    with page.expect_download() as download:
        page.click("button:text-is('Download your data')")
    assert download.value.suggested_filename == "personaworlds-export.json"
    got = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert len({post["id"] for post in got["posts"]}) == len(got["posts"]) == 1100
    assert got["user"]["email"] == user.email and len(got["personas"]) == 1 and "next_cursor" not in got


def test_a_third_export_says_when_it_may_be(tab):
    tab.announce(429)
    tab.page.route("**/me/export", lambda route: route.fulfill(
        status=429, headers={"Retry-After": "40000"}, json={"error": "x", "code": "export_rate_limit_exceeded"}))
    page = visit(tab, "/settings")
    page.click("button:text-is('Download your data')")
    alert = page.locator("[role=alert]", has_text="You have had your data twice today.")
    alert.wait_for()
    assert re.search(r"Again at \d+:\d\d", alert.text_content()) and "40,000" not in alert.text_content()


# ---- the end of an account ----


def test_an_account_is_deleted_by_who_knows_the_password(visitor, user):
    visitor.announce(403, 401)
    page = visitor.page
    log_in_here(page, user)
    visit(visitor, "/templates/new")
    page.fill("[name=name]", "half written")
    eventually(lambda: visitor.kept(f"pw.keep.{user.id}.template."), WITHIN)
    visit(visitor, "/settings")
    page.click("section button:text-is('Delete account')")
    dialog = page.locator("dialog[open]")
    assert "This can't be undone." in dialog.text_content()
    assert dialog.locator("button:text-is('Delete for good')").is_disabled()
    dialog.locator("[name=password]").fill("not this one")
    dialog.locator("button:text-is('Delete for good')").click()
    page.wait_for_selector("dialog [role=alert] >> text=The password is wrong.")
    assert is_in(user)
    dialog.locator("[name=password]").fill(user.password)
    dialog.locator("button:text-is('Delete for good')").click()
    page.wait_for_selector("nav a:text-is('Sign up')")
    kept = page.evaluate("JSON.stringify(localStorage)")
    assert user.id not in kept and user.email not in kept and visitor.kept("pw.token") is None
    eventually(lambda: not is_in(user), WITHIN)


def test_a_deletion_whose_answer_is_lost_leaves(visitor, user):
    """The page hears by itself that its token isn't taken any more."""
    visitor.announce(0, 401)
    page = visitor.page
    log_in_here(page, user)
    visit(visitor, "/settings")
    page.click("section button:text-is('Delete account')")
    lose_answer(page, "**/me", "DELETE")
    page.fill("dialog [name=password]", user.password)
    page.click("dialog button:text-is('Delete for good')")
    page.wait_for_selector("nav a:text-is('Sign up')")
    assert visitor.kept("pw.token") is None and visitor.kept("pw.email") is None


def test_a_dialog_that_is_closed_deletes_nothing(tab, user):
    page = visit(tab, "/settings")
    page.click("section button:text-is('Delete account')")
    page.fill("dialog [name=password]", user.password)
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    assert page.evaluate("document.activeElement.textContent") == "Delete account" and is_in(user)
    page.click("section button:text-is('Delete account')")
    assert page.input_value("dialog [name=password]") == ""


# ---- what mails lead to ----


def test_a_mails_link_confirms_the_email_when_it_is_pressed(visitor, user, database):
    visitor.announce(400)
    link = write_link(database, user, "verification")
    page = visit(visitor, f"/verify?token={link}")
    page.wait_for_selector("main button:not([disabled])")
    assert not is_verified(user), "mail programs open links by themselves"
    page.click("main button:text-is('Confirm')")
    page.wait_for_selector("text=Your e-mail is confirmed.")
    assert is_verified(user)
    page = visit(visitor, f"/verify?token={link}")
    page.click("main button:text-is('Confirm'):not([disabled])")
    page.wait_for_selector("[role=alert] >> text=This link is used up or too old.")


def test_a_forgotten_password_is_asked_for_from_the_login(visitor, user, database):
    page = visit(visitor, "/login")
    page.click("main a:text-is('Forgot your password?')")
    page.wait_for_url(f"{address(user.api)}/reset")
    page.wait_for_selector("main button:text-is('Send link')")
    page.fill("input[type=email]", user.email)
    page.click("main button:text-is('Send link')")
    page.wait_for_selector("text=If there is an account with this e-mail")


def test_a_new_password_is_chosen_and_logged_in_with(visitor, user, database):
    visitor.announce(400)
    visitor.page.route("**/auth/reset", lambda route: route.fulfill(
        status=400, json={"error": "password is too common", "code": "password_is_too_common", "request_id": "r"}),
        times=1)
    link = write_link(database, user, "reset")
    page = visit(visitor, f"/reset?token={link}")
    page.fill("input[type=password]", "password123")
    page.click("main button:text-is('Save')")
    page.wait_for_selector("[role=alert] >> text=This password is too common.")
    page.fill("input[type=password]", ANOTHER)
    page.click("main button:text-is('Save')")
    page.wait_for_selector(LOGGED_IN)
    user.password = ANOTHER
    page.wait_for_url(f"{address(user.api)}/")
    assert is_in(log_in(user))


@pytest.mark.parametrize("is_user", [True, False])
def test_a_confirmation_whose_answer_is_lost_is_looked_up(visitor, user, database, is_user):
    """By who is logged in; others are told where to look."""
    visitor.announce(0, 400)
    if is_user:
        visitor.log_in(user)
    page = visit(visitor, f"/verify?token={write_link(database, user, 'verification')}")
    lose_answer(page, "**/auth/verify")
    page.click("main button:text-is('Confirm'):not([disabled])")
    page.wait_for_selector("[role=alert] >> text=You're offline.")
    page.click("main button:text-is('Confirm')")
    if is_user:
        page.wait_for_selector("text=Your e-mail is confirmed.")
    else:
        page.click("p:has-text('Your first try may have done it.') a:text-is('Log in')")
        page.wait_for_selector("h1:text-is('Log in')")


def test_a_link_that_was_used_up_at_once_is_no_first_try(visitor, user):
    visitor.announce(400)
    visitor.log_in(user)
    page = visit(visitor, "/verify?token=old")
    for _ in range(2):
        page.click("main button:text-is('Confirm'):not([disabled])")
        page.wait_for_selector("[role=alert] >> text=This link is used up or too old.")
    assert not page.locator("text=Your first try").count() and not is_verified(user)


def test_a_new_password_by_mail_whose_answer_is_lost_logs_in(visitor, user, database):
    visitor.announce(0, 400)
    page = visit(visitor, f"/reset?token={write_link(database, user, 'reset')}")
    lose_answer(page, "**/auth/reset")
    page.fill("input[type=password]", ANOTHER)
    page.click("main button:text-is('Save')")
    page.wait_for_selector("[role=alert] >> text=You're offline.")
    page.click("main button:text-is('Save')")
    page.click("p:has-text('Your first try may have done it.') a:text-is('Log in')")
    page.wait_for_selector("main form button[type=submit]:text-is('Log in')")  # until then the page before stays
    enter(page, user.email, ANOTHER)
    page.wait_for_selector(LOGGED_IN)


def test_a_link_that_is_used_up_leads_to_another_one(visitor):
    visitor.announce(400)
    page = visit(visitor, "/reset?token=old")
    page.fill("input[type=password]", ANOTHER)
    page.click("main button:text-is('Save')")
    page.wait_for_selector("[role=alert] >> text=This link is used up or too old.")
    page.click("a:text-is('Ask for another link')")
    page.wait_for_selector("main input[type=email]")


def test_a_server_without_mail_says_so(visitor):
    visitor.announce(503)
    visitor.page.route("**/auth/forgot", lambda route: route.fulfill(
        status=503, json={"error": "mail is not set up", "code": "mail_is_not_set_up", "request_id": "r"}))
    page = visit(visitor, "/reset")
    page.fill("input[type=email]", "somebody@example.org")
    page.click("main button:text-is('Send link')")
    page.wait_for_selector("[role=alert] >> text=This server sends no mails.")
    assert page.input_value("input[type=email]") == "somebody@example.org"


def test_an_api_that_goes_loses_nothing(browser, database):
    with Api(database.url) as api, Tab(browser, api) as tab:
        user = sign_up(api)
        tab.log_in(user)
        tab.announce(0, 503)
        page, email = visit(tab, "/settings"), new_email()
        page.wait_for_selector("summary:text-is('Change e-mail')")
        api.kill()
        change_email(page, email, user.password)
        page.wait_for_selector("[role=alert] >> text=You're offline.")
        assert page.input_value("[name=email]") == email
        with returned(database, api) as back:
            change_email(page, email, user.password)
            page.wait_for_selector(f".own-email bdi:text-is('{email}')")
            assert made(user.at(back).get("/me"), 200)["email"] == email
