"""Addresses that answer programs with JSON and people with a page: who gets which, in which language,
with which headers, and what a cache may do with it."""
import itertools
import re

import pytest

from support.pages import BROWSER, HEADERS, JSON, World, ask, is_page, page, vary
from support.people import made
from support.program import CHECKOUT

CRAWLERS = [
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Twitterbot/1.0",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "WhatsApp/2.23.20.0",
    "TelegramBot (like TwitterBot)",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Jakarta Commons-HttpClient/3.1 +http://www.linkedin.com)",
    "http.rb/5.1.1 (Mastodon/4.2.1; +https://mastodon.example/) Bot",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.1 "
    "Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)",
    "DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "Mozilla/5.0 (compatible; Pinterestbot/1.0; +http://www.pinterest.com/bot.html)",
    "Mozilla/5.0 (compatible; redditbot/1.0; +http://www.reddit.com/feedback)",
]
PROGRAMS = ["curl/8.5.0", "node", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "NotGooglebot/1.0", "Slackbot 1.0 (+https://api.slack.com/robots)"]


@pytest.fixture(scope="module")
def world(api, database):
    """Nothing of it is changed."""
    return World(api, database)


@pytest.fixture(scope="module")
def paths(world):
    return world.paths


@pytest.mark.parametrize("accept, wants_page", [
    (BROWSER, True), ("text/html", True), ("TEXT/HTML", True), ("text/*", True), ("text/html;q=0.1", True),
    ("text/html, application/json;q=0.9", True), ("application/json;q=0.999, text/html", True),
    ("text/*;q=0.5, application/json;q=0.4", True), ("text/html, */*;q=0.9", True),
    ("text/html;level=1;q=0.6, */*;q=0.5", True),
    (None, False), ("*/*", False), ("", False), (JSON, False), ("application/*", False), ("text/html, */*", False),
    ("text/html, application/json", False), ("text/html;q=0.9, application/json", False),
    ("text/html;q=0.5, */*", False), ("text/html;q=0", False), ("text/*;q=0, */*;q=0.1", False),
    ("text/plain", False), ("image/png,*/*", False), ("text/htmlx", False), ("text/html;q=2", False),
])
def test_who_names_html_and_prefers_it_gets_a_page(api, paths, accept, wants_page):
    for path in paths:
        answer = ask(api, path, accept)
        assert (answer.status_code, is_page(answer)) == (200, wants_page), path
        assert wants_page or answer.headers["Content-Type"] == JSON


@pytest.mark.parametrize("agent", CRAWLERS)
def test_a_crawler_gets_a_page_with_what_a_preview_needs(api, paths, agent):
    for path, accept in itertools.product(paths, ("*/*", None)):
        dom = page(api, path, accept=accept, User_Agent=agent)
        assert dom.text("title") and dom.meta("description") and dom.meta("og:title") and dom.meta("og:description")
        if path != "/templates":  # which has no picture
            assert re.fullmatch(r"http://localhost:8080/b/[0-9a-f-]{36}/card\.png", dom.meta("og:image"))
    for path, accept in itertools.product(paths, (JSON, "application/*", "text/html;q=0, */*")):
        assert not is_page(ask(api, path, accept, User_Agent=agent))


@pytest.mark.parametrize("agent", PROGRAMS)
def test_other_programs_that_take_anything_get_json(api, paths, agent):
    for path, accept in itertools.product(paths, ("*/*", None)):
        assert ask(api, path, accept, User_Agent=agent).headers["Content-Type"] == JSON


def test_a_crawler_gets_json_where_there_is_no_page(api, world):
    for path in (f"/b/{world.battle.id}/meta", "/healthz", "/nope"):
        assert ask(api, path, "*/*", User_Agent=CRAWLERS[0]).headers["Content-Type"] == JSON


def test_the_document_names_every_crawler():
    source = (CHECKOUT / "backend/src/api/pages/crawlers.c").read_text()
    named = re.findall(r'"([\w.-]+)"', source[source.index("crawlers[] = {"):source.index("};")])
    text = (CHECKOUT / "docs/ARCHITECTURE.md").read_text()
    table = text[text.index("## Pages"):].split("\n## ")[0]
    assert len(named) >= 14
    assert [name for name in named if f"`{name}`" not in table] == []


def test_no_cache_gives_one_representation_for_another(api, paths):
    """Two requests that a cache may answer alike, by the Vary of either, are answered alike."""
    asked = [{"accept": accept, "User_Agent": agent, "Accept_Language": language}
             for accept in (BROWSER, JSON, "*/*", None, "text/html;q=0.5, */*")
             for agent in (CRAWLERS[0], PROGRAMS[0], None) for language in (None, "tr")]
    names = {"accept": "accept", "user-agent": "User_Agent", "accept-language": "Accept_Language"}
    for path in paths:
        answers = [(headers, ask(api, path, **headers)) for headers in asked]
        for (one, first), (other, second) in itertools.permutations(answers, 2):
            if all(one[names[name]] == other[names[name]] for name in vary(first) & names.keys()):
                assert first.text == second.text, (path, one, other)
        tags = {answer.headers["ETag"] for _, answer in answers}
        assert len(tags) == len({answer.text for _, answer in answers}) == 3


def test_an_agent_is_part_of_vary_only_where_it_counts(api, paths):
    for path in paths:
        assert vary(ask(api, path)) == {"accept", "accept-encoding", "accept-language"}
        assert vary(ask(api, path, JSON)) == {"accept"}
        assert vary(ask(api, path, "*/*")) == {"accept", "user-agent"}
        assert vary(ask(api, path, "*/*", User_Agent=CRAWLERS[0])) == {
            "accept", "user-agent", "accept-encoding", "accept-language"}
    assert vary(ask(api, "/nope")) == {"accept", "accept-encoding", "accept-language"}
    assert vary(ask(api, "/nope", "*/*")) == {"accept"}


def test_a_tag_is_good_for_its_own_representation(api, paths):
    for path in paths:
        tags = {accept: ask(api, path, accept).headers["ETag"] for accept in (BROWSER, JSON)}
        for accept, known in itertools.product(tags, tags):
            answer = ask(api, path, accept, If_None_Match=tags[known])
            assert answer.status_code == (304 if accept == known else 200), (path, accept, known)
            assert vary(answer) == vary(ask(api, path, accept)) and answer.headers["ETag"] == tags[accept]
        turkish = ask(api, path, If_None_Match=tags[BROWSER], Accept_Language="tr")
        assert turkish.status_code == 200


def coded(answer):
    return answer.headers.get("Content-Encoding")


def test_a_page_is_pressed_for_who_takes_it(api, paths):
    for path in paths:
        for _ in range(2):  # as it is made, and from memory
            plain, pressed = (ask(api, path, Accept_Encoding=form) for form in ("identity", "br;q=1, gzip;q=0.2"))
            assert (coded(plain), coded(pressed)) == (None, "gzip")
            assert plain.text == pressed.text and vary(plain) == vary(pressed)
            assert int(pressed.headers["Content-Length"]) < 0.6 * int(plain.headers["Content-Length"])
            assert plain.headers["ETag"] != pressed.headers["ETag"]
        for form, answer in {"identity": plain, "gzip": pressed}.items():
            for other in (plain, pressed):
                again = ask(api, path, Accept_Encoding=form, If_None_Match=other.headers["ETag"])
                assert again.status_code == (304 if other is answer else 200)
                assert coded(again) == (None if other is answer else coded(answer))
        head = ask(api, path, method="HEAD", Accept_Encoding="gzip")
        assert head.content == b"" and head.headers["Content-Length"] == pressed.headers["Content-Length"]
        for form in (None, "gzip;q=0", "br", "deflate"):
            assert coded(ask(api, path, Accept_Encoding=form)) is None
    assert coded(ask(api, "/nope", Accept_Encoding="gzip")) is None, "too short to win anything"


def test_headers_of_a_page(api, paths):
    for path in [*paths, "/nope"]:
        answer = ask(api, path)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert answer.headers["Cache-Control"] == ("no-store" if path == "/nope" else "no-cache")
        assert len(answer.headers.get_list("Content-Security-Policy")) == 1
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("header, query, language", [
    (None, "", "en"), ("tr", "", "tr"), ("tr-CY,tr;q=0.9,en-US;q=0.8", "", "tr"), ("de, fr;q=0.9", "", "en"),
    ("en;q=0.8, tr;q=0.9", "", "tr"), ("en;q=0.9, tr;q=0.8", "", "en"), ("de, tr;q=0.1", "", "tr"),
    ("tr;q=0", "", "en"), ("*", "", "en"), ("", "", "en"),
    ("en", "?lang=tr", "tr"), ("tr", "?lang=en", "en"), ("tr", "?lang=de", "tr"), ("tr", "?lang=", "tr"),
    (None, "?remix=1&lang=tr&template=x", "tr"), (None, "?lang=TR", "en"), (None, "?lang=%00", "en"),
])
def test_a_page_speaks_its_readers_language(api, paths, header, query, language):
    home = {"en": "Home", "tr": "Ana sayfa"}[language]
    for path in [*paths, "/nope"]:
        dom = page(api, path + query, 404 if path == "/nope" else 200, Accept_Language=header)
        assert dom.root.attrib["lang"] == language
        assert home in dom.texts("a")
