"""Pages that the application fills: what stands there before it, who gets it, and the forms that mails lead to."""
import pytest

from support.exposition import Page as Metrics
from support.pages import BROWSER, HEADERS, JSON, ask, is_page, page, vary
from support.people import sign_up
from support.program import Api

SOME = "7d444840-9dc0-41d1-b245-5ffdce74fad2"
TITLES = {
    "/rooms": ("Rooms", "Odalar"),
    f"/rooms/{SOME}": ("Room", "Oda"),
    "/battles/new": ("New battle", "Yeni tartışma"),
    "/drafts": ("Drafts", "Taslaklar"),
    "/personas": ("Personas", "Personalar"),
    "/personas/new": ("New persona", "Yeni persona"),
    f"/personas/{SOME}": ("Persona", "Persona"),
    "/templates/new": ("New template", "Yeni şablon"),
    "/notifications": ("Notifications", "Bildirimler"),
    "/digest": ("Digest", "Özet"),
    "/search": ("Search", "Arama"),
    "/settings": ("Settings", "Ayarlar"),
    "/welcome": ("Whose voice first?", "Önce kimin sesi?"),
}
FORMS = {
    "/verify": ("Confirm your e-mail", "E-postanı doğrula"),
    "/reset": ("Choose a new password", "Yeni parola seç"),
}
PAGES = TITLES | FORMS
SHARED = ["/rooms", f"/rooms/{SOME}", "/personas", f"/personas/{SOME}", "/notifications", "/search?q=tea"]
ALONE = ["/battles/new", "/drafts", "/digest", "/settings", "/welcome", "/verify", "/reset"]


@pytest.mark.parametrize("path", PAGES)
def test_a_shell_has_its_title_and_is_nobody_elses(api, path):
    for language, title in zip(("en", "tr"), PAGES[path], strict=True):
        dom = page(api, path, Accept_Language=language)
        assert dom.root.attrib["lang"] == language
        assert dom.text("title") == f"{title} · PersonaWorlds"
        heading = dom.one("h1")
        assert (heading.text, heading.attrib) == (title, {"tabindex": "-1"})
        assert dom.meta("robots") == "noindex" and not dom.all("script", id="boot")
        assert not [meta for meta in dom.all("meta") if meta.get("property") or meta.get("name") == "twitter:card"]
        assert dom.all("script", type="module"), "the application is loaded"


@pytest.mark.parametrize("path", TITLES)
def test_until_the_application_is_there_a_shell_has_its_height(api, path):
    for language, said in (("en", "This page needs JavaScript, which is off here."),
                           ("tr", "Bu sayfa JavaScript ister, burada ise kapalı.")):
        dom = page(api, path, Accept_Language=language)
        assert [child.tag for child in dom.one("div", class_="skeleton")] == ["div"] * 3
        (without,) = dom.one("main").iter("noscript")
        assert without.find("p").text == said and without.find("a").attrib["href"] == "/login"


@pytest.mark.parametrize("path", PAGES)
def test_headers_of_a_shell(api, path):
    answer = ask(api, path)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert answer.headers.get_list("Cache-Control") == ["no-cache"] and "Set-Cookie" not in answer.headers
    assert vary(answer) == {"accept", "accept-encoding", "accept-language"}
    known = ask(api, path, If_None_Match=answer.headers["ETag"])
    assert (known.status_code, known.content) == (304, b"")
    head = ask(api, path, method="HEAD")
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", answer.headers["ETag"])


@pytest.mark.parametrize("path", PAGES)
def test_whatever_stands_in_the_query_it_is_the_same_page(api, path):
    plain = ask(api, path).text
    for query in ("token=x", "room=1&template=2&topic=Tea%3F", "q=", "utm_source=x", "q=%ff", "lang=de"):
        answer = ask(api, f"{path}?{query}")
        assert (answer.status_code, answer.text) == (200, plain), query


def test_a_shell_is_the_same_whoever_asks(api):
    token = sign_up(api).token
    for path in PAGES:
        assert ask(api, path, Authorization=f"Bearer {token}").text == ask(api, path).text


# ---- page or JSON ----

