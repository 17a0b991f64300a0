"""What is asked of all pages alike: who can use them, how wide and how heavy they are."""
import pytest

from support.browser import DESKTOP, NARROW, PHONE
from support.tour import Tour, Weight, axe, is_too_wide, visit

# The last is a desktop's window at a zoom of 200 %.
SIZES = [NARROW, PHONE, (768, 1024), DESKTOP, (640, 400)]
HEAVIEST, HEAVIEST_AT_FIRST = 46, 42


@pytest.fixture(scope="module")
def tour(api, database):
    return Tour(api, database)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("who, scheme, language, size", [
    ("visitor", "light", "en", PHONE), ("visitor", "dark", "tr", DESKTOP),
    ("user", "dark", "en", PHONE), ("user", "light", "tr", DESKTOP)])
def test_everybody_can_use_it(browser, api, tour, who, scheme, language, size):
    with tour.tab(browser, api, who, size, color_scheme=scheme, locale=language, reduced_motion="reduce") as tab:
        found = {path: axe(visit(tab, path)) for path in tour.paths(who)}
    assert not any(found.values()), "\n".join(f"{path}: {line}" for path, lines in found.items() for line in lines)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("who", ["visitor", "user"])
def test_no_page_is_wider_than_the_window(browser, api, tour, who):
    with tour.tab(browser, api, who) as tab:
        wide = []
        for path in tour.paths(who):
            page = visit(tab, path)
            for width, height in SIZES:
                page.set_viewport_size({"width": width, "height": height})
                wide += [(path, width)] if is_too_wide(page) else []
    assert not wide


@pytest.mark.parametrize("who", ["visitor", "user"])
def test_no_page_is_heavy(browser, api, tour, who):
    with tour.tab(browser, api, who) as tab:
        for path in tour.paths(who):
            tab.context.clear_cookies()
            weight = Weight(tab.page)
            visit(tab, path)
            heaviest = HEAVIEST_AT_FIRST if path == "/signup" or path.startswith("/b/") else HEAVIEST
            print(f"{who} {path}: {weight.kilobytes():.1f} KB, {len(weight.requests)} requests")
            assert weight.kilobytes() <= heaviest, path
