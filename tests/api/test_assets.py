"""The application that the pages load: whole in each coding, kept for ever, and small."""
import httpx
import pytest

from support.pages import ask, assets_of, page

TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}


def asset(api, name, coding="identity", method="GET", **headers):
    return api.client.request(method, f"/a/{name}", headers={"Accept-Encoding": coding} | headers)


def length(api, name, coding):
    return int(asset(api, name, coding, method="HEAD").headers["Content-Length"])


def test_a_page_loads_a_style_and_two_scripts(api):
    assert sorted(name.rsplit(".")[-1] for name in assets_of(api)) == ["css", "js", "js"]
    for path in ("/", "/signup", "/login", "/templates"):
        assert assets_of(api) == [name for name in assets_of(api) if f"/a/{name}" in ask(api, path).text]


def test_each_coding_has_the_same_content(api):
    for name in assets_of(api):
        plain = asset(api, name)
        packed = asset(api, name, "gzip")
        assert plain.headers["Content-Type"] == TYPES[name.rsplit(".")[-1]]
        assert "Content-Encoding" not in plain.headers and packed.headers["Content-Encoding"] == "gzip"
        assert packed.content == plain.content and len(plain.content) > 0
        assert length(api, name, "br") < length(api, name, "gzip") < len(plain.content)


@pytest.mark.parametrize("accepted, coding", [
    (None, None), ("identity", None), ("gzip", "gzip"), ("gzip, deflate, br", "br"), ("br;q=0, gzip;q=0.5", "gzip"),
    ("*", "br"), ("*;q=0", None), ("deflate", None)])
def test_the_smallest_that_is_taken_is_sent(api, accepted, coding):
    """HEAD: nothing has to be decoded."""
    with httpx.Client(base_url=f"http://127.0.0.1:{api.port}") as client:
        client.headers.pop("Accept-Encoding")
        headers = {} if accepted is None else {"Accept-Encoding": accepted}
        answer = client.head(f"/a/{assets_of(api)[-1]}", headers=headers)
    assert answer.headers.get("Content-Encoding") == coding and "Accept-Encoding" in answer.headers.get_list("Vary")


def test_a_name_is_kept_for_ever(api):
    for name in assets_of(api):
        answer = asset(api, name, "gzip")
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        again = asset(api, name, "gzip", **{"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert asset(api, name, "identity").headers["ETag"] != answer.headers["ETag"], "other bytes"


@pytest.mark.parametrize("name", ["x", "x.js", "..", "index.html", "%2e%2e", "a" * 200, "é"])
def test_other_names_are_not_found(api, name):
    answer = api.client.get(f"/a/{name}")
    assert (answer.status_code, answer.json()["error"]) == (404, "not found")


def test_a_page_is_small(api):
    """What is loaded first, in gzip."""
    assert sum(length(api, name, "gzip") for name in assets_of(api)) <= 30_000


def test_the_forms_are_there_without_script(api):
    for path, autocomplete in (("/signup", "new-password"), ("/login", "current-password")):
        shown = page(api, path)
        assert {field.attrib["type"] for field in shown.all("input")} == {"email", "password"}
        assert shown.one("input", type="password").attrib["autocomplete"] == autocomplete
        labels = {label.attrib["for"] for label in shown.all("label")}
        assert labels == {field.attrib["id"] for field in shown.all("input")}
    assert "Kaydol" in page(api, "/signup?lang=tr").text("h1")


def test_the_form_is_a_page_alone(api):
    """A program that asks finds nothing there."""
    assert api.client.get("/signup").status_code == 404
