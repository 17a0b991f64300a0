"""The pages' words: there in both languages, for every code of the API, the same in what the server
writes and in what the application shows, and with room for longer ones."""
import json
import re
from collections import Counter

import pytest

from support.browser import DESKTOP, NARROW, PHONE, Tab
from support.program import CHECKOUT
from support.tour import Tour, is_too_wide, visit
from support.words import LANGUAGES, SOURCES, WORD, words

SERVED = re.compile(r'\[WORD_(\w+)\]\s*= \{("(?:[^"\\]|\\.)*"), ("(?:[^"\\]|\\.)*")\}')
# What the server calls otherwise, for the same thing.
OTHERWISE = {
    "WORDS": "wordLimit", "CREATE_OWN": "createOwn", "USES": "uses", "ATOM": "atomFeed", "START": "start",
    "VERIFY": "verifyTitle", "RESET": "resetTitle", "FORMALITY_0": "formality0", "FORMALITY_1": "formality1",
    "FORMALITY_2": "formality2", "FORMALITY_3": "formality3", "FOR": "pro", "AGAINST": "con",
    "BY_AI_APPROVED": "byAiApproved",
}
# The same word for something else, each with its reason.
APART = {
    "NOT_FOUND": "a page that the server has not, and a view that the application has not",
    "NOT_FOUND_ABOUT": "as above", "LIMITED": "a heading, and a sentence with its time", "FAILED": "as above",
    "FAILED_ABOUT": "as above", "SKIP": "to the text of a page, and to a page",
    "SEARCH": "a heading, and a place to go",
    "MORE_REPLIES": "a heading, and a button",
    "TONE_IS": "with the tone in it, and before it", "WRITING": "with {text} in it, and with {name}",
}


def test_no_word_stands_twice():
    for language in LANGUAGES:
        names = [name for path in SOURCES.glob(f"*{language}.ts") if not path.name.startswith("archetypes")
                 for name, _ in WORD.findall(path.read_text(encoding="utf-8"))]
        assert len(names) > 400 and len(names) == len(set(names)), Counter(names).most_common(3)


def camel(name):
    first, *rest = name.lower().split("_")
    return first + "".join(part.capitalize() for part in rest)


def served():
    text = (CHECKOUT / "backend/src/api/pages/words.c").read_text(encoding="utf-8")
    return {name: [json.loads(said) for said in both] for name, *both in SERVED.findall(text)}


def test_both_languages_have_every_word_and_the_same_values():
    en, tr = map(words, LANGUAGES)
    assert en.keys() == tr.keys() and len(en) > 300
    for name in en:
        values = [set(re.findall(r"\{(\w+)\}", language[name])) for language in (en, tr)]
        assert values[0] == values[1], name
        assert en[name].strip() and tr[name].strip(), name
        assert "!" not in en[name] + tr[name] and "please" not in en[name].lower(), name


def test_the_server_and_the_application_say_the_same():
    def alike(said):
        """Of one form where both are the same; whatever its value is called."""
        forms = [re.sub(r"\{\w+\}", "{}", form) for form in said.split("|")]
        return forms if len(set(forms)) > 1 else forms[:1]

    compared = 0
    for name, said in served().items():
        other = OTHERWISE.get(name, camel(name))
        for language, one in zip(LANGUAGES, said, strict=True):
            known = words(language)
            if other not in known or name in APART:
                continue
            compared += 1
            assert alike(one) == alike(known[other]), f"WORD_{name} and {other} in {language}"
    assert compared > 80


