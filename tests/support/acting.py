"""What people do on the pages, each act as a row (support/acts.py): found by its words in either
language, pressed twice, or while the API goes, and counted where it is stored."""
import contextlib
import dataclasses
import fnmatch
from collections.abc import Callable

from playwright.sync_api import TimeoutError, expect

from support.browser import TWICE, WITHIN_MS, Tab, enter
from support.people import User, new_email, sign_up
from support.waiting import eventually
from support.words import word

WITHIN = WITHIN_MS / 1000
LOOK_MS = 3000
PASSWORD, ANOTHER = "long enough, İstanbul", "another long password"
ONCE = "element => element.click()"


def nothing(_scene):
    """Nothing has to be there, or is to be seen."""


def offline(scene):
    return scene.page.locator("[role=alert]:visible", has_text=scene.say("offline")).first


@dataclasses.dataclass(frozen=True)
class Act:
    name: str
    at: str  # the address, in which {scene} is known
    press: Callable  # gives what is pressed
    done: Callable  # gives what the page shows then
    times: Callable  # how often it was done, by what is stored
    sends: str = ""  # the request that does it, "POST /personas/*"; none: it stays in the browser
    prepare: Callable = nothing
    opens: tuple = ()  # what is pressed on the way, or done by a function
    typed: dict = dataclasses.field(default_factory=dict)
    is_visitor: bool = False
    ends_session: bool = False  # begun by the form: a token that the test puts there would come back
    is_here: bool = False  # what `times` counts is in the browser, so an answer that is lost does nothing
    is_toggle: bool = False  # a second press takes it back
    failed: Callable = offline  # gives what the page shows where no answer came
    goes_on: Callable | None = None  # gives what the page shows meanwhile, where it says of no failure
    again: Callable | None = None  # does it once more after that, where that isn't the same press
    is_learnt: bool = False  # the page reads by itself that it is done, and a press would take it back
    lost: Callable | None = None  # shows that it is done, too, where the answer got lost


class Scene:
    """Somebody before one act, in a language and a window of some size. What it needs is kept here."""

    def __init__(self, act, browser, api, database, language, size):
        self.act, self.api, self.database, self.language = act, api, database, language
        self.email = new_email()
        self.user = None if act.is_visitor else sign_up(api, self.email)
        self.tab = Tab(browser, api, size, user=None if act.ends_session else self.user, locale=language)
        self.page = self.tab.page
        self.sent, self.failures, self.held, self._keeps_answer = [], [], None, None
        self.page.on("request", lambda request: self._is_sent(request) and self.sent.append(request))
        self.page.on("requestfailed", self._fail)

    def at(self, api):
        """The API is another process."""
        for name, value in vars(self).items():
            if isinstance(value, User):
                setattr(self, name, value.at(api))
        self.api = api

    def __enter__(self):
        return self

    def __exit__(self, *failed):
        self.tab.__exit__(*failed)

    def _is_sent(self, request):
        method, _, path = self.act.sends.partition(" ")
        sent = request.url.removeprefix(f"http://127.0.0.1:{self.api.port}").partition("?")[0]
        return request.method == method and request.resource_type == "fetch" and fnmatch.fnmatchcase(sent, path)

    def _fail(self, request):
        """What only reads or counts may end with its page, and so may all where the act ends it; a
        stream of events is never whole to the browser."""
        may_end = request.method == "GET" or request.url.endswith("/events") or self.act.ends_session
        is_stream = request.headers.get("accept") == "text/event-stream"
        if not is_stream and not (may_end and request.failure == "net::ERR_ABORTED"):
            self.failures.append(f"{request.method} {request.url}: {request.failure}")

    # ---- what is on the page ----

    def say(self, key, **values):
        return word(self.language, key, **values)

    def button(self, key, within="main", role="button", **values):
        name = self.say(key, **values)
        return self.page.locator(within).get_by_role(role, name=name, exact=True).first

    def text(self, key, within="body", **values):
        return self.page.locator(within).get_by_text(self.say(key, **values), exact=True).first

    def field(self, name):
        return self.page.locator(f"main [name={name}]:visible, dialog [name={name}]:visible").first

    def fill_in(self, text):
        return text.format(scene=self) if isinstance(text, str) and "{scene" in text else text

    # ---- what is done ----

    def begin(self):
        """To the moment before the press."""
        self.act.prepare(self)
        if self.act.sends.startswith("DELETE"):
            self.tab.announce(404)  # an event of its end may have it read once more
        if self.act.ends_session:
            self.tab.announce(401)  # what the page asks until it is gone
            self.page.goto("/login")
            enter(self.page, self.email, self.user.password)
            expect(self.button("logOut", "header")).to_be_visible()
        self.page.goto(self.fill_in(self.act.at))
        for way in self.act.opens:
            target = way(self)
            if target is not None:
                target.click()
        for name, text in self.act.typed.items():
            self.field(name).fill(self.fill_in(text))
        expect(self.act.press(self)).to_be_enabled(timeout=WITHIN_MS)

    def is_done(self):
        """By the page and by what is stored: once."""
        expect(self.act.done(self)).to_be_visible(timeout=WITHIN_MS)
        eventually(lambda: self.act.times(self) == 1, WITHIN)

    def keeps_what_was_typed(self):
        """In its fields, as long as those are shown."""
        kept = {name: self.field(name).input_value() for name in self.act.typed}
        assert kept == {name: self.fill_in(text) for name, text in self.act.typed.items()}

    def hold(self, is_carried_out):
        """The act's request isn't answered: it gets nowhere, or is carried out all the same."""

        def take(route):
            if self.held is not None or not self._is_sent(route.request):
                return route.fallback()
            if is_carried_out:
                route.fetch()
            self.held = route

        self.page.route("**/*", take)

    def is_held(self):
        self.page.evaluate("0")  # while the page is asked, routes are looked after
        return self.held is not None

    def let_go(self):
        self.held.abort("connectionreset")


