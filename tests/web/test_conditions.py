"""What a browser may lack, and what its owner may have asked it for: storage, a network, the right
time, calm, few colours."""
import pytest

from support.battles import add_replies, write_battle
from support.browser import PHONE, Tab
from support.people import new_room, sign_up

NOT_KEPT = "[role=status] >> text=This browser keeps nothing"
OFFLINE = ".banner:has-text(\"You're offline. What you type is kept.\")"
FORBIDDEN = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError') } })"
FULL = """Storage.prototype.setItem = function () { throw new DOMException('full', 'QuotaExceededError') }"""


@pytest.fixture
def user(api):
    return sign_up(api)


@pytest.mark.parametrize("script", [FORBIDDEN, FULL], ids=["forbidden", "full"])
def test_without_storage_all_works_and_the_page_says_that_nothing_is_kept(browser, api, user, script):
    with Tab(browser, api) as tab:
        tab.context.add_init_script(script)
        page = tab.go("/login")
        page.fill("input[type=email]", user.email)
        page.fill("input[type=password]", user.password)
        page.wait_for_selector("form button[type=submit]:enabled")
        page.press("input[type=password]", "Enter")
        page.wait_for_selector("button:text-is('Log out')")
        page.wait_for_selector(NOT_KEPT)
        page.click("nav a[href='/battles/new']")
        page.wait_for_selector("textarea[name=topic]")
        page.fill("textarea[name=topic]", "Is it worth it?")
        page.click("form button[type=submit]")
        page.wait_for_url("**/b/*")
        page.wait_for_selector("h1:has-text('Is it worth it')")


@pytest.mark.parametrize("hours", [3, -3])
def test_a_clock_that_is_hours_off_changes_nothing(browser, api, user, hours):
    """The token's end is the server's affair, and a new post is of now."""
    with Tab(browser, api, user=user) as tab:
        tab.context.add_init_script(f"const now = Date.now; Date.now = () => now() + {hours} * 3600000")
        persona = user.persona()
        user.publish(persona, user.room("ai-builders"))
        page = tab.go("/drafts")
        page.click("button:text-is('Published')")
        page.wait_for_selector(".post-item time")
        page.click("nav a[href='/personas']")
        page.wait_for_selector("main li h2 a")
        assert not page.is_visible("dialog[open]") and not page.locator(".failed").count()


def test_no_network_is_said_and_moves_nothing_until_it_is_back(browser, api, user, database):
    user.persona()
    with Tab(browser, api, user=user) as tab:
        tab.announce(0)
        page = tab.go(f"/rooms/{new_room(database).id}")
        page.fill("input[name=about]", "Rollbacks")
        before = page.locator(".ask").bounding_box()
        tab.context.set_offline(True)
        page.click(".ask button[type=submit]")
        page.wait_for_selector(OFFLINE)
        assert page.locator(".ask").bounding_box() == before
        assert page.input_value("input[name=about]") == "Rollbacks"
        tab.context.set_offline(False)
        page.wait_for_selector(OFFLINE, state="detached")


def test_who_wants_calm_gets_no_motion(browser, api, database, user):
    battle = write_battle(database, user)
    add_replies(database, battle, 1)
    with Tab(browser, api, user=user, reduced_motion="reduce") as tab:
        for path in ("/", f"/b/{battle.id}", "/personas"):
            page = tab.go(path)
            page.wait_for_selector("main h1")
            page.wait_for_load_state("networkidle")
            moving = page.evaluate("""() => document.getAnimations()
                .filter(one => one.effect.getComputedTiming().activeDuration > 10).length""")
            assert moving == 0, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_few_colours_leave_borders_and_states(browser, api, user, scheme):
    with Tab(browser, api, PHONE, user=user, forced_colors="active", color_scheme=scheme) as tab:
        page = tab.go("/")
        page.wait_for_selector(".filters button")
        width = "element => [getComputedStyle(element).borderTopWidth, getComputedStyle(element).borderTopStyle]"
        for selector in (".filters button", "main .card, main .teaser"):
            assert page.locator(selector).first.evaluate(width) == ["1px", "solid"], selector
        pressed, other = (page.locator(f".filters button[aria-pressed={state}]").first.evaluate(
            "element => JSON.stringify([getComputedStyle(element).backgroundColor, getComputedStyle(element).color, "
            "getComputedStyle(element).borderTopColor, getComputedStyle(element).outlineStyle])")
            for state in ("true", "false"))
        assert pressed != other, "which one is chosen is seen"
        page.focus(".filters button")
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
