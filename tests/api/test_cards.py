"""A battle's card."""
import hashlib
import pathlib
import re
import signal
import time
import uuid

import pytest

from support.cards import card, new_battle, pixels, reply
from support.exposition import Page
from support.latency import assert_quick
from support.people import new_room, sign_up
from support.program import Api, release_binary
from support.waiting import eventually, in_parallel
from support.wire import Connection, request

QUEUE = 128
KEPT_BYTES = 16 << 20


@pytest.fixture
def battle(database, room):
    return new_battle(database, room)


def drawn(api):
    return Page(api.metrics()).value("cards_drawn_total")


def shed(api):
    return Page(api.metrics()).value("http_requests_shed_total", reason="card_queue")


# ---- the answer ----

def test_a_card_is_a_png_of_its_size(api, battle):
    answer = card(api, battle)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert re.fullmatch(rf'"{battle}-[0-9a-f]{{16}}"', answer.headers["ETag"])
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    pixels(answer.content)


def test_the_same_card_is_drawn_once_and_is_the_same(api, battle):
    first = card(api, battle)
    before = drawn(api)
    second = card(api, battle.upper())
    assert (second.content, second.headers["ETag"]) == (first.content, first.headers["ETag"])
    assert drawn(api) == before


def test_head_has_the_headers_alone(api, battle):
    full = card(api, battle)
    head = api.client.head(f"/b/{battle}/card.png")
    assert (head.status_code, head.content) == (200, b"")
    assert {name: head.headers[name] for name in ("ETag", "Content-Type", "Content-Length", "Cache-Control")} == {
        "ETag": full.headers["ETag"], "Content-Type": "image/png", "Content-Length": str(len(full.content)),
        "Cache-Control": "public, max-age=300"}


def test_head_draws_nothing(api, battle, start, database, room):
    """Its answer is a GET's, but for the length, which nobody knows before the card is drawn."""
    fresh = start(Api)
    head = fresh.client.head(f"/b/{battle}/card.png")
    assert (head.status_code, head.content) == (200, b"")
    assert "Content-Length" not in head.headers
    full = card(api, battle)
    names = full.headers.keys() - {"content-length", "date", "x-request-id", "ratelimit"}
    assert {name: head.headers[name] for name in names} == {name: full.headers[name] for name in names}
    assert drawn(fresh) == 0
    assert fresh.client.head(f"/b/{uuid.uuid4()}/card.png").status_code == 404
    with Connection(fresh.port) as connection:  # an answer to HEAD ends with its headers
        connection.send(request("HEAD", f"/b/{new_battle(database, room)}/card.png") + request("GET", "/healthz"))
        assert connection.answer(head=True).status_code == 200
        assert connection.answer().status_code == 200


@pytest.mark.parametrize("known", ["{}", "W/{}", '"other", {}', '"other",W/{} , "more"', "*"])
def test_a_client_that_has_it_gets_304_and_nothing_is_drawn(api, battle, known, start, database):
    etag = card(api, battle).headers["ETag"]
    fresh = start(Api)  # has drawn nothing yet
    answer = card(fresh, battle, If_None_Match=known.format(etag))
    assert (answer.status_code, answer.content) == (304, b"")
    assert (answer.headers["ETag"], answer.headers["Cache-Control"]) == (etag, "public, max-age=300")
    assert drawn(fresh) == 0


@pytest.mark.parametrize("known", ['"other"', "", "{unquoted}", '"{unquoted}x"', 'W/"{unquoted}'])
def test_another_tag_gets_the_card(api, battle, known):
    etag = card(api, battle).headers["ETag"]
    assert card(api, battle, If_None_Match=known.replace("{unquoted}", etag.strip('"'))).status_code == 200


@pytest.mark.parametrize("identifier", ["unknown", "draft"])
def test_what_is_no_battle_has_no_card(api, database, room, identifier):
    battle = str(uuid.uuid4()) if identifier == "unknown" else new_battle(database, room, status="DRAFT")
    for headers in ({}, {"If_None_Match": "*"}):
        answer = card(api, battle, **headers)
        assert (answer.status_code, answer.json()["error"]) == (404, "battle not found")
        assert "Cache-Control" not in answer.headers and "ETag" not in answer.headers


