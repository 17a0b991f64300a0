"""Takes the pictures of all pages for docs/screens/: each in both modes, on a phone and a desktop.

`python -m support.screens [--to FOLDER] [--whole] [PAGE...]`, which script/screens explains. The
database's clock, the API's and the browser's are set to one evening.
"""
import argparse
import base64
import contextlib
import itertools
import pathlib

from playwright.sync_api import expect

from support.browser import DESKTOP, PHONE, Tab, chromium
from support.postgres import Cluster
from support.program import Api, CHECKOUT, prepared
from support.shown import NOW, SLUGS, Shown
from support.tour import visit

SIZES = {"phone": PHONE, "desktop": DESKTOP}
MODES = ["light", "dark"]
ORIGIN = "http://personaworlds.example"  # what the pages say of themselves; only this browser knows it
QUALITY = 82  # of WebP: letters stay sharp, a picture has 15 to 40 KB


def press(selector, then):
    """A page after a press of what is there, when what it opens is there."""
    def act(page):
        page.click(selector)
        page.wait_for_selector(then)
    return act


def pages_of(world):
    """name: (who, path, what is done there)"""
    battle, persona = f"/b/{world['review']}", f"/personas/{world['ada']}"
    return {
        "landing": ("visitor", "/", None),
        "signup": ("visitor", "/signup", None),
        "login": ("visitor", "/login", None),
        "battle-visitor": ("visitor", battle, None),
        "missing": ("visitor", "/not-here", None),
        "reset": ("visitor", "/reset?token=old", None),
        "verify": ("visitor", "/verify?token=old", None),
        "welcome": ("newcomer", "/welcome", None),
        "feed-empty": ("newcomer", "/", None),
        "drafts-empty": ("newcomer", "/drafts", None),
        "feed": ("user", "/", None),
        "rooms": ("user", "/rooms", None),
        "room": ("user", f"/rooms/{world.room.id}", None),
        "battle": ("user", battle, None),
        "battle-share": ("user", battle, press("main button.act:text-is('Share')", "dialog[open] img")),
        "battle-remix": ("user", battle, press("main button.act:text-is('Remix')", "dialog[open] textarea")),
        "post": ("user", f"/b/{world['forty']}", None),
        "battle-new": ("user", "/battles/new", None),
        "drafts": ("user", "/drafts", None),
        "personas": ("user", "/personas", None),
        "persona-new": ("user", "/personas/new", None),
        "persona": ("user", persona, None),
        "profile": ("user", f"/p/{SLUGS['juno']}", None),
        "templates": ("user", "/templates", None),
        "template-new": ("user", "/templates/new", None),
        "notifications": ("user", "/notifications", None),
        "digest": ("user", "/digest", None),
        "search": ("user", "/search?q=evidence", None),
        "settings": ("user", "/settings", None),
    }


def open_tab(browser, api, world, who, size, mode):
    tab = Tab(browser, api, size, base_url=ORIGIN, color_scheme=mode, locale="en-GB", timezone_id="Europe/Berlin",
              reduced_motion="reduce", extra_http_headers={"X-Request-Id": "2026-05-14-evening"})
    tab.page.clock.set_fixed_time(NOW)
    tab.announce(404)  # the page that isn't there
    if who != "visitor":
        tab.log_in(world.user if who == "user" else world.newcomer)
    return tab


def picture(tab, path, act, whole):
    page = visit(tab, path)
    if act is not None:
        act(page)
    expect(page.locator(".skeleton")).to_have_count(0)
    page.evaluate("document.activeElement?.blur()")
    page.evaluate("Promise.all([...document.images].map(image => image.decode()))")
    window = page.viewport_size
    if whole:
        page.set_viewport_size(window | {"height": page.evaluate("document.documentElement.scrollHeight")})
    taken = tab.context.new_cdp_session(page).send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    page.set_viewport_size(window)
    return base64.b64decode(taken["data"])


@contextlib.contextmanager
def evening(program=None):
    """An API on that evening, and what is in its world; `program` where it isn't the usual build."""
    with Cluster(time=NOW) as cluster:
        database = prepared(cluster, program=program)
        with Api(database.url, program=program, FRONTEND_ORIGIN=ORIGIN, STREAM_LIFE="10m",
                 **cluster.clock.environment()) as api:
            yield api, Shown(api, database)


def take(folder, names, whole):
    folder.mkdir(parents=True, exist_ok=True)
    with evening() as (api, world), chromium(
            f"--host-resolver-rules=MAP {ORIGIN.removeprefix('http://')}:80 127.0.0.1:{api.port}",
            f"--unsafely-treat-insecure-origin-as-secure={ORIGIN}") as browser:
        pages = pages_of(world)
        for mode, size, who in itertools.product(MODES, SIZES, ["visitor", "newcomer", "user"]):
            with open_tab(browser, api, world, who, SIZES[size], mode) as tab:
                for name, (whose, path, act) in pages.items():
                    if whose == who and name in (names or pages):
                        (folder / f"{name}-{size}-{mode}.webp").write_bytes(picture(tab, path, act, whole))


def main():
    arguments = argparse.ArgumentParser(add_help=False)
    arguments.add_argument("--to", type=pathlib.Path, default=CHECKOUT / "docs/screens")
    arguments.add_argument("--whole", action="store_true")
    arguments.add_argument("page", nargs="*")
    given = arguments.parse_args()
    take(given.to, given.page, given.whole)
    total = sum(path.stat().st_size for path in given.to.glob("*.webp"))
    print(f"{len([*given.to.glob('*.webp')])} pictures, {total / 1e6:.1f} MB, in {given.to}")


if __name__ == "__main__":
    main()
