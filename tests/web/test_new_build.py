"""An open tab meets another build of the program: it says so, goes on, and loses nothing."""
import pytest

from support.browser import Tab, address
from support.live import streams_open
from support.new_build import NewBuild
from support.program import Api
from support.waiting import eventually

WITHIN = 15
TYPED = "Half a topic that nobody has kept yet"


@pytest.fixture(scope="module")
def api(database):
    with Api(database.url, STREAM_LIFE="1h") as api:
        yield api


@pytest.fixture
def site(api):
    with NewBuild(api) as site:
        yield site


@pytest.fixture
def tab(browser, site, user):
    with Tab(browser, site, user=user) as tab:
        tab.announce(0)  # a stream that is cut
        tab.loads = []
        tab.page.on("request", lambda request: request.is_navigation_request() and tab.loads.append(request.url))
        yield tab


def write(tab, api):
    """Something is typed, on a page whose stream has begun."""
    page = tab.go("/battles/new")
    page.fill("[name=topic]", TYPED)
    eventually(lambda: streams_open(api) == 1, WITHIN)
    return page


BOXES = """() => [...document.querySelectorAll('#app > :not(.version), main *')].map(element => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [element.tagName, x, y, width, height];
})"""


def test_another_build_is_said_moves_nothing_and_comes_with_the_next_page(tab, api, site):
    page = write(tab, api)
    page.evaluate("window.stays = true")
    page.evaluate("document.querySelector('[name=topic]').setSelectionRange(2, 6)")
    before = page.evaluate(BOXES)
    site.deploy()
    page.wait_for_selector(".version >> text=There is a new version.")
    assert page.evaluate(BOXES) == before
    assert page.evaluate("[document.activeElement.name, document.activeElement.selectionStart]") == ["topic", 2]
    assert page.evaluate("window.stays") and page.input_value("[name=topic]") == TYPED
    page.click("nav a:text-is('Personas')")
    page.wait_for_selector("h1:text-is('Personas')")
    assert tab.loads[1:] == [f"{address(site)}/personas"] and page.locator(".version").count() == 0
    page.click("nav a[href='/battles/new']")
    page.wait_for_selector("[name=topic]")
    eventually(lambda: page.input_value("[name=topic]") == TYPED, WITHIN)
    assert len(tab.loads) == 2, "the pages of the new build go on without loading"


def test_a_part_that_is_gone_loads_the_page_once_and_keeps_what_was_typed(tab, api, site):
    """The stream hasn't ended yet, so the tab doesn't know."""
    tab.announce(404)
    page = write(tab, api)
    site.deploy(cut_streams=False)
    page.click("nav a:text-is('Personas')")
    page.wait_for_selector("h1:text-is('Personas')")
    assert tab.loads[1:] == [f"{address(site)}/personas"]
    page.click("nav a[href='/battles/new']")
    page.wait_for_selector("[name=topic]")
    eventually(lambda: page.input_value("[name=topic]") == TYPED, WITHIN)
    assert len(tab.loads) == 2


def test_a_part_that_stays_away_is_said_and_the_page_isnt_loaded_again_and_again(tab, api, site):
    tab.announce(404)
    page, asked = tab.page, []
    page.on("request", lambda request: asked.append(request.url))
    write(tab, api)
    known = {url.rsplit("/", 1)[1][:8] for url in asked if "/a/" in url}
    site.is_missing = lambda name: name not in known
    loads = len(tab.loads)
    page.click("nav a:text-is('Personas')")
    page.wait_for_selector("[role=alert] >> text=This part couldn't be loaded.")
    assert tab.loads[loads:] == [f"{address(site)}/personas"], "once"
    site.is_missing = lambda name: False
    page.click("[role=alert] button")
    page.wait_for_selector("h1:text-is('Personas')")
    page.click("nav a[href='/battles/new']")
    page.wait_for_selector("[name=topic]")
    eventually(lambda: page.input_value("[name=topic]") == TYPED, WITHIN)
