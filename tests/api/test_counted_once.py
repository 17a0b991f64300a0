"""What raises a feed's numbers: each user or address once a battle and day, a remix once a user and
battle, a template once a user and day; and what pages may send at all."""
import json
from datetime import datetime, timedelta, timezone

import pytest
from psycopg.types.json import Jsonb

from support.people import made, new_room, sign_up
from support.program import CHECKOUT, Api
from support.waiting import at_once, in_parallel

TODAY = "SELECT coalesce(max(shares), 0) AS shares, coalesce(max(remixes), 0) AS remixes FROM battle_engagement " \
        "WHERE battle_id = %s AND day = utc_day(now())"
PAGES = ["battle_shared", "remix_click", "remix_clicked", "follow_click", "daily_return", "notification_clicked",
         "template_used_from_feed", "public_profile_viewed", "public_battle_viewed"]
SERVERS = ["persona_created", "preview_generated", "post_approved", "battle_created", "signup_from_share",
           "remix_started", "remix_completed"]


@pytest.fixture
def database(own_database):
    return own_database


@pytest.fixture
def api(start):
    """Behind a proxy, which says where clients are."""
    return start(Api, TRUSTED_PROXIES="127.0.0.0/8 ::1")


@pytest.fixture
def room(database):
    return new_room(database)


@pytest.fixture
def battle(user, room):
    return made(user.post(f"/rooms/{room.id}/battles", json={"topic": "Tabs or spaces?"}), 201)


def send(sender, name, metadata=None, at="192.0.2.1", **headers):
    answer = getattr(sender, "client", sender).post("/events", json={"event_name": name, "metadata": metadata or {}},
                                                    headers={"X-Forwarded-For": at} | headers)
    assert answer.status_code == 202, answer.text
    assert answer.json() == {"ok": True}


def share(sender, battle, **how):
    send(sender, "battle_shared", {"battle_id": battle.battle_id, "source": "copy_link"}, **how)


def remix(user, battle, room, token=None):
    token = token or intent(user, battle)
    return made(user.post(f"/rooms/{room.id}/battles", json={"remix_token": token}), 201)


def intent(user, battle):
    return made(user.post(f"/battles/{battle.battle_id}/remix-intent", json={}), 200).remix_token


def counted(database, battle):
    row = database.row(TODAY, battle.battle_id)
    return row["shares"], row["remixes"]


def by_hand(database, name, battle, user=None, client=None, days=0):
    database.execute("INSERT INTO events (user_id, event_name, metadata, client, created_at) "
                     "VALUES (%s, %s, %s, %s, now() - %s * interval '1 day')", user and user.id, name,
                     Jsonb({"battle_id": battle.battle_id}), client, days)


# ---- what pages may send ----


@pytest.mark.parametrize("name", SERVERS)
def test_the_servers_own_events_are_not_taken_from_clients(api, user, battle, database, name):
    before = database.count("events", event_name=name), counted(database, battle)
    for sender in (api, user):
        send(sender, name, {"source_battle_id": battle.battle_id, "battle_id": battle.battle_id})
        send(sender, f" {name.upper()} ", {"battle_id": battle.battle_id})
    assert (database.count("events", event_name=name), counted(database, battle)) == before


@pytest.mark.parametrize("name", PAGES)
def test_what_pages_send_is_stored_with_its_client(api, user, battle, database, name):
    for sender in (api, user):
        send(sender, name, {"battle_id": battle.battle_id})
    rows = database.rows("SELECT user_id::text, client FROM events WHERE event_name = %s ORDER BY id", name)
    assert [row["user_id"] for row in rows] == [None, user.id]
    assert rows[0]["client"] == rows[1]["client"] is not None


def test_nobody_forges_a_place_in_the_feed(api, user, other, battle, database):
    """The attack: anonymous events lift one's own battle in the feeds of strangers."""
    for name in ("remix_completed", "battle_shared"):
        for _ in range(60):
            send(api, name, {"battle_id": battle.battle_id})
    (item,) = [item for item in made(other.get("/feed"), 200)["items"] if item["kind"] == "battle"]
    assert (item["battle"]["shares"], item["battle"]["remixes"]) == (1, 0)
    assert database.count("events", event_name="battle_shared") == 60  # the analytics count acts