def plain(scene):
    """Done once, and pressed twice."""
    scene.begin()
    scene.act.press(scene).evaluate(ONCE if scene.act.is_toggle else TWICE)
    scene.is_done()
    assert len(scene.sent) == bool(scene.act.sends), [request.url for request in scene.sent]
    assert not scene.failures, scene.failures


def killed(scene, is_carried_out):
    """The API goes between press and answer; it is away from the first step on, and back from the second."""
    act = scene.act
    scene.tab.announced.add("dynamically imported module")  # of a page that begins just then
    scene.tab.announce(0, 503, *([400, 401, 403, 404, 409] if is_carried_out else []))  # it was done already
    scene.begin()
    if act.sends:
        scene.hold(is_carried_out)
        act.press(scene).click()
        eventually(scene.is_held, WITHIN)
        if act.goes_on:
            expect(act.goes_on(scene)).to_be_visible(timeout=WITHIN_MS)
    yield
    if not act.sends:
        act.press(scene).click()
        scene.is_done()
        yield
        return
    scene.let_go()
    if not act.goes_on:
        expect(act.failed(scene)).to_be_visible(timeout=WITHIN_MS)
    if not act.goes_on and act.failed is offline:
        scene.keeps_what_was_typed()
    assert act.is_here or act.times(scene) <= is_carried_out, "done though nobody was asked"
    yield
    if is_carried_out:
        unless_known(scene)
    else:
        (act.again or press_again)(scene)
        scene.is_done()


def press_again(scene):
    scene.act.press(scene).click()


def unless_known(scene):
    """The page may have read by now that it is done; else the act is done again, and is no second one."""
    act = scene.act
    known = act.done(scene).or_((act.lost or act.done)(scene)).first
    if act.again and not act.is_learnt:
        with contextlib.suppress(TimeoutError):  # it was read meanwhile
            known.is_visible() or act.again(scene)
    elif not act.is_learnt:
        expect(known.or_(act.press(scene)).first).to_be_visible(timeout=WITHIN_MS)
        with contextlib.suppress(TimeoutError):  # it was read meanwhile
            known.is_visible() or act.press(scene).click(timeout=LOOK_MS)
    expect(known).to_be_visible(timeout=WITHIN_MS)
    eventually(lambda: act.times(scene) == 1, WITHIN)


def try_again(scene):
    """By the button beside the failure, unless the page did so by itself."""
    scene.page.evaluate("word => [...document.querySelectorAll('main button')]"
                        ".filter(button => button.textContent === word).forEach(button => button.click())",
                        scene.say("tryAgain"))


# ---- what a row is made of ----


def button(key, within="main", role="button", **values):
    return lambda scene: scene.button(key, within, role, **values)


def link(key, within="main", **values):
    return button(key, within, "link", **values)


def in_dialog(key, **values):
    return button(key, "dialog[open]", **values)


def text(key, within="body", **values):
    return lambda scene: scene.text(key, within, **values)


def seen(selector):
    return lambda scene: scene.page.locator(scene.fill_in(selector)).first


def stored(table, **columns):
    """How many rows there are whose columns are these."""
    return lambda scene: scene.database.count(
        table, **{name: scene.fill_in(value) if isinstance(value, str) else value for name, value in columns.items()})


def gone(table, **columns):
    return lambda scene: 1 - stored(table, **columns)(scene)


def enters(scene):
    enter(scene.page, scene.email, PASSWORD)
