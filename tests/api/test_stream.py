"""GET /stream: what happens is seen at once, once, and by those alone whom it concerns."""
import socket
import time

import pytest

from support import tokens
from support.battles import write_battle
from support.exposition import Page
from support.live import Answer, Stream, request_of, streams_open
from support.people import made, new_room, sign_up
from support.program import Api, Worker, run
from support.sessions import log_in
from support.waiting import eventually


@pytest.fixture
def database(own_database):
    own_database.execute("ALTER TABLE users ALTER weekly_due_at DROP DEFAULT")
    return own_database


@pytest.fixture
def api(start):
    return start(Api, STREAM_LIFE="1h", TRUSTED_PROXIES="127.0.0.1/32")


@pytest.fixture
def post(database, user):
    return write_battle(database, user)


def add_reply(database, post, persona=None, content="I doubt it."):
    """A reply that nobody tells of, as if the worker had died before it could."""
    return str(database.value("INSERT INTO replies (post_id, persona_id, content) VALUES (%s, %s, %s) RETURNING id",
                              post.id, persona and persona.id, content))


# ---- what is told

def test_a_reply_is_seen_with_its_thread(api, user, persona, post, worker):
    with Stream(api, post) as stream:
        user.ask_for_replies(post, persona)
        event = stream.wait_for("reply")
        thread = user.thread(post)
        assert event.data["post_id"] == post.id and event.data["reply"] == thread["replies"][0]
        assert event.data["replies_count"] == 1 and event.data["version"]
        pending = eventually(lambda: (found := stream.named("pending")) and found[-1].data["running"] == 0
                             and found[-1].data["queued"] == 0 and found)
        assert persona.name in pending[0].data["names"] and pending[-1].data["names"] == []
    eventually(lambda: streams_open(api) == 0)


def test_a_summary_is_seen(api, user, persona, post, worker):
    with Stream(api, post) as stream:
        user.ask_for_replies(post, persona)
        stream.wait_for("reply")
        eventually(lambda: user.thread(post)["ai_summary_status"] == "fresh", within=15)
        event = stream.wait_for("summary")
        assert (event.data["post_id"], event.data["ai_summary"]) == (post.id, user.thread(post)["ai_summary"])


def test_a_job_that_fails_for_good_says_so_in_a_code_alone(api, start, user, persona, post):
    start(Worker, MOCK_LLM_FAILURE="refused", MOCK_LLM_FAILURE_RATE="1")
    with Stream(api, post) as stream:
        user.ask_for_replies(post, persona)
        failed = eventually(lambda: [e for e in stream.named("pending") if "failed" in e.data], within=15)[0]
        assert failed.data["failed"]["persona_name"] == persona.name
        assert failed.data["failed"]["code"].replace("_", "").isalnum()


def test_notifications_and_their_reading(api, user, persona, other, start):
    elsewhere = start(Api, STREAM_LIFE="1h")
    profile = made(user.post(f"/personas/{persona.id}/publish-profile", json={}), 200)
    with Stream(elsewhere, user=user) as stream, Stream(elsewhere, user=other) as others:
        assert other.post(f"/p/{profile.slug}/follow", json={}).status_code == 200
        told = stream.wait_for("notification").data
        listed = user.get("/notifications").json()
        assert told == {"notification": listed["notifications"][0], "unread_count": 1}
        user.post(f"/notifications/{told['notification']['id']}/read", json={})
        assert stream.wait_for("unread").data == {"unread_count": 0}
        assert not others.named("notification") and not others.named("unread")


def test_a_follower_hears_of_new_posts(api, user, persona, other, room):
    profile = made(user.post(f"/personas/{persona.id}/publish-profile", json={}), 200)
    other.post(f"/p/{profile.slug}/follow", json={})
    with Stream(api, user=other) as stream, Stream(api, user=user) as own:
        user.publish(persona, room)
        assert stream.wait_for("feed").data == {"newer": 1}
        user.publish(persona, room)
        user.publish(persona, room)
        assert stream.wait_for("feed", count=2).data["newer"] >= 1
        first, second = stream.named("feed")[:2]
        assert second.at - first.at > 8, "at most one in ten seconds"
        assert not own.named("feed")


def test_digests_are_seen_by_their_owner(api, user, other, persona, room, start, database):
    start(Worker, WORKER_POLL_EVERY="200ms")  # it looks whose week is due at every tenth poll
    with Stream(api, user=user) as stream, Stream(api, user=other) as others:
        user.publish(persona, room)
        assert stream.wait_for("digest").data == {"kind": "persona", "persona_id": persona.id}
        database.execute("UPDATE users SET weekly_due_at = now() WHERE id = %s", user.id)
        eventually(lambda: [e for e in stream.named("digest") if e.data == {"kind": "weekly"}], within=30)
        assert not others.named("digest")