@pytest.mark.parametrize("path", SHARED)
def test_programs_get_json_where_a_shell_is(api, path):
    token = {"Authorization": f"Bearer {sign_up(api).token}"}
    status = 404 if SOME in path else 200
    for accept in (JSON, "*/*", None, "text/html, application/json", "text/html;q=0.5, */*"):
        answer = ask(api, path, accept, **token)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, JSON), accept
        assert ask(api, path, accept).status_code == 401
        assert "accept" in vary(answer)
    assert is_page(ask(api, path, BROWSER, **token)) and is_page(ask(api, path, "text/*"))
    assert ask(api, path, "*/*", User_Agent="curl/8.5.0").status_code == 401


def test_what_is_new_is_no_id_to_programs(api):
    token = {"Authorization": f"Bearer {sign_up(api).token}"}
    answer = ask(api, "/personas/new", JSON, **token)
    assert (answer.status_code, answer.json()["error"]) == (400, "persona id is invalid")
    for path in ("/templates/new", *ALONE):
        for accept in (JSON, "*/*", None):
            assert ask(api, path, accept).status_code in (404, 405), path


def test_an_address_that_can_be_none_is_no_shell(api):
    for path in ("/rooms/x", "/rooms/", "/personas/x", "/personas/", "/battles", "/battles/new/", "/drafts/1",
                 f"/rooms/{SOME}/posts/"):
        assert page(api, path, 404).text("h1") == "There is nothing here", path
    assert not is_page(ask(api, f"/rooms/{SOME}/posts"))


@pytest.mark.parametrize("path, allowed", [
    ("/rooms", "GET, HEAD"), ("/notifications", "GET, HEAD"), ("/search", "GET, HEAD"),
    ("/personas/new", "GET, HEAD, PUT, DELETE"), ("/personas", "GET, HEAD, POST")])
def test_a_shell_takes_no_other_method_than_its_route(api, path, allowed):
    answer = ask(api, path, method="PATCH")
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)


def test_nothing_is_sent_to_a_page_without_a_route(api):
    for path in ALONE:
        answer = ask(api, path, method="POST")
        assert (answer.status_code, is_page(answer)) == (404, False)


# ---- counted and named ----

def test_shells_count_as_public_reads(start):
    api = start(Api, RATE_LIMIT_PUBLIC_READ="2/1h")
    assert [ask(api, path).status_code for path in ("/rooms", "/verify", "/settings")] == [200, 200, 429]
    assert ask(api, "/rooms", JSON).status_code == 401, "the route has limits of its own"


def test_shells_are_measured_by_their_patterns(start):
    api = start(Api, API_THREADS=1)
    for path in (f"/rooms/{SOME}", "/personas/new", f"/personas/{SOME}", "/verify?token=secret"):
        assert ask(api, path).status_code == 200
    found = Metrics(api.metrics())
    for label in ("page:/rooms/{id}", "page:/personas/new", "page:/personas/{id}", "page:/verify"):
        assert found.value("http_requests_total", route=label, method="GET", status="200") == 1
        assert api.log.wait_for("http_request", count=1, route=label)


# ---- the forms that mails lead to ----

def test_verifying_is_one_press(api):
    for language, press in (("en", "Confirm"), ("tr", "Doğrula")):
        dom = page(api, "/verify?token=x", Accept_Language=language)
        assert dom.one("form").attrib == {"method": "post"} and dom.all("input") == []
        assert (dom.text("button"), dom.one("button").attrib) == (press, {"type": "submit", "disabled": ""})


def test_a_new_password_is_asked_for(api):
    for language, label, press in (("en", "New password", "Save"), ("tr", "Yeni parola", "Kaydet")):
        dom = page(api, "/reset?token=x", Accept_Language=language)
        field = dom.one("input")
        assert field.attrib == {"id": "password", "name": "password", "type": "password",
                                "autocomplete": "new-password", "required": ""}
        assert dom.text("label", for_="password") == label
        assert (dom.text("button"), dom.one("button").attrib) == (press, {"type": "submit", "disabled": ""})


def test_a_token_is_not_in_the_page(api):
    for path in FORMS:
        assert "s3cret-t0ken" not in ask(api, f"{path}?token=s3cret-t0ken").text
