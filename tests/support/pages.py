"""Pages as their readers see them: who asks how, and what a strict parser finds."""
import json
import re

import html5lib

from support.battles import summarize
from support.people import made, new_room, sign_up

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
JSON = "application/json"
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
          "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
          "require-trusted-types-for 'script'; trusted-types 'none'")
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "geolocation=(), microphone=(), camera=(), clipboard-write=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Dom:
    """A page as a strict parser of HTML reads it."""

    def __init__(self, answer):
        self.root = html5lib.HTMLParser(html5lib.getTreeBuilder("etree"), strict=True,
                                        namespaceHTMLElements=False).parse(answer.text)

    def all(self, tag, **attributes):
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return [element for element in self.root.iter(tag) if wanted.items() <= element.attrib.items()]

    def one(self, tag, **attributes):
        (found,) = self.all(tag, **attributes)
        return found

    def text(self, tag, **attributes):
        return "".join(self.one(tag, **attributes).itertext())

    def texts(self, tag, **attributes):
        return ["".join(element.itertext()) for element in self.all(tag, **attributes)]

    def meta(self, name):
        (found,) = [element.attrib["content"] for element in self.root.iter("meta")
                    if name in (element.get("name"), element.get("property"))]
        return found

    def links(self):
        return [element.attrib["href"] for element in self.root.iter("a")]

    def boot(self):
        return json.loads(self.text("script", id="boot"))


def ask(api, path, accept=BROWSER, method="GET", **headers):
    """With no header that isn't named here; None: not sent."""
    named = {"Accept": accept, "User-Agent": None} | {name.replace("_", "-"): value for name, value in headers.items()}
    request = api.client.build_request(method, path)
    for name, value in named.items():
        request.headers.pop(name, None)
        if value is not None:
            request.headers[name] = value
    return api.client.send(request)


def assets_of(api):
    """The names of what the pages load first."""
    return re.findall(r'(?:src|href)="/a/([^"]+)"', ask(api, "/signup").text)


def is_page(answer):
    return answer.headers["Content-Type"] == HEADERS["Content-Type"]


def page(api, path, status=200, **headers):
    answer = ask(api, path, **headers)
    assert (answer.status_code, is_page(answer)) == (status, True), answer.text
    return Dom(answer)


def vary(answer):
    return {name.strip().lower() for name in answer.headers.get("Vary", "").split(",")} - {"origin", "authorization"}


def in_html(text):
    """As a parser gives it back: HTML has one kind of line end, and no control characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\U0001fffe\U0001ffff\U0010fffe\U0010ffff]",
                  "\ufffd", text)


class World:
    """Somebody with a public persona, a battle that has a summary, and a template."""

    def __init__(self, api, database):
        self.user, self.room = sign_up(api), new_room(database)
        self.persona = self.user.persona()
        self.slug = made(self.user.post(f"/personas/{self.persona.id}/publish-profile",
                                        json={"slug": self.room.slug}), 200).slug
        self.battle = self.user.publish(self.persona, self.room,
                                        "Topic: Tabs or spaces?\nPro style: Bold.\nCon style: Sceptical.")
        summarize(database, self.battle)  # or readers of JSON wait for it
        self.paths = [f"/b/{self.battle.id}", f"/p/{self.slug}", "/templates"]