def test_a_malformed_id(api):
    answer = card(api, "17")
    assert (answer.status_code, answer.json()["error"]) == (400, "battle id is invalid")


def test_a_token_changes_nothing(api, battle):
    etag = card(api, battle).headers["ETag"]
    for token in ("nonsense", sign_up(api).token):
        assert card(api, battle, Authorization=f"Bearer {token}").headers["ETag"] == etag


# ---- what the tag follows ----

CHANGES = {
    "a reply": lambda database, battle: reply(database, battle),
    "an edit": lambda database, battle: database.execute(
        "UPDATE posts SET content = 'Topic: Another one.', updated_at = now() WHERE id = %s", battle),
    "an edit that shows nowhere": lambda database, battle: database.execute(
        "UPDATE posts SET updated_at = now() WHERE id = %s", battle),
    "an edited reply": lambda database, battle: database.execute(
        "UPDATE replies SET content = 'Never.', updated_at = now() WHERE post_id = %s", battle),
    "a reply less": lambda database, battle: database.execute("DELETE FROM replies WHERE post_id = %s", battle),
    "a new name": lambda database, battle: database.execute(
        "UPDATE personas SET name = 'Bea' WHERE id IN (SELECT persona_id FROM replies WHERE post_id = %s)", battle),
    "the room's name": lambda database, battle: database.execute(
        "UPDATE rooms SET name = name || '!' WHERE id = (SELECT room_id FROM posts WHERE id = %s)", battle),
}


def changed(answer):
    """A tag is asked of the database twice a second."""
    return answer if answer.status_code != 304 else None


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_the_tag_changes_with(api, database, battle, change):
    reply(database, battle, name="Ada")
    before = card(api, battle)
    assert card(api, battle).headers["ETag"] == before.headers["ETag"]
    change(database, battle)
    after = eventually(lambda: changed(card(api, battle, If_None_Match=before.headers["ETag"])), within=1)
    assert after.status_code == 200
    assert after.headers["ETag"] != before.headers["ETag"]


@pytest.mark.parametrize("change", ["UPDATE posts SET status = 'DRAFT' WHERE id = %s",
                                    "DELETE FROM posts WHERE id = %s"], ids=["unpublished", "deleted"])
def test_a_battle_that_is_gone_has_no_card_within_a_second(api, database, battle, change):
    assert card(api, battle).status_code == 200
    database.execute(change, battle)
    eventually(lambda: card(api, battle).status_code == 404, within=1)
    assert card(api, battle, If_None_Match="*").status_code == 404


def test_a_card_that_many_ask_for_costs_the_database_little(start, battle):
    api = start(Api)
    card(api, battle)
    before = Page(api.metrics()).value("db_query_duration_seconds_count")
    assert {card(api, battle).status_code for _ in range(200)} == {200}
    assert drawn(api) == 1
    asked = Page(api.metrics()).value("db_query_duration_seconds_count") - before
    assert asked < 100, "cards, and what a process asks for itself"


def test_the_tag_changes_with_the_origin_of_the_pages(api, battle, start):
    elsewhere = start(Api, FRONTEND_ORIGIN="https://worlds.example/")
    ours, theirs = card(api, battle), card(elsewhere, battle)
    assert ours.headers["ETag"] != theirs.headers["ETag"]
    assert ours.content != theirs.content


def test_each_part_of_the_card_shows(api, database, room):
    """Cards that differ in one part only differ in the picture."""
    pictures = {}
    for what, (battle, replies) in {
        "nothing said": (new_battle(database, room, "Topic: One."), []),
        "another topic": (new_battle(database, room, "Topic: Two."), []),
        "in another room": (new_battle(database, new_room(database), "Topic: One."), []),
        "by an author": (new_battle(database, room, "Topic: One.", author="Ada"), []),
        "one reply": (new_battle(database, room, "Topic: One."), [("Ada", "Yes.")]),
        "of somebody else": (new_battle(database, room, "Topic: One."), [("Bea", "Yes.")]),
        "to an author": (new_battle(database, room, "Topic: One.", author="Ada"), [("Bea", "Yes.")]),
        "in other words": (new_battle(database, room, "Topic: One."), [("Ada", "No.")]),
        "two replies": (new_battle(database, room, "Topic: One."), [("Ada", "Yes."), ("Ada", "Yes.")]),
    }.items():
        for name, said in replies:
            reply(database, battle, said, name)
        pictures[what] = pixels(card(api, battle).content)
    assert len(set(pictures.values())) == len(pictures)


