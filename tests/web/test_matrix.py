"""The matrix of acts: each in both languages, on a phone and a desk, pressed twice, and while the API
goes between press and answer. `PERSONAWORLDS_LONG=1` (script/test --long) runs it; its table is
compared with the pages' sources always."""
import contextlib
import os
import re
import time

import pytest

from support.acting import Scene, killed, plain
from support.acts import ACTS
from support.browser import DESKTOP, PHONE
from support.pages import World
from support.program import CHECKOUT, Api
from support.waiting import eventually
from support.words import LANGUAGES

pytestmark = pytest.mark.long

LONG = os.environ.get("PERSONAWORLDS_LONG") == "1"
SIZES = {"phone": PHONE, "desktop": DESKTOP}
AWAY_S = 3
each_act = pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name.replace(" ", "-"))


# What nobody presses: what is counted, a token that is renewed, and what a remix begins with.
NO_ACTS = {"POST /events", "POST /auth/refresh", "POST /battles/*/remix-intent"}
# act("post", "/path", …), with the method by a condition too, and the others that send an act.
CALLS = re.compile(r'\b(?:act\(([^,()]+), |(remove|useStreamed)\()"(/[^"]+)"')


def requests_of_the_pages():
    """What the application sends to change something."""
    for path in (CHECKOUT / "web/src").rglob("*.ts*"):
        for methods, other, called in CALLS.findall(path.read_text(encoding="utf-8")):
            names = {"remove": ["delete"], "useStreamed": ["post"]}.get(other) or re.findall(r'"(\w+)"', methods)
            pattern = re.sub(r"{\w+}", "*", called)
            yield from (f"{name.upper()} {pattern}" for name in names)


def test_the_table_has_every_act():
    sent = set(requests_of_the_pages())
    listed = {act.sends for act in ACTS if not act.sends.startswith("GET")} - {""}
    assert len(sent) > 30 and sent - NO_ACTS == listed


class Server:
    """The API, which may be killed and comes back at its port."""

    def __init__(self, database):
        self.database, self.api = database, Api(database.url, STREAM_LIFE="1h").start()

    def kill(self):
        self.api.kill()

    def wake(self):
        if self.api not in Api.alive:
            self.api = Api(self.database.url, PORT=self.api.port, STREAM_LIFE="1h").start()


@pytest.fixture(scope="module")
def only_server(database):
    server = Server(database)
    World(server.api, database)
    yield server
    server.wake()
    server.api.expect_errors("http_request")  # streams of tabs that are open still are refused
    server.api.stop()


@pytest.fixture
def server(only_server):
    only_server.wake()
    return only_server


if LONG:

    @pytest.mark.parametrize("size", SIZES)
    @pytest.mark.parametrize("language", LANGUAGES)
    @each_act
    def test_an_act_that_is_pressed_twice_is_done_once(browser, server, database, act, language, size):
        with Scene(act, browser, server.api, database, language, SIZES[size]) as scene:
            plain(scene)

    @pytest.mark.parametrize("is_carried_out", [False, True], ids=["not-begun", "answer-lost"])
    @each_act
    def test_an_act_whose_api_goes_is_done_once_or_plainly_not(browser, server, database, act, is_carried_out):
        """Four people at once, so that it goes once for all of them."""
        if is_carried_out and not act.sends:
            return
        with contextlib.ExitStack() as open_scenes:
            scenes = [open_scenes.enter_context(Scene(act, browser, server.api, database, language, size))
                      for language in LANGUAGES for size in SIZES.values()]
            courses = [killed(scene, is_carried_out) for scene in scenes]
            for course in courses:
                next(course)
            server.kill()
            gone = time.monotonic()
            for course in courses:
                next(course)
            eventually(lambda: time.monotonic() - gone >= AWAY_S, within=2 * AWAY_S)
            server.wake()
            for scene, course in zip(scenes, courses, strict=True):
                scene.at(server.api)
                next(course, None)