@pytest.mark.parametrize("headers, status", [
    ({}, 202), ({"Content-Type": "text/plain"}, 202), ({"Content-Type": "application/json"}, 202),
    ({"Origin": "https://evil.example"}, 415),
    ({"Origin": "https://evil.example", "Content-Type": "text/plain;charset=UTF-8"}, 415),
    ({"Origin": "http://localhost:8080", "Content-Type": "application/x-www-form-urlencoded"}, 415),
    ({"Origin": "null", "Content-Type": "multipart/form-data; boundary=application/json"}, 415),
    ({"Origin": "null", "Content-Type": "text/plain; application/json"}, 415),
    ({"Origin": "null", "Content-Type": "application/jsonp"}, 415),
    ({"Origin": "", "Content-Type": "text/plain"}, 415),
    ({"Sec-Fetch-Site": "cross-site", "Content-Type": "text/plain"}, 415),
    ({"Sec-Fetch-Mode": "no-cors"}, 415), ({"Sec-Fetch-Dest": "empty"}, 415),
    ({"Origin": "https://evil.example", "Content-Type": "application/json"}, 202),
    ({"Origin": "https://evil.example", "Content-Type": "Application/JSON; charset=utf-8"}, 202),
    ({"Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}, 202)])
def test_a_page_must_send_json_so_that_its_browser_asks_first(api, database, headers, status):
    before = database.count("events")
    answer = api.client.post("/events", content=b'{"event_name":"daily_return"}', headers=headers)
    assert answer.status_code == status
    assert status == 202 or answer.json()["error"] == "content type must be application/json"
    assert database.count("events") - before == (status == 202)


def test_a_foreign_page_is_not_told_that_it_may(api):
    """So its browser sends no event."""
    answer = api.client.options("/events", headers={
        "Origin": "https://evil.example", "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type"})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("size, status", [(4096, 202), (4097, 400)])
@pytest.mark.parametrize("name", ["daily_return", "remix_completed"])
def test_cleaned_metadata_is_small(api, database, name, size, status):
    metadata = {f"k{n:02}": ["x" * 180] for n in range(21)}  # over 21 * 180 bytes
    metadata["rest"] = "y" * 99
    length = lambda: len(json.dumps(metadata, separators=(",", ":")))
    metadata["rest"] = "y" * (99 + size - length())
    assert length() == size and len(metadata["rest"]) <= 180
    answer = api.client.post("/events", json={"event_name": name, "metadata": metadata | {"content": "x" * 500}})
    assert answer.status_code == status
    assert status == 202 or answer.json()["error"] == "metadata is too large"
    assert database.count("events", event_name=name) == (status == 202 and name == "daily_return")


# ---- shares ----


def test_a_users_share_counts_once_a_day_though_fifty_come_at_once(user, other, battle, database):
    in_parallel(50, lambda: share(other, battle))
    assert counted(database, battle) == (1, 0)
    share(user, battle)
    assert counted(database, battle) == (2, 0)
    assert database.count("events", event_name="battle_shared") == 51


def test_visitors_count_by_address(api, battle, database):
    at_once(*[lambda n=n: share(api, battle, at=f"192.0.2.{1 + n % 5}") for n in range(50)])
    assert counted(database, battle) == (5, 0)


def test_a_network_of_ipv6_is_one_visitor_though_it_has_many_addresses(api, battle, database):
    for at in ("2001:db8:1::1", "2001:db8:1:2::1", "2001:db8:1:ffff:8000::1"):
        share(api, battle, at=at)
    assert counted(database, battle) == (1, 0)
    share(api, battle, at="2001:db8:2::1")
    assert counted(database, battle) == (2, 0)


def test_a_user_counts_as_one_wherever_and_users_of_one_address_each(api, user, other, battle, database):
    for at in ("192.0.2.1", "192.0.2.2"):
        share(user, battle, at=at)
        share(other, battle, at=at)
    assert counted(database, battle) == (2, 0)


def test_whose_account_is_gone_counts_by_address(api, other, battle, database):
    database.execute("DELETE FROM users WHERE id = %s", other.id)
    for _ in range(3):
        share(other, battle)
        share(api, battle)
    assert counted(database, battle) == (1, 0)


def test_each_day_and_each_battle_counts_anew(user, other, room, battle, database):
    second = made(user.post(f"/rooms/{room.id}/battles", json={"topic": "Vim or Emacs?"}), 201)
    for days in (0, 1, 1, 13, 14):
        by_hand(database, "battle_shared", battle, other, days=days)
        by_hand(database, "battle_shared", second, other, days=0)
    assert (counted(database, battle), counted(database, second)) == ((3, 0), (1, 0))


def test_of_what_an_operator_writes_for_nobody_each_row_counts(other, battle, database):
    for _ in range(3):
        by_hand(database, "battle_shared", battle)
        by_hand(database, "remix_completed", battle)
        by_hand(database, "battle_shared", battle, client="7d444840-9dc0-41d1-b245-5ffdce74fad2")
    assert counted(database, battle) == (4, 3)


def test_an_address_is_nowhere_in_the_events(api, battle, database):
    share(api, battle, at="198.51.100.77")
    row = database.row("SELECT e::text AS text FROM events e WHERE event_name = 'battle_shared'")
    assert "198.51" not in row["text"] and "c6336" not in row["text"]


def test_a_battle_that_does_not_exist_leaves_nothing_to_count(api, database):
    for n in range(20):
        send(api, "battle_shared", {"battle_id": f"7d444840-9dc0-41d1-b245-5ffdce74fa{n:02}"})
    assert database.count("battle_sharers") == database.count("battle_engagement") == 0


def test_who_shared_is_forgotten_when_no_window_has_the_day(other, user, battle, database):
    database.execute("INSERT INTO battle_sharers SELECT utc_day(now()) - n, gen_random_uuid(), gen_random_uuid() "
                     "FROM generate_series(1, 50) n")
    for person in (other, user):
        share(person, battle)
    kept = database.value("SELECT utc_day(now()) - min(day) FROM battle_sharers")
    assert kept == 15
    assert database.count("battle_sharers") == 15 + 2


# ---- remixes ----


def test_a_token_that_is_used_again_counts_once_a_user(user, other, room, battle, database):
    """The attack: one token, three uses by two users, three remixes."""
    token, third = intent(other, battle), sign_up(user.api)
    for who in (other, other, third):
        assert remix(who, battle, room, token).remix_used
    assert counted(database, battle) == (0, 2)
    assert database.count("events", event_name="remix_completed") == 3


def test_remixes_at_once_count_once(other, room, battle, database):
    token = intent(other, battle)
    in_parallel(20, lambda: remix(other, battle, room, token))
    assert counted(database, battle) == (0, 1)


def test_a_users_first_remix_counts_ever(other, room, battle, database):
    database.execute("INSERT INTO battle_remixers VALUES (%s, %s, utc_day(now()) - 100)", other.id, battle.battle_id)
    remix(other, battle, room)
    database.execute("SELECT recount_events()")
    assert counted(database, battle) == (0, 0)


def test_who_remixed_goes_with_the_account(other, room, battle, database):
    remix(other, battle, room)
    database.execute("DELETE FROM users WHERE id = %s", other.id)
    assert database.count("battle_remixers") == 0


# ---- templates ----


def uses(database, template):
    return database.value("SELECT template_uses(%s)", template.id)


def test_a_template_counts_once_a_user_and_day(user, other, room, database):
    template = made(user.post("/templates", json={"name": "Duel", "prompt_rules": "Be brief.", "turn_count": 4,
                                                  "word_limit": 80, "is_public": True}), 201)
    body = {"topic": "Tabs or spaces?", "template_id": template.id}
    in_parallel(20, lambda: made(user.post(f"/rooms/{room.id}/battles", json=body), 201))
    assert uses(database, template) == 1
    made(other.post(f"/rooms/{room.id}/battles", json=body), 201)
    assert uses(database, template) == 2
    database.execute("INSERT INTO posts (room_id, user_id, status, content, template_id, created_at) "
                     "SELECT %s, %s, 'PUBLISHED', 'x', %s, now() - interval '1 day' FROM generate_series(1, 3)",
                     room.id, user.id, template.id)
    assert uses(database, template) == 3


def test_uses_that_no_feed_reads_go(user, room, database):
    template = database.value("SELECT id FROM templates LIMIT 1")
    database.execute("INSERT INTO template_usage SELECT %s, utc_day(now()) - n, 0, 1 FROM generate_series(1, 60) n",
                     template)
    database.execute("INSERT INTO template_users SELECT utc_day(now()) - n, %s, gen_random_uuid() "
                     "FROM generate_series(31, 32) n", template)
    made(user.post(f"/rooms/{room.id}/battles", json={"topic": "Tabs or spaces?", "template_id": str(template)}), 201)
    assert database.value("SELECT utc_day(now()) - min(day) FROM template_usage") == 30
    assert database.count("template_users") == 1


# ---- however they come ----


def test_counting_anew_gives_the_same(user, other, room, battle, database, api):
    for days in (13, 5, 5, 0):
        by_hand(database, "battle_shared", battle, other, days=days)
        by_hand(database, "battle_shared", battle, days=days)
    share(api, battle)
    share(api, battle)
    by_hand(database, "remix_completed", battle, user, days=3)
    remix(user, battle, room)
    remix(other, battle, room)
    tables = ("SELECT battle_id, day, shares, remixes FROM battle_engagement ORDER BY 1, 2",
              "SELECT * FROM battle_sharers ORDER BY 1, 2, 3", "SELECT * FROM battle_remixers ORDER BY 1, 2")
    kept = [database.rows(table) for table in tables]
    assert all(kept)
    database.execute("SELECT recount_events()")
    assert [database.rows(table) for table in tables] == kept


def test_a_copy_with_all_at_once_counts_the_same(user, other, battle, database):
    today = datetime.now(timezone.utc)
    rows = [(str(who.id), name, battle.battle_id, today - timedelta(days=days))
            for who in (user, other) for name in ("battle_shared", "remix_completed") for days in (0, 0, 1, 2)]
    with database.connect() as connection, connection.cursor().copy(
            "COPY events (user_id, event_name, metadata, created_at) FROM STDIN") as copy:
        for who, name, battle_id, at in rows:
            copy.write_row((who, name, Jsonb({"battle_id": battle_id}), at))
    assert counted(database, battle) == (6, 2)


def test_voters_of_the_same_battles_never_meet_in_a_deadlock(user, other, room, database):
    battles = [made(user.post(f"/rooms/{room.id}/battles", json={"topic": f"Topic {n}"}), 201).battle_id
               for n in range(6)]

    def write():
        database.execute(
            "INSERT INTO events (user_id, event_name, metadata) SELECT u, (ARRAY['battle_shared', 'remix_completed'])"
            "[1 + n %% 2], jsonb_build_object('battle_id', b) FROM unnest(%s::text[]) b, unnest(%s::uuid[]) u, "
            "generate_series(1, 6) n ORDER BY random()", battles, [user.id, other.id])

    in_parallel(20, write)
    assert database.rows("SELECT DISTINCT shares, remixes FROM battle_engagement "
                         "WHERE day = utc_day(now())") == [{"shares": 2, "remixes": 2}]


@pytest.mark.parametrize("name", ["battle_shared", "remix_completed", "daily_return"])
def test_the_count_costs_the_same_whatever_was_counted_before(other, battle, database, name):
    """By their keys alone, however many voters, windows and posts there are."""
    database.execute("INSERT INTO posts (room_id, user_id, status, content) SELECT room_id, user_id, status, content "
                     "FROM posts, generate_series(1, 5000) WHERE id = %s", battle.battle_id)
    database.execute("INSERT INTO battle_engagement (battle_id, day, posted_at, shares, remixes) "
                     "SELECT id, utc_day(now()), created_at, 1, 0 FROM posts")
    database.execute("INSERT INTO battle_remixers SELECT %s, gen_random_uuid(), utc_day(now()) "
                     "FROM generate_series(1, 20000)", other.id)
    database.execute("INSERT INTO battle_sharers SELECT utc_day(now()), %s, gen_random_uuid() "
                     "FROM generate_series(1, 100000)", battle.battle_id)
    database.execute("VACUUM ANALYZE posts, battle_sharers, battle_engagement, battle_remixers")
    reads = "SELECT coalesce(sum(seq_tup_read), 0) + coalesce(sum(idx_tup_fetch), 0) FROM pg_stat_xact_user_tables " \
            "WHERE relname IN ('posts', 'battle_sharers', 'battle_engagement', 'battle_remixers')"
    with database.connect() as connection, connection.transaction():
        connection.execute("INSERT INTO events (user_id, event_name, metadata) VALUES (%s, %s, %s)",
                           [other.id, name, Jsonb({"battle_id": battle.battle_id})])
        assert list(connection.execute(reads).fetchone().values())[0] < 100


def test_the_migration_of_a_database_with_events_goes_through(cluster):
    """Rows of before neither stop it nor count anew."""
    files = sorted((CHECKOUT / "backend/migrations").glob("*.sql"))
    before = [file for file in files if file.name < "024"]
    database = cluster.create()
    try:
        with database.connect() as connection:
            for file in before:
                connection.execute(file.read_text())
            connection.execute("INSERT INTO users (email, password_hash) VALUES ('a@b', 'x')")
            connection.execute("INSERT INTO templates (owner_user_id, name, prompt_rules, turn_count, word_limit) "
                               "SELECT id, 'Se.cret (1)', 'x', 4, 80 FROM users")
            connection.execute("INSERT INTO rooms (slug, name) VALUES ('r', 'R')")
            connection.execute(
                "INSERT INTO posts (room_id, user_id, status, content, template_id) SELECT r.id, u.id, 'PUBLISHED', "
                "E'Topic: Tabs?\\nTemplate: Se.cret (1)\\nPro style: a\\nTemplate: mine', t.id "
                "FROM rooms r, users u, templates t WHERE t.owner_user_id = u.id")
            connection.execute("INSERT INTO events (user_id, event_name, metadata) SELECT u.id, name, "
                               "jsonb_build_object('battle_id', p.id) FROM users u, posts p, generate_series(1, 3), "
                               "unnest(ARRAY['battle_shared', 'remix_completed']) name")
            for file in files[len(before):]:
                connection.execute(file.read_text())
        sums = "SELECT DISTINCT shares, remixes FROM battle_engagement"
        assert database.rows(sums) == [{"shares": 3, "remixes": 3}]
        database.execute("SELECT recount_events()")
        assert database.rows(sums) == [{"shares": 1, "remixes": 1}]
        assert database.value("SELECT content FROM posts") == "Topic: Tabs?\nPro style: a\nTemplate: mine"
    finally:
        database.drop()