TEXTS = {
    "Turkish": "Yapay zekâ yazılım mühendislerinin yerini alır mı? Şüpheci İĞÜŞÖÇ ığüşöç",
    "180 characters": "evidence " * 20,
    "emoji": "👩‍👩‍👧‍👦🇹🇷🤔" * 20,
    "Arabic": "هل يجب أن تبدأ كل خدمة ككتلة واحدة؟",
    "Japanese": "マイクロサービスは小さなチームにとって本当に良い選択なのか？",
    "a word without end": "W" * 500,
    "markup": "<b>&amp;</b> <span size='999999'>%s %n",
    "control characters": "\x01\x02\x1b[31mred\x7f\x85 \u202egnp.exe \ufeff\ufffe\U0010ffff",
    "stacked accents": "Z" + "\u0335\u030d\u0321" * 150,
    "blanks": " \t\u3000\u2003 ",
    "newlines": "\n\r\n\u2028",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_any_text_can_be_drawn(api, database, room, text):
    battle = new_battle(database, room, f"Topic: {text}")
    database.execute("UPDATE rooms SET name = %s WHERE id = %s", text, room.id)
    for n in range(2):
        reply(database, battle, text, name=f"{text}{n}")
    pixels(card(api, battle).content)


# ---- many at once ----

def test_fifty_at_once_draw_once(api, battle):
    before = drawn(api)
    answers = in_parallel(50, lambda: card(api, battle))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert drawn(api) == before + 1


def connections(api, count):
    return [Connection(api.port, within=60) for _ in range(count)]


def ask_all(api, battles, *headers):
    """A request for each on a connection of its own, all sent before any answer is read."""
    asking = connections(api, len(battles))
    for connection, battle in zip(asking, battles, strict=True):
        connection.send(request("GET", f"/b/{battle}/card.png", *headers))
    return asking


def answers_of(asking):
    answers = [connection.answer() for connection in asking]
    for connection in asking:
        connection.close()
    return answers


def test_a_full_queue_sheds_at_once_and_recovers(start, database, room):
    api = start(Api)
    api.expect_errors("http_request")
    battles = [new_battle(database, room) for _ in range(4 * QUEUE)]
    answers = answers_of(ask_all(api, battles))
    served = [answer for answer in answers if answer.status_code == 200]
    refused = [answer for answer in answers if answer.status_code != 200]
    assert len(served) >= QUEUE
    assert refused and {answer.status_code for answer in refused} == {503}
    assert all(b"server is busy" in answer.body and int(answer.headers["retry-after"]) >= 1 for answer in refused)
    assert shed(api) == len(refused)
    assert drawn(api) == len(served)
    assert card(api, battles[-1]).status_code == 200


def test_a_network_that_asks_for_many_keeps_nobody_out(start, database, room):
    api = start(Api, TRUSTED_PROXIES="127.0.0.0/8")
    api.expect_errors("http_request")
    many = ask_all(api, [new_battle(database, room) for _ in range(4 * QUEUE)], "X-Forwarded-For: 192.0.2.1")
    few = ask_all(api, [new_battle(database, room) for _ in range(10)], "X-Forwarded-For: 192.0.2.2")
    assert {answer.status_code for answer in answers_of(few)} == {200}
    answers = answers_of(many)
    assert {answer.status_code for answer in answers} == {200, 503}
    refused = [answer for answer in answers if answer.status_code == 503]
    assert all(b"server is busy" in answer.body and int(answer.headers["retry-after"]) >= 1 for answer in refused)
    assert shed(api) == len(refused)


def test_clients_that_leave_do_no_harm(start, database, room):
    api = start(Api)
    for connection in ask_all(api, [new_battle(database, room) for _ in range(20)]):
        connection.close()
    assert card(api, new_battle(database, room)).status_code == 200


def test_cards_whose_requests_have_ended_are_not_drawn(start, database, room):
    api = start(Api, API_REQUEST_TIMEOUT="100ms")
    api.expect_errors("http_request")
    asked = 0

    def sleep_past_the_deadline():
        api.interrupt(signal.SIGSTOP)
        began = time.monotonic()
        eventually(lambda: time.monotonic() - began > 0.2)
        api.interrupt(signal.SIGCONT)

    def some_are_not_drawn():
        """Not where all were drawn before the process was stopped."""
        nonlocal asked
        asking = ask_all(api, [new_battle(database, room) for _ in range(QUEUE)])
        sleep_past_the_deadline()
        statuses = {connection.answer().status_code for connection in asking}
        for connection in asking:
            connection.close()
        last = new_battle(database, room)
        eventually(lambda: card(api, last).status_code == 200, within=30)  # those before it in the queue are done with
        asked += len(asking) + 1
        return 504 in statuses and drawn(api) < asked

    eventually(some_are_not_drawn, within=60, pause=0)


def test_the_oldest_cards_make_room(database, room):
    """16 MiB are kept; what was asked for again lately is among them."""
    words = " ".join(hashlib.sha256(bytes([n])).hexdigest()[:9] for n in range(30))
    content = f"Topic: {{}} {words[:130]}\nPro style: {words[130:200]}\nCon style: {words[200:]}"
    with Api(database.url, program=release_binary()) as api:
        first, others, asked = new_battle(database, room, content.format("first")), [], 0
        assert card(api, first).status_code == 200
        while asked < KEPT_BYTES * 1.1:
            others.append(new_battle(database, room, content.format(len(others))))
            asked += len(card(api, others[-1]).content)
            card(api, first)
        before = drawn(api)
        assert before == len(others) + 1
        card(api, first)
        card(api, others[-1])
        assert drawn(api) == before
        card(api, others[0])
        assert drawn(api) == before + 1


def test_a_stop_in_the_middle_of_drawing_is_clean(start, database, room):
    """The cards that were asked for are still answered; nothing leaks."""
    api = start(Api)
    asking = ask_all(api, [new_battle(database, room) for _ in range(10)])
    eventually(lambda: drawn(api) >= 1, within=30)
    api.interrupt()
    assert [connection.answer().status_code for connection in asking] == [200] * 10
    for connection in asking:
        connection.close()
    api.wait_for_end()


def test_reads_stay_fast_while_cards_are_drawn(database, room):
    with Api(database.url, program=release_binary()) as api:
        user = sign_up(api)
        read = request("GET", "/rooms", f"Authorization: Bearer {user.token}")
        battles = [new_battle(database, room) for _ in range(QUEUE)]
        card(api, battles[0])
        drawing = ask_all(api, battles[1:])
        durations = []
        with Connection(api.port) as reader:
            while drawn(api) < QUEUE:
                for _ in range(20):
                    started = time.perf_counter()
                    reader.send(read)
                    assert reader.answer().status_code == 200
                    durations.append(time.perf_counter() - started)
        assert {connection.answer().status_code for connection in drawing} == {200}
        for connection in drawing:
            connection.close()
        assert_quick(durations, 0.050)


# ---- what it costs, and needs ----

def resident(api):
    return pathlib.Path(f"/proc/{api.process.pid}/maps").read_text()


def test_pango_is_loaded_at_the_first_drawing(start, battle):
    api = start(Api)
    assert "libpango" not in resident(api)
    assert "libcairo" not in resident(api)
    card(api, battle)
    assert "libpangocairo" in resident(api)


def test_no_home_is_needed(start, battle):
    api = start(Api, HOME="/nonexistent", XDG_CACHE_HOME="/nonexistent/cache", LANG="C")
    pixels(card(api, battle).content)
    assert "Fontconfig error" not in api.stderr()
