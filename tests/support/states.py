"""The states that a page has beside its usual one: with nothing on it, with a refusal, and under a
dialog. Nothing here reads a word of the page, so each is reached in every language."""
from dataclasses import dataclass
from typing import Callable

from support.battles import write_battle
from support.people import made, new_room, sign_up
from support.tour import Tour, visit

REFUSAL = {"status": 503, "headers": {"Retry-After": "60"},
           "json": {"error": "server is busy", "code": "server_is_busy"}}
FAILED = ".failed"
DIALOG = "dialog[open]"
FAR_AWAY = "/search?q=nothingthatanybodysaid"


@dataclass
class State:
    name: str
    who: str
    path: str
    shows: str  # the selector of what makes the state
    act: Callable = lambda page: None
    refused: tuple = ()  # the methods that the API refuses


def refuse(page, methods):
    """Whatever the application asks by these methods is refused; the pages themselves come."""
    def answer(route):
        asked = route.request
        if asked.resource_type == "fetch" and asked.method in methods:
            route.fulfill(**REFUSAL)
        else:
            route.continue_()

    page.route("**/*", answer)


def press(selector):
    return lambda page: page.click(selector)


def typed(*fields):
    """Fills them, and sends the form."""
    def act(page):
        page.wait_for_selector("main form button[type=submit]")
        for selector, text in fields:
            page.fill(selector, text)
        page.click("main form button[type=submit]:enabled")
    return act


ENTERED = typed(("main input[type=email]", "somebody@example.com"), ("main input[type=password]", "correct horse"))


def asked_for_help(page):
    page.focus("h1")
    page.keyboard.press("?")


class States(Tour):
    """Each page of the tour in its other states."""

    def __init__(self, api, database):
        super().__init__(api, database)
        self.newcomer, user = sign_up(api), self.world.user
        silent = user.persona(name="Silent")
        slug = made(user.post(f"/personas/{silent.id}/publish-profile", json={}), 200).slug
        self.own = user.publish(self.world.persona, self.world.room, "Nobody has answered this yet.")
        self.silent, self.battle = f"/p/{slug}", f"/b/{write_battle(database, user).id}"
        self.persona, self.quiet = f"/personas/{self.world.persona.id}", f"/rooms/{new_room(database).id}"
        self.room = f"/rooms/{self.world.room.id}"

    def tab(self, browser, api, who, *size, **context):
        tab = super().tab(browser, api, who, *size, **context)
        if who == "newcomer":
            tab.log_in(self.newcomer)
        tab.announce(401, 404, 503)
        return tab

    def empty(self):
        pages = {path: ".empty" for path in (
            "/drafts", "/personas", "/notifications", "/digest", FAR_AWAY, self.quiet)}
        return [*(State("empty", "newcomer", path, shows) for path, shows in pages.items()),
                State("empty", "newcomer", "/", "#feed", press(".filters button:nth-child(2)")),
                State("empty", "newcomer", "/templates", "main .empty", press(".filters .chip:nth-child(2)")),
                State("empty", "user", self.battle, "main .acts.own"),
                State("empty", "visitor", self.silent, ".profile-head")]

    def error(self):
        read = ["/", "/rooms", self.room, "/battles/new", "/drafts", "/personas", self.persona, "/notifications",
                "/digest", "/search?q=tabs", "/settings"]
        sent = [("visitor", "/", ENTERED), ("visitor", "/signup", ENTERED), ("visitor", "/login", ENTERED),
                ("visitor", "/verify?token=old", press("main form button:enabled")),
                ("visitor", "/reset?token=old", typed(("main input[type=password]", "correct horse"))),
                ("user", "/templates/new", typed(("[name=name]", "Short"), ("[name=rules]", "Be brief, always.")))]
        return [*(State("error", "user", path, FAILED, refused=("GET",)) for path in read),
                *(State("error", who, path, FAILED, act, ("POST",)) for who, path, act in sent)]

    def dialog(self):
        battle = f"/b/{self.world.battle.id}"
        template = f".template:has(a[href*='{self.template}'], .danger) .acts"
        return [
            *(State("dialog", "user", battle, DIALOG, press(f"main button[aria-keyshortcuts={key}]")) for key in "mrs"),
            State("dialog", "user", battle, DIALOG, press(".acts.own .danger")),
            State("dialog", "user", "/drafts", DIALOG, press("main .danger")),
            State("dialog", "user", self.persona, DIALOG, press(".panel > .danger, .panel .quiet.danger")),
            State("dialog", "user", "/settings", DIALOG, press(".quiet.danger")),
            State("dialog", "user", "/templates", DIALOG, press(f"{template} .quiet:has(+ .danger)")),
            State("dialog", "user", "/templates", DIALOG, press(f"{template} .danger")),
            State("dialog", "user", "/digest", DIALOG, asked_for_help),
        ]

    def all(self):
        return [*self.empty(), *self.error(), *self.dialog()]

    def few(self):
        """Each page once, and every dialog."""
        empty = self.empty()
        seen = {(state.who.replace("newcomer", "user"), state.path) for state in empty}
        return [*empty, *(state for state in self.error() if (state.who, state.path) not in seen), *self.dialog()]


def reach(tab, state):
    page = tab.page
    page.unroute_all()
    if "GET" in state.refused:
        refuse(page, state.refused)
        page.goto(state.path)
    else:
        visit(tab, state.path)
        refuse(page, state.refused)
    state.act(page)
    page.wait_for_selector(state.shows)
    return page
