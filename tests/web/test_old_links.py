"""Links of the pages before these, from mails and bookmarks: they lead where they led, and who has to
log in first gets there then. Those of who is logged in stand with the pages that they lead to."""
import pytest

from support.battles import write_battle
from support.browser import Tab, enter
from support.people import made, new_email, sign_up

RULES = {"prompt_rules": "Be brief.", "turn_count": 4, "word_limit": 80, "is_public": True}
NOBODY = "7d444840-9dc0-41d1-b245-5ffdce74fad2"


@pytest.fixture
def user(api):
    return sign_up(api)


@pytest.fixture
def visitor(browser, api):
    with Tab(browser, api) as tab:
        yield tab


def log_in_here(page, user):
    page.click("main a:text-is('Log in')")
    page.wait_for_url("**/login?*")
    page.wait_for_selector("main a:text-is('Sign up')")
    enter(page, user.email, user.password)


def template_of(user):
    return made(user.post("/templates", json=RULES | {"name": "Duel"}), 201).id


def test_a_published_post_is_read_at_once(visitor, database, user):
    battle = write_battle(database, user, "Is it worth it?")
    page = visitor.go(f"/#post-{battle.id}")
    page.wait_for_url(f"{visitor.origin}/b/{battle.id}")
    page.wait_for_selector("h1:text-is('Is it worth it')")


def test_a_draft_is_found_after_the_log_in(visitor, database, user):
    draft = write_battle(database, user, "Half written.", persona=user.persona(), status="DRAFT")
    visitor.announce(403)
    page = visitor.go(f"/#post-{draft.id}")
    log_in_here(page, user)
    page.wait_for_url(f"{visitor.origin}/drafts#post-{draft.id}")
    page.wait_for_selector(f"#post-{draft.id} textarea")


def test_a_post_that_is_gone_is_said_to_be(browser, api, user):
    with Tab(browser, api, user=user) as tab:
        tab.announce(404)
        page = tab.go(f"/#post-{NOBODY}")
        page.wait_for_url(f"{tab.origin}/b/{NOBODY}")
        page.wait_for_selector("h1:text-is(\"This page isn't here\")")


@pytest.mark.parametrize("section", ["feed", "rooms", "profile"])
def test_a_section_of_the_start_is_gone_on_to(visitor, user, section):
    page = visitor.go(f"/#{section}")
    log_in_here(page, user)
    page.wait_for_url(f"{visitor.origin}/#{section}")
    page.wait_for_selector(".dashboard")


def test_a_template_of_the_start_is_chosen_after_the_sign_up(visitor, user):
    template = template_of(user)
    page = visitor.go(f"/?template={template}#feed")
    enter(page, new_email(), "long enough")
    page.wait_for_url(f"{visitor.origin}/battles/new?template={template}")
    page.wait_for_selector("select[name=template_id] option:text-is('Duel')", state="attached")
    assert page.input_value("select[name=template_id]") == template


def test_a_template_for_a_battle_leads_to_its_remix(visitor, database, user):
    battle, template = write_battle(database, user), template_of(user)
    page = visitor.go(f"/templates?template={template}&battle={battle.id}")
    page.click(f"#template-{template} a.act")
    page.wait_for_url("**/signup?*")
    enter(page, new_email(), "long enough")
    page.wait_for_selector("dialog[open] select")
    page.wait_for_url(f"**/b/{battle.id}?**")
    assert page.input_value("dialog[open] select") == template


def test_what_the_pages_before_kept_is_moved_once(visitor, user):
    page = visitor.go("/signup")
    before = {"token": user.token, "share_slug": "ada", "preferred_template_id": NOBODY, "pending_remix_intent": "{}"}
    page.evaluate("before => Object.entries(before).forEach(([name, text]) =>"
                  " localStorage.setItem(`personaworlds_${name}`, text))", before)
    page = visitor.go("/settings")
    page.wait_for_selector("button:text-is('Log out')")
    assert (visitor.kept("pw.token"), visitor.kept("pw.share")) == (user.token, "ada")
    assert not page.evaluate("Object.keys(localStorage).filter(key => /^personaworlds_(?!daily)/.test(key)).length")