def test_a_draft_is_nobodys_until_it_is_published(api, user, persona, room):
    draft = user.draft(persona, room)
    with Stream(api, draft) as stream:
        user.approve(draft)
        assert stream.wait_for("thread").data["post_id"] == draft.id
        assert {event.name for event in stream.events} == {"hello", "thread"}


def test_a_sweep_finds_what_nobody_told_of_and_a_quiet_stream_has_comments(api, database, user, post, persona):
    """Also what goes, and what is written by hand. One test, as both take a quarter of a minute."""
    touched, deleted, quiet = (write_battle(database, user) for _ in range(3))
    with Stream(api, post, touched, deleted) as stream, Stream(api, quiet) as idle:
        reply = add_reply(database, post, persona)
        database.execute("UPDATE posts SET updated_at = now() WHERE id = %s", touched.id)
        database.execute("DELETE FROM posts WHERE id = %s", deleted.id)
        assert stream.wait_for("reply", within=40).data["reply"]["id"] == reply
        assert stream.wait_for("thread", within=40).data["post_id"] == touched.id
        assert stream.wait_for("gone", within=40).data == {"post_id": deleted.id}
        assert sorted(event.name for event in stream.events) == ["gone", "hello", "reply", "thread"]
        eventually(lambda: idle.frames.comments >= 1, within=25)


def test_a_post_that_its_owner_deletes_is_gone_at_once(api, start, user, post):
    elsewhere = start(Api, STREAM_LIFE="1h")
    with Stream(elsewhere, post) as stream, Stream(elsewhere, post) as other:
        deleted = time.monotonic()
        assert user.request("DELETE", f"/posts/{post.id}").status_code == 200
        for watching in (stream, other):
            assert watching.wait_for("gone").data == {"post_id": post.id}
            assert watching.named("gone")[0].at - deleted < 5, "no sweep was needed"
    with Stream(elsewhere, post, last_id=stream.last_id) as again:
        assert again.events[0].data["resumed"] is True and not again.named("gone")


# ---- the answer

def test_how_a_stream_begins(api, post):
    with Stream(api, post) as stream:
        headers = stream.frames.headers
        assert headers["content-type"] == "text/event-stream; charset=utf-8"
        assert headers["cache-control"] == "no-store" and headers["x-accel-buffering"] == "no"
        assert stream.frames.body.startswith(b"retry: 2000\n\n")
        hello = stream.events[0]
        assert hello.name == "hello" and hello.data["resumed"] is False and hello.data["build"]
        assert hello.data["now"].endswith("Z") and len(hello.id.split(".")[0]) == 8


def test_a_stream_begins_with_where_all_that_it_watches_stands(api, start, database, user, other, persona, post):
    draft = write_battle(database, user, status="DRAFT")
    made(user.post(f"/personas/{persona.id}/publish-profile", json={"slug": f"ada-{persona.id[:8]}"}), 200)
    add_reply(database, post)
    with Stream(api, post, draft, user=user) as stream:
        data = stream.events[0].data
        assert data["threads"] == {post.id: {"version": user.thread(post)["version"], "queued": 0, "running": 0,
                                             "ai_summary_status": "unavailable"}}
        assert data["unread_count"] == 0
        made(other.post(f"/p/ada-{persona.id[:8]}/follow"), 200)
        stream.wait_for("notification")
        user.ask_for_replies(post, persona)
        stream.wait_for("pending")
        with Stream(api, post, user=user, last_id=stream.last_id) as again:
            data = again.events[0].data
            assert data["resumed"] and data["unread_count"] == 1 and data["threads"][post.id]["queued"] == 1
        start(Worker)
        eventually(lambda: stream.named("pending")[-1].data["names"] == [], within=15)
        thread = eventually(lambda: (read := user.thread(post))["ai_summary_status"] == "fresh" and read, within=15)
        state = {"version": thread["version"], "queued": 0, "running": 0, "ai_summary_status": "fresh"}
        # The summary of one reply may be told before that of both.
        data = eventually(lambda: (seen := hello(api, post))["threads"] == {post.id: state} and seen, within=15)
        assert len(thread["replies"]) == 2 and "unread_count" not in data


def hello(api, post):
    with Stream(api, post) as visitor:
        return visitor.events[0].data


def test_head_has_no_stream(api, post):
    stream = Stream(api, post, method="HEAD")
    assert stream.status == 200
    stream.wait_for_end()
    assert stream.frames.body == b"" and stream.frames.headers["content-type"].startswith("text/event-stream")
    stream.close()
    eventually(lambda: streams_open(api) == 0)


