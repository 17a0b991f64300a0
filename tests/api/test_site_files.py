"""What browsers and crawlers ask any site for: robots.txt, the manifest, the icon."""
import json
import xml.etree.ElementTree as ElementTree

import pytest

from support.program import Api

ORIGIN = "https://worlds.example"
FILES = {"/robots.txt": ("text/plain; charset=utf-8", 3600),
         "/manifest.webmanifest": ("application/manifest+json", 86400), "/favicon.svg": ("image/svg+xml", 86400)}


@pytest.mark.parametrize("path", FILES)
def test_files_are_the_same_for_everybody_and_may_be_kept(api, user, path):
    first = api.client.get(path)
    kind, age = FILES[path]
    assert (first.status_code, first.headers["Content-Type"]) == (200, kind)
    assert first.headers["Cache-Control"] == f"public, max-age={age}"
    tag = first.headers["ETag"]
    for known in (tag, f'"other", W/{tag}', "*"):
        again = api.client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert user.get(path, headers={"If-None-Match": '"other"'}).content == first.content
    head = api.client.head(path)
    assert (head.status_code, head.content, head.headers["Content-Length"]) == (200, b"", str(len(first.content)))
    assert api.client.post(path).status_code == 405


def test_the_manifest_names_the_icon(api):
    manifest = json.loads(api.client.get("/manifest.webmanifest").content)
    (icon,) = manifest["icons"]
    assert api.client.get(icon["src"]).headers["Content-Type"] == icon["type"]
    assert (manifest["name"], manifest["start_url"], manifest["display"]) == ("PersonaWorlds", "/", "standalone")


def test_the_icon_is_a_picture_without_script_or_anything_from_elsewhere(api):
    icon = ElementTree.fromstring(api.client.get("/favicon.svg").content)
    assert icon.tag == "{http://www.w3.org/2000/svg}svg" and icon.get("viewBox")
    assert {element.tag.split("}")[1] for element in icon.iter()} <= {"svg", "rect", "path"}
    assert not [name for element in icon.iter() for name in element.keys() if "href" in name or name.startswith("on")]


def test_crawlers_are_told_where_the_sitemap_is(start):
    lines = start(Api, FRONTEND_ORIGIN=ORIGIN + "/").client.get("/robots.txt").text.split("\n")
    assert lines[0] == "User-agent: *" and f"Sitemap: {ORIGIN}/sitemap.xml" in lines
    shut = [line.removeprefix("Disallow: ") for line in lines if line.startswith("Disallow: ")]
    assert not [path for path in ("/b/x/card.png", "/p/ada", "/discover", "/templates", "/favicon.svg")
                if path.startswith(tuple(shut))]
