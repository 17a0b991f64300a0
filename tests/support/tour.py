"""Every page in turn, for what is asked of all of them alike."""
import gzip
import re

from support.browser import DESKTOP, NARROW, PHONE, Tab
from support.pages import World
from support.people import made
from support.program import CHECKOUT

AXE = CHECKOUT / "web/node_modules/axe-core/axe.min.js"
THERE = "#main h1"
# The last is a desktop's window at a zoom of 200 %.
SIZES = [NARROW, PHONE, (768, 1024), DESKTOP, (640, 400)]
BUSY = "#main .skeleton, #main [aria-busy=true]"


class Tour:
    """The addresses of all pages, with something on each."""

    def __init__(self, api, database):
        self.world = World(api, database)
        user, room, persona = self.world.user, self.world.room, self.world.persona
        user.draft(persona, room)
        template = made(user.post("/templates", json={
            "name": "Steelman first", "prompt_rules": "Say the other side's best argument first.",
            "turn_count": 4, "word_limit": 120, "is_public": True}), 201)
        self.template = template.id
        public = [f"/b/{self.world.battle.id}", f"/p/{self.world.slug}", "/templates",
                  f"/templates?template={template.id}"]
        self.visitor = ["/", "/signup", "/login", *public, "/verify?token=old", "/reset?token=old", "/not-here"]
        self.user = ["/", "/rooms", f"/rooms/{room.id}", "/battles/new", "/drafts", "/personas", "/personas/new",
                     f"/personas/{persona.id}", *public, "/templates/new", "/notifications", "/digest",
                     "/search?q=tabs", "/settings", "/welcome"]

    def paths(self, who):
        return getattr(self, who)

    def tab(self, browser, api, who, *size, **context):
        tab = Tab(browser, api, *size, **context)
        if who == "user":
            tab.log_in(self.world.user)
        tab.announce(404)  # the page that isn't there
        return tab


def visit(tab, path):
    """The page, when it has read what it shows."""
    page = tab.go(path)
    page.wait_for_selector(THERE)
    page.wait_for_selector(BUSY, state="detached")
    return page


def is_too_wide(page):
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def axe(page, within=None):
    """What axe finds wrong, and the contrasts that it can't judge; of the whole page, or within a part of it."""
    if within is None:  # nothing is covered; a dialog stands in the middle
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": page.viewport_size["width"], "height": max(height, 640)})
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("within => axe.run(within ?? document, {resultTypes: ['violations', 'incomplete']})", within)
    undecided = [rule for rule in found["incomplete"] if rule["id"] == "color-contrast"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found["violations"] + undecided for node in rule["nodes"]]


class Weight:
    """What a page load fetches of script and style, in bytes as gzip has them; and how much it asks."""

    def __init__(self, page):
        self.page, self.assets, self.requests = page, set(), []
        page.on("response", self._note)

    def _note(self, answer):
        if answer.request.is_navigation_request():  # what came before was the page's before
            self.assets, self.requests = set(), []
        self.requests.append(answer.url)
        if re.search(r"/a/[^/]+\.(js|css)$", answer.url):
            self.assets.add(answer.url)

    def kilobytes(self):
        return sum(len(gzip.compress(self.page.request.get(url).body(), 9)) for url in [*self.assets]) / 1024


def name_of(path):
    """For a file: "/b/<id>" is "b"."""
    return re.sub(r"[^a-z]+", "-", re.sub(r"/[0-9a-f-]{36}|\?.*", "", path)).strip("-") or "start"
