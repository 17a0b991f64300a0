"""What is asked of all pages alike: who can use them, how wide and how heavy they are."""
import itertools
import os
from urllib.parse import urlsplit

import pytest

from support.browser import DESKTOP, PHONE
from support.tour import SIZES, Tour, Weight, axe, is_too_wide, visit
from support.waiting import eventually

LONG = os.environ.get("PERSONAWORLDS_LONG") == "1"
# Each page once; in a long run in both modes and languages, on a phone and a desktop.
LOOKS = [*itertools.product(["visitor", "user"], ["light", "dark"], ["en", "tr"], [PHONE, DESKTOP])] if LONG else [
    ("visitor", "light", "en", PHONE), ("visitor", "dark", "tr", DESKTOP),
    ("user", "dark", "en", PHONE), ("user", "light", "tr", DESKTOP)]
# In KB of script and style, as gzip has them.
HEAVIEST, SMALL = 40, 30


@pytest.fixture(scope="module")
def tour(api, database):
    return Tour(api, database)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("who, scheme, language, size", LOOKS)
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


def is_small(path):
    """Where most people see the application first."""
    return path == "/signup" or path.startswith("/b/")


@pytest.mark.timeout(180)
@pytest.mark.parametrize("language", ["en", "tr"])
@pytest.mark.parametrize("who", ["visitor", "user"])
def test_no_page_is_heavy(browser, api, tour, who, language):
    with tour.tab(browser, api, who, locale=language) as tab:
        weights = {}
        for path in tour.paths(who):
            weight = Weight(tab.page)
            visit(tab, path)
            weights[path] = weight.kilobytes()
    print(*(f"{kilobytes:.1f} KB {path}" for path, kilobytes in weights.items()), sep="\n")
    assert min(weights.values()) > 20, "what is counted has changed"
    assert not [path for path, kilobytes in weights.items()
                if kilobytes > (SMALL if is_small(path) else HEAVIEST)], weights


@pytest.mark.parametrize("who, page, most, last", [
    ("user", "dashboard", 13, {"/digest/today", "/digest/weekly", "/rooms", "/events", "/stream"}),
    ("user", "battle", 9, {"/thread", "/me", "/stream"}),
    ("visitor", "battle", 9, {"/stream"})])
def test_a_page_asks_for_little(browser, api, tour, who, page, most, last):
    """Scripts, styles, reads, the stream and the daily event, beside the page and its sign."""
    path = {"dashboard": "/", "battle": f"/b/{tour.world.battle.id}"}[page]

    def asked():
        """A stream that is opened again, as it lives shortly here, is one."""
        tab.page.evaluate("1")  # hears of what was answered meanwhile
        paths = {urlsplit(address).path for address in weight.requests} - {path, "/favicon.svg"}
        assert all(any(found.endswith(part) for found in paths) for part in last), paths
        return paths

    with tour.tab(browser, api, who, DESKTOP) as tab:
        weight = Weight(tab.page)
        visit(tab, path)
        assert len(eventually(asked)) <= most, asked()