def test_http_1_0_has_no_chunks(api, database, post):
    stream = Stream(api, post, version="1.0").begun()
    assert "transfer-encoding" not in stream.frames.headers
    api.interrupt()
    assert stream.wait_for("bye").data == {"reason": "shutdown"}
    stream.wait_for_end()
    stream.close()
    api.wait_for_end()


def test_bytes_behind_the_request_are_thrown_away(api, user, post):
    with Stream(api, post) as stream:
        for _ in range(50):
            stream.socket.sendall(request_of(api) + b"x" * 4096)
        assert user.request("DELETE", f"/posts/{post.id}").status_code == 200
        stream.wait_for("gone")
        assert stream.frames.body.count(b"hello") == 1


def test_a_client_that_closes_its_side_is_let_go(api, post):
    with Stream(api, post) as stream:
        eventually(lambda: streams_open(api) == 1)
        stream.socket.shutdown(socket.SHUT_WR)
        stream.wait_for_end()
        eventually(lambda: streams_open(api) == 0)


# ---- who may

def refusal(api, *watch, user=None, headers=None):
    watched = {"watch": ",".join(getattr(post, "id", post) for post in watch)}
    token = {"Authorization": f"Bearer {user.token}"} if user else {}
    answer = api.client.get("/stream", params=watched, headers=(headers or {}) | token)
    return answer.status_code, answer.json()["error"], answer.headers.get("Retry-After")


def test_what_is_refused(api, user, post):
    ids = [f"00000000-0000-4000-8000-{i:012d}" for i in range(51)]
    with Stream(api, *ids[:50], user=user):
        pass
    with Stream(api, *ids[:50], ids[0], user=user):
        pass  # the same one twice
    assert refusal(api, *ids)[:2] == (400, "watch must be at most 50 post ids")
    assert refusal(api, "no-id")[:2] == (400, "watch must be at most 50 post ids")
    for bad in ("x.y.z", tokens.token(tokens.claims_for(user.id) | {"exp": 1})):
        user.token, good = bad, user.token
        assert refusal(api, post, user=user)[:2] == (401, "invalid token")
        user.token = good


def test_a_user_has_ten_streams_and_an_address_twenty(api, user, post):
    via = lambda address: {"X-Forwarded-For": address}
    streams = [Stream(api, user=user, headers=via(f"192.0.2.{i}")).begun() for i in range(10)]
    assert refusal(api, user=user, headers=via("192.0.2.99")) == (429, "too many open streams", "10")
    crowd = [Stream(api, post, headers=via(f"2001:db8:1:2::{i:x}")).begun() for i in range(20)]
    assert refusal(api, post, headers=via("2001:db8:1:2:ffff::1"))[0] == 429
    crowd.append(Stream(api, post, headers=via("2001:db8:1:3::1")).begun())
    streams.pop().close()
    eventually(lambda: streams_open(api) == 30)
    streams.append(Stream(api, user=user, headers=via("192.0.2.99")).begun())
    for stream in streams + crowd:
        stream.close()
    eventually(lambda: streams_open(api) == 0)


def test_a_full_process_says_so(start, post):
    small = start(Api, STREAM_LIFE="1h", STREAM_MAX=2)
    small.expect_errors("http_request")
    streams = [Stream(small, post).begun() for _ in range(2)]
    assert refusal(small, post) == (503, "server is busy", "1")
    streams.pop().close()
    eventually(lambda: streams_open(small) == 1)
    with Stream(small, post):
        streams.pop().close()


def test_opening_is_limited_by_address(start, post):
    strict = start(Api, RATE_LIMIT_STREAM_OPEN="2/1m")
    for _ in range(2):
        Stream(strict, post).begun().close()
    assert refusal(strict, post)[:2] == (429, "rate limit exceeded")


# ---- how it ends

def test_a_session_that_ends_ends_its_streams(api, user, start, post):
    elsewhere = start(Api, STREAM_LIFE="1h")
    again = log_in(user)
    with Stream(elsewhere, post, user=again) as stream, Stream(elsewhere, post, user=user) as other:
        began = time.monotonic()
        again.post("/auth/logout", json={})
        assert stream.wait_for("bye").data == {"reason": "expired"}
        assert time.monotonic() - began < 5
        stream.wait_for_end()
        assert not other.ended.is_set()


def test_a_stream_ends_with_its_token(api, user, post):
    user.token = tokens.token(tokens.claims_for(user.id) | {"exp": int(time.time()) + 3})
    with Stream(api, post, user=user) as stream:
        assert stream.wait_for("bye").data == {"reason": "expired"}
        stream.wait_for_end()
        assert stream.frames.is_whole


def test_a_stream_has_a_life(start, post):
    api = start(Api)
    with Stream(api, post) as stream:
        assert stream.wait_for("bye").data == {"reason": "limit"}
        stream.wait_for_end()


