"""The pictures of the pages: every page has them, and they are small. script/screens takes them."""
import re

from support.people import Record
from support.program import CHECKOUT
from support.screens import MODES, SIZES, pages_of

FOLDER = CHECKOUT / "docs/screens"
BYTES_MAX = 6_000_000
ROUTES = re.findall(r'^  row\("([^"]+)"', (CHECKOUT / "web/src/routes.ts").read_text(), re.MULTILINE)


class AnyWorld(dict):
    room = Record(id="room")

    def __missing__(self, key):
        return key


PAGES = pages_of(AnyWorld())


def test_every_page_has_its_pictures_and_no_other_is_there():
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(
        f"{name}-{size}-{mode}.webp" for name in PAGES for size in SIZES for mode in MODES)


def test_every_route_is_among_the_pages():
    paths = [path.split("?")[0] for _, path, _ in PAGES.values()]
    patterns = {route: re.compile(re.sub(r":\w+", "[^/]+", route)) for route in ROUTES}
    assert len(patterns) > 20
    assert [route for route, pattern in patterns.items() if not any(map(pattern.fullmatch, paths))] == []


def test_the_pictures_are_small():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= BYTES_MAX


def test_a_picture_in_the_readme_says_what_it_shows():
    shown = re.findall(r"!\[([^]]*)\]\(docs/screens/([^)]+)\)", (CHECKOUT / "README.md").read_text())
    assert len(shown) == 6 and all((FOLDER / name).exists() and len(alt) > 20 for alt, name in shown)