def codes(document):
    """All that the API's document names."""
    found = set()

    def walk(node):
        if isinstance(node, dict):
            code = node.get("properties", {}).get("code") if isinstance(node.get("properties"), dict) else None
            found.update((code or {}).get("enum", []))
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(document)
    return sorted(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_the_api_has_words(browser, api, language):
    """Each is answered to a form in turn, with a sentence that nobody should see."""
    todo = codes(api.client.get("/openapi.json").json())
    assert len(todo) > 150
    sentence, unsaid = "the sentence of the server", []
    with Tab(browser, api, locale=language) as tab:
        tab.announce(400)
        page = tab.go("/login")
        answer = {}
        page.route("**/auth/login", lambda route: route.fulfill(status=400, json=answer))
        page.fill("input[type=email]", "a@example.org")
        page.fill("input[type=password]", "long enough")
        page.wait_for_selector("form button[type=submit]:enabled")
        answer.update({"error": sentence, "code": "error", "request_id": "first"})
        page.press("input[type=password]", "Enter")
        page.wait_for_selector(f"[role=alert] >> text={words(language)['error_error']}")
        for number, code in enumerate([*todo, "a_code_that_is_new"]):
            answer.update({"error": sentence, "code": code, "request_id": f"r{number}"})
            page.press("input[type=password]", "Enter")
            page.wait_for_selector(f"[role=alert] >> text=r{number}")
            said = page.text_content("[role=alert] p")
            unsaid += [code] if said in (sentence, "", words(language)["failed"]) else []
    assert unsaid == ["a_code_that_is_new"]


def longer(said):
    """By 40 %, in each of its forms, of letters with marks."""
    return "|".join(form + " " + "ĝűñ ẃö " * max(1, round(len(form) * 0.4 / 7)) for form in said.split("|"))


DICTIONARY = re.compile(r"export\{\w+ as (en|tr|more|personas)\}")


def stretch(route):
    """The dictionaries in chunks of the application, as a language with long words has them."""
    answer = route.fetch()
    text = answer.text()
    if not DICTIONARY.search(text):
        return route.fulfill(response=answer)
    text = re.sub(r'\b(\w+):("(?:[^"\\]|\\.)*")',
                  lambda found: f"{found[1]}:{json.dumps(longer(json.loads(found[2])))}", text)
    return route.fulfill(response=answer, body=text)


def views():
    """Which paths the application shows."""
    rows = (CHECKOUT / "web/src/routes.ts").read_text(encoding="utf-8")
    return [re.compile(re.sub(r":\w+", "[^/]+", path)) for path in re.findall(r'row\("([^"]+)"', rows)]


# What is cut off, and buttons and links over one another.
SPILLS = """() => {
    const isShown = element => element.checkVisibility({visibilityProperty: true})
        && element.getClientRects().length > 0;
    const name = element => `${element.tagName} ${element.textContent.slice(0, 40)}`;
    const all = [...document.querySelectorAll(
        'main button, main a.act, main label, main h1, main h2, main summary, main .chip')].filter(isShown);
    const cut = all.filter(element => element.scrollWidth > element.clientWidth + 1
        && getComputedStyle(element).display !== 'inline');
    const pressed = [...document.querySelectorAll('main button, main a.act, main summary')].filter(isShown)
        .map(element => [element, element.getBoundingClientRect()]);
    const over = pressed.flatMap(([one, a], place) => pressed.slice(place + 1).filter(([other, b]) =>
        !one.contains(other)
        && a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
        .filter(([other]) => !other.closest('.savebar') && !one.closest('.savebar')).map(([other]) => [one, other]));
    return [...cut.map(element => `cut: ${name(element)}`),
        ...over.map(([one, other]) => `over: ${name(one)} / ${name(other)}`)];
}"""


@pytest.fixture(scope="module")
def tour(api, database):
    return Tour(api, database)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("who", ["visitor", "user"])
def test_words_that_are_longer_by_forty_percent_break_no_page(browser, api, tour, who):
    with tour.tab(browser, api, who) as tab:
        tab.announce(400)
        tab.page.route("**/a/*.js", stretch)
        broken, stretched = [], 0
        paths = [path for path in tour.paths(who) if any(view.fullmatch(path.partition("?")[0]) for view in views())]
        for path in paths:
            page = visit(tab, path)
            page.wait_for_selector("header button.icon")
            stretched += "ĝűñ" in page.text_content("#app")
            for width, height in (NARROW, PHONE, DESKTOP):
                page.set_viewport_size({"width": width, "height": height})
                broken += [(path, width, "wide")] if is_too_wide(page) else []
                broken += [(path, width, spill) for spill in page.evaluate(SPILLS)]
        assert stretched == len(paths) > 5
    assert not broken, "\n".join(map(str, broken))