def test_a_blocked_address_is_let_go(api, database, post):
    with Stream(api, post, headers={"X-Forwarded-For": "198.51.100.7"}) as stream, Stream(api, post) as other:
        run("block", "add", "198.51.100.7", DATABASE_URL=database.url)
        stream.wait_for("bye")
        stream.wait_for_end()
        assert not other.ended.is_set()


def test_a_deleted_account_has_no_stream(api, user):
    with Stream(api, user=user) as stream:
        assert user.request("DELETE", "/me", json={"password": user.password}).status_code == 202
        stream.wait_for("bye")


def test_a_stop_says_goodbye(api, user, post):
    with Stream(api, post, user=user) as one, Stream(api, post) as other:
        api.interrupt()
        for stream in (one, other):
            assert stream.wait_for("bye").data == {"reason": "shutdown"}
            stream.wait_for_end()
            assert stream.frames.is_whole
    api.wait_for_end()


def test_a_stream_that_comes_while_the_process_stops_is_no_error(start, user, post):
    api = start(Api, API_THREADS=1, STREAM_LIFE="1h")
    with Stream(api, post) as one, Answer(api, b"") as late:
        request = request_of(api, [post.id])
        late.socket.sendall(request[:20])
        eventually(lambda: api.readiness()[0] == 200)  # which the same thread answers after it
        api.interrupt()
        one.wait_for("bye")
        late.socket.sendall(request[20:])
        assert late.status == 503 and late.frames.headers["retry-after"] == "1"
        late.wait_for_end()
    api.wait_for_end()
    line = next(line for line in api.log.find("http_request", route="/stream") if line["status"] == 503)
    assert line["level"] == "info" and line["error"] == "stopping"


def test_a_reader_that_stops_reading_is_dropped(api, database, user, post):
    """What waits for it is bounded, and it is told so where it reads again."""
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.connect(("127.0.0.1", api.port))
    slow.sendall(request_of(api, [post.id]))
    with Stream(api, post) as quick:
        eventually(lambda: streams_open(api) == 2)
        for i in range(40):
            database.execute("INSERT INTO replies (post_id, content) SELECT %s, repeat('x', 9000) "
                             "FROM generate_series(1, 2)", post.id)
            database.execute("SELECT pg_notify('pw_live', %s)", f"p{post.id}")
            quick.wait_for("reply", count=2 * (i + 1), within=40)  # all at once would be too much for it, too
        eventually(lambda: streams_open(api) == 1)
        assert not quick.ended.is_set()
    read = b""
    slow.settimeout(10)
    while data := slow.recv(1 << 16):
        read += data
    slow.close()
    assert b'event: bye\ndata: {"reason":"slow"}' in read
    assert api.log.wait_for("http_request", route="/stream", error="client is too slow")


# ---- again

def test_a_stream_goes_on_where_it_was_cut(api, database, user, persona, post, worker):
    with Stream(api, post, user=user) as stream:
        pass
    user.ask_for_replies(post, persona)
    eventually(lambda: user.thread(post)["replies"])
    with Stream(api, post, user=user, last_id=stream.last_id) as again:
        assert again.events[0].data["resumed"] is True
        again.wait_for("reply")
        assert not again.named("reset")
        last = again.last_id
    with Stream(api, post, user=user, last_id=last) as third:
        assert third.events[0].data["resumed"] is True and not third.named("reply")
    page = Page(api.metrics())
    assert page.value("stream_resumes_total", result="resumed") == 2


@pytest.mark.parametrize("last_id", ["00000000.1", "nonsense", "ffffffff.99999999999999999999"])
def test_what_isnt_known_any_more_is_a_reset(api, post, last_id):
    with Stream(api, post, last_id=last_id) as stream:
        stream.wait_for("reset")
        assert stream.events[0].data["resumed"] is False
        assert Page(api.metrics()).value("stream_resumes_total", result="reset") == 1


def test_what_nobody_watched_meanwhile_is_a_reset(api, database, user, post):
    other = write_battle(database, user)
    with Stream(api, post) as stream:
        pass
    with Stream(api, post, other, last_id=stream.last_id) as again:
        again.wait_for("reset")


def test_a_lost_listener_resets_all(api, database, user, persona, room):
    post = user.draft(persona, room)
    with Stream(api, post) as stream:
        eventually(lambda: database.value(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"))
        database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                         "WHERE datname = current_database() AND query LIKE 'LISTEN%'")
        stream.wait_for("reset", within=15)
        user.approve(post)
        stream.wait_for("thread", within=40)
    with Stream(api, post, last_id=stream.events[0].id) as again:
        again.wait_for("reset")


