"""pages.py [--replies N] [--only FIGURE...]: what people wait for on the pages, in Debian's Chromium, beside the
bound that each figure has.

  reply   from when a reply was stored (its row's time, which is a little earlier) to the frame after
          which it stands on an open page
  tab     the load of a seventh tab on a battle while six tabs have live streams
  minute  from the start of who has no account to the first published post, with a model that takes
          4 s; and the same at the pace of a person: 0.3 s a key, 1.5 s a choice
"""
import argparse
import contextlib
import datetime
import pathlib
import sys
import time

CHECKOUT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT / "tests"))

from support.battles import write_battle  # noqa: E402
from support.browser import Tab, chromium  # noqa: E402
from support.live import streams_open  # noqa: E402
from support.people import new_email, sign_up  # noqa: E402
from support.postgres import Cluster  # noqa: E402
from support.program import Api, Worker, run  # noqa: E402
from support.waiting import eventually  # noqa: E402

PROGRAM = CHECKOUT / "build" / "personaworlds"
MODEL_S, KEY_S, CHOICE_S = 4, 0.3, 1.5
PASSWORD = "long enough"
VOICES = ".voice-card"

NOTE_FRAMES = """() => {
    window.shown = {};
    new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => {
        for (const { id } of document.querySelectorAll('.replies article')) window.shown[id] ??= Date.now();
    }))).observe(document.querySelector('main'), { childList: true, subtree: true });
}"""


def tell(name, value, unit, bound):
    print(f"{name:<28} {value:>8.2f} {unit:<3} bound {bound:g} {unit}  {'kept' if value <= bound else 'NOT KEPT'}")


def quantile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def measure_reply(browser, database, api, count):
    user = sign_up(api)
    battle = write_battle(database, user)
    with Worker(database.url, program=PROGRAM), Tab(browser, api, user=user) as tab:
        page = tab.go(f"/b/{battle.id}")
        page.wait_for_selector("main .acts button")
        eventually(lambda: streams_open(api) == 1, 15)
        page.evaluate(NOTE_FRAMES)
        for n in range(1, count + 1):
            user.ask_for_replies(battle, user.persona())
            eventually(lambda: len(page.evaluate("Object.keys(shown)")) == n, 15)
        shown = page.evaluate("shown")
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    rows = database.rows("SELECT id, created_at FROM replies WHERE post_id = %s", battle.id)
    took = [shown[f"post-{row['id']}"] - (row["created_at"] - epoch).total_seconds() * 1000 for row in rows]
    tell(f"reply, median of {len(took)}", quantile(took, 0.5), "ms", 300)
    tell("reply, p95", quantile(took, 0.95), "ms", 300)


def measure_tab(browser, database, api):
    user = sign_up(api)
    with Tab(browser, api, user=user) as tab:
        for page in [tab.page] + [tab.context.new_page() for _ in range(5)]:
            page.goto(f"/b/{write_battle(database, user).id}")
            page.wait_for_selector("main .acts button")
        eventually(lambda: streams_open(api) == 1, 15)
        took = []
        for _ in range(10):
            page, battle = tab.context.new_page(), write_battle(database, user)
            begun = time.monotonic()
            page.goto(f"/b/{battle.id}")
            page.wait_for_selector("main .acts button")
            took.append(time.monotonic() - begun)
            page.close()
    tell("seventh tab, longest of 10", max(took), "s", 1)


def measure_minute(browser, database):
    with Api(database.url, program=PROGRAM, STREAM_LIFE="1h", MOCK_LLM_LATENCY=f"{MODEL_S}s") as api, \
            Tab(browser, api) as tab:
        email = new_email()
        begun = time.monotonic()
        page = tab.go("/")
        page.fill(".entry input[type=email]", email)
        page.fill(".entry input[type=password]", PASSWORD)
        page.click(".entry button[type=submit]")
        page.click(f"{VOICES} >> nth=1 >> button")
        page.click(".acts button >> nth=0")
        page.wait_for_selector(f"{VOICES} >> nth=4")
        took = time.monotonic() - begun
        assert database.value("SELECT count(*) FROM posts p JOIN users u ON u.id = p.user_id "
                              "WHERE u.email = %s AND p.status = 'PUBLISHED'", email) == 1
    tell("first minute, the machine's", took, "s", 60)
    tell("first minute, a person's", took + KEY_S * len(email + PASSWORD) + CHOICE_S * 3, "s", 60)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replies", type=int, default=100)
    parser.add_argument("--only", nargs="+", choices=["reply", "tab", "minute"], default=["reply", "tab", "minute"])
    asked = parser.parse_args()
    with contextlib.ExitStack() as stack:
        cluster, browser = stack.enter_context(Cluster()), stack.enter_context(chromium())
        database = cluster.create()
        for command in ("migrate", "seed"):
            assert run(command, program=PROGRAM, DATABASE_URL=database.url).returncode == 0
        api = stack.enter_context(Api(database.url, program=PROGRAM, STREAM_LIFE="1h"))
        if "reply" in asked.only:
            measure_reply(browser, database, api, asked.replies)
        if "tab" in asked.only:
            measure_tab(browser, database, api)
        if "minute" in asked.only:
            measure_minute(browser, database)


if __name__ == "__main__":
    main()
