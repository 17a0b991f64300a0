"""Idempotency-Key: a request that is repeated has one effect and one answer, whatever ends on the
way."""
import json
import re
import threading
import uuid

import httpx
import pytest

from fakes.openai import FakeProvider, answer, status
from support.keyed import KEYED, TEMPLATE, USED, Scene, insist, is_refused, is_replay, is_running, keyed
from support.openapi import route_table
from support.people import new_room
from support.program import Api, Worker
from support.relay import Relay
from support.statements import NAMES, numbered_anew, parts_of, text_of
from support.waiting import at_once, eventually, in_parallel

DAY = 24 * 3600
# Authorised POST routes that take no key: a repetition does the same again, or nothing.
WITHOUT = {"/auth/logout", "/auth/refresh", "/me/verify", "/me/sessions/end-others",
           "/personas/{id}/publish-profile", "/personas/{id}/unpublish-profile",
           "/notifications/{id}/read", "/notifications/read", "/notifications/read-all"}


@pytest.fixture
def scene(api, database):
    return Scene(api, database)


@pytest.fixture
def key():
    return f"key-{uuid.uuid4()}"


@pytest.fixture(scope="module")
def provider():
    with FakeProvider() as provider:
        yield provider


@pytest.fixture(scope="module")
def scripted(database, provider):
    """An API whose model is the scripted provider."""
    with Api(database.url, LLM_PROVIDER="openai", OPENAI_BASE_URL=provider.url, OPENAI_MAX_ATTEMPTS=1) as api:
        yield api


def keys_of(database, user):
    return database.rows("SELECT * FROM idempotency_keys WHERE user_id = %s", user.id)


# ---- each route


def test_every_authorised_post_takes_a_key_or_does_the_same_again(document):
    takes = {pattern for (_, pattern), operation in document.operations.items()
             if any(parameter["name"] == "Idempotency-Key" for parameter in operation["parameters"])}
    posts = {pattern for method, pattern in route_table() if method == "POST"
             and document.operations[method, pattern]["security"] == [{"bearer": []}]}
    assert takes == set(KEYED) and posts - takes == WITHOUT


@pytest.mark.parametrize("pattern", KEYED)
def test_fifty_at_once_have_one_effect_and_one_answer(scene, key, pattern):
    path, body, _, effects = scene.request(pattern)
    answers = in_parallel(50, lambda: insist(lambda: keyed(scene.user, key, path, body)))
    first = [answer for answer in answers if "Idempotency-Replayed" not in answer.headers]
    assert len(first) == 1 and first[0].status_code < 300
    assert all(is_replay(answer, first[0]) for answer in answers if answer is not first[0])
    assert effects() == 1


@pytest.mark.parametrize("pattern", KEYED)
def test_a_key_is_for_one_request_of_one_user(api, database, scene, key, pattern):
    path, body, other_body, effects = scene.request(pattern)
    first = keyed(scene.user, key, path, body)
    assert first.status_code < 300, first.text
    assert is_refused(keyed(scene.user, key, path, other_body), 409, USED) and effects() == 1
    assert is_refused(keyed(scene.user, key, f"{path}{'&' if '?' in path else '?'}x=1", body), 409, USED)
    assert is_replay(keyed(scene.user, key, path, body), first)
    neighbour = Scene(api, database)
    path, body, _, effects = neighbour.request(pattern)
    another = keyed(neighbour.user, key, path, body)
    assert another.status_code == first.status_code and "Idempotency-Replayed" not in another.headers
    assert another.content != first.content or pattern.endswith(("preview", "replies"))
    assert effects() == 1


@pytest.mark.parametrize("pattern", KEYED)
def test_without_a_key_nothing_is_kept(scene, database, pattern):
    path, body, _, _ = scene.request(pattern)
    assert scene.user.post(path, json=body).status_code < 300
    assert keys_of(database, scene.user) == []


@pytest.mark.parametrize("name", [name for name in NAMES if "keep_answer(" in text_of(name)])
def test_without_a_key_no_function_is_called_for_it(database, name):
    """The planner has put the look at the claim in place of the call."""
    ((_, code),) = parts_of(name)
    code, used = numbered_anew(code)
    with database.connect() as connection:
        connection.execute(f"PREPARE asked AS {code}")
        plan = connection.execute(f"EXPLAIN VERBOSE EXECUTE asked({', '.join(['NULL'] * len(used))})").fetchall()
    text = "\n".join(row["QUERY PLAN"] for row in plan)
    assert "record_answer(" in text and "keep_answer(" not in text


@pytest.mark.parametrize("pattern", KEYED)
def test_a_key_that_is_none_is_refused_with_what_it_may_be(scene, database, pattern):
    path, body, _, effects = scene.request(pattern)
    before = effects()
    for wrong in ("", "x" * 129, "a b", "a/b", "a,b", "ş".encode(), '"quoted"', "a\tb"):
        refused = keyed(scene.user, wrong, path, body)
        assert refused.status_code == 400 and refused.json()["code"] == "invalid_idempotency_key"
        assert "1 to 128 of the characters A-Z a-z 0-9 . _ -" in refused.json()["error"]
    assert effects() == before and keys_of(database, scene.user) == []


# ---- keys


def test_the_shortest_and_the_longest_key(user):
    for key in ("a", "-", "Z" * 128, "09.az_AZ-"):
        first = keyed(user, key, "/templates", TEMPLATE)
        assert first.status_code == 201 and is_replay(keyed(user, key, "/templates", TEMPLATE), first)


def test_a_header_that_is_sent_twice_is_refused(user, database):
    headers = [("Authorization", f"Bearer {user.token}"), ("Idempotency-Key", "a"), ("Idempotency-Key", "a")]
    refused = user.api.client.post("/templates", json=TEMPLATE, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_idempotency_key")
    assert database.count("templates", owner_user_id=user.id) == 0


def test_two_routes_are_two_keys_and_two_rooms_are_not(user, database, key):
    rooms = [new_room(database), new_room(database)]
    assert keyed(user, key, "/templates", TEMPLATE).status_code == 201
    first = keyed(user, key, f"/rooms/{rooms[0].id}/battles", {"topic": "One key"})
    assert first.status_code == 201 and "Idempotency-Replayed" not in first.headers
    assert is_refused(keyed(user, key, f"/rooms/{rooms[1].id}/battles", {"topic": "One key"}), 409, USED)


def test_other_routes_ignore_the_header(user):
    for wrong in ("", "x" * 129):
        assert keyed(user, wrong, "/notifications/read-all", {}).status_code == 200
        assert user.get("/personas", headers={"Idempotency-Key": wrong}).status_code == 200


def test_a_replay_needs_a_user_and_is_nobody_elses(user, other, key):
    first = keyed(user, key, "/templates", TEMPLATE)
    nobody = user.api.client.post("/templates", json=TEMPLATE, headers={"Idempotency-Key": key})
    assert nobody.status_code == 401
    theirs = keyed(other, key, "/templates", TEMPLATE)
    assert theirs.json()["id"] != first.json()["id"]


def test_what_was_refused_may_be_tried_again_with_its_key(scene, database, key):
    user, draft = scene.user, scene.draft
    path, body = f"/posts/{draft.id}/generate-replies", {"persona_ids": [scene.replier.id]}
    assert is_refused(keyed(user, key, path, body), 409, "replies can be generated only for published posts")
    assert is_refused(keyed(user, key, "/personas", {}), 400, "name is required")
    assert keys_of(database, user) == []
    user.approve(draft)
    first = keyed(user, key, path, body)
    assert (first.status_code, first.json()["enqueued"]) == (200, 1)
    assert is_replay(keyed(user, key, path, body), first)


def test_an_answer_is_kept_for_a_day_from_its_commit(user, database, key):
    first = keyed(user, key, "/templates", TEMPLATE)
    left = database.value("SELECT extract(epoch FROM expires_at - now()) FROM idempotency_keys WHERE user_id = %s",
                          user.id)
    assert DAY - 60 < left <= DAY
    age = "UPDATE idempotency_keys SET expires_at = now() + %s * interval '1 second' WHERE user_id = %s"
    database.execute(age, 60, user.id)
    assert is_replay(keyed(user, key, "/templates", TEMPLATE), first)
    database.execute(age, 0, user.id)
    second = keyed(user, key, "/templates", TEMPLATE | {"name": "Later"})
    assert second.status_code == 201 and second.json()["id"] != first.json()["id"]
    assert is_replay(keyed(user, key, "/templates", TEMPLATE | {"name": "Later"}), second)
    assert database.count("idempotency_keys", user_id=user.id) == 1


def test_old_keys_are_deleted_in_batches(user, database, start):
    """Two batches and a part, while somebody holds one of them."""
    write = ("INSERT INTO idempotency_keys (user_id, route, key, request_hash, holder, status, answer, expires_at) "
             "SELECT %s, 'POST /templates', %s || n, '', gen_random_uuid(), 201, '{}', "
             "now() + %s * interval '1 minute' FROM generate_series(1, %s) n")
    database.execute(write, user.id, "old", -1, 1200)
    database.execute(write, user.id, "new", 5, 3)
    with database.connect() as holder, holder.transaction():
        holder.execute("SELECT FROM idempotency_keys WHERE key = 'old7' FOR UPDATE")
        start(Worker)
        eventually(lambda: {row["key"] for row in keys_of(database, user)} == {"old7", "new1", "new2", "new3"},
                   within=20)


# ---- the model


PATHS = {"draft": "/rooms/{id}/posts/draft", "preview": "/personas/{id}/preview"}


class Writing:
    """A text of the provider's that waits for its word."""

    def __init__(self, provider):
        self.asked, self.go_on = threading.Event(), threading.Event()
        provider.default = answer(self._write)

    def _write(self, _):
        self.asked.set()
        assert self.go_on.wait(20)
        return "Written once. Is it?"


@pytest.mark.parametrize("kind", PATHS)
def test_while_the_model_writes_repetitions_wait(database, scripted, provider, key, kind):
    provider.default = answer("All is well. Is it?")
    scene = Scene(scripted, database)
    path, body, other_body, effects = scene.request(PATHS[kind])
    writing = Writing(provider)

    def meanwhile():
        assert writing.asked.wait(10)
        try:
            assert is_running(keyed(scene.user, key, path, body))
            assert is_refused(keyed(scene.user, key, path, other_body), 409, USED)
        finally:
            writing.go_on.set()

    first, _ = at_once(lambda: keyed(scene.user, key, path, body), meanwhile)
    assert first.status_code < 300 and "Written once." in first.text
    assert is_replay(keyed(scene.user, key, path, body), first) and effects() == 1


@pytest.mark.parametrize("kind", PATHS)
def test_what_was_streamed_is_repeated_whole(database, api, key, kind):
    """Whatever the repetition prefers: there is nothing left to wait for."""
    scene = Scene(api, database)
    path, body, _, effects = scene.request(PATHS[kind])

    def ask(accept):
        return scene.user.post(path, json=body, headers={"Idempotency-Key": key, "Accept": accept})

    streamed = ask("text/event-stream")
    assert streamed.headers["content-type"].startswith("text/event-stream")
    done = json.loads(re.search(r"^event: done\ndata: (.*)$", streamed.text, re.MULTILINE)[1])
    for accept in ("text/event-stream", "application/json"):
        again = ask(accept)
        assert (again.status_code, again.json()) == (streamed.status_code, done)
        assert again.headers["idempotency-replayed"] == "true"
    assert effects() == 1


@pytest.mark.parametrize("kind", PATHS)
def test_what_the_model_failed_at_may_be_tried_again_at_once(database, scripted, provider, key, kind):
    scripted.expect_errors("http_request")
    provider.default = answer("All is well. Is it?")
    scene = Scene(scripted, database)
    path, body, _, effects = scene.request(PATHS[kind])
    provider.default = status(400)
    for _ in range(2):
        assert keyed(scene.user, key, path, body).status_code == 502
        assert keys_of(database, scene.user) == []
    provider.default = answer("Back again. Is it?")
    first = keyed(scene.user, key, path, body)
    assert first.status_code < 300 and "Idempotency-Replayed" not in first.headers and effects() == 1


def test_a_unit_that_is_gone_at_the_end_frees_the_key(database, scripted, provider, key):
    provider.default = answer("All is well. Is it?")
    scene = Scene(scripted, database)
    path, body, _, effects = scene.request(PATHS["draft"])

    def write(_):
        database.execute("UPDATE quota_events SET expires_at = now() WHERE persona_id = %s AND expires_at IS NOT NULL",
                         scene.persona.id)
        return "Too late. Is it?"

    provider.default = answer(write)
    assert is_refused(keyed(scene.user, key, path, body), 429, "daily draft quota reached")
    assert keys_of(database, scene.user) == []
    provider.default = answer("In time. Is it?")
    assert keyed(scene.user, key, path, body).status_code == 201 and effects() == 1


def test_a_process_that_dies_while_the_model_writes_holds_the_key_as_its_unit(database, scripted, provider, start,
                                                                             key):
    provider.default = answer("All is well. Is it?")
    scene = Scene(scripted, database)
    path, body, _, effects = scene.request(PATHS["draft"])
    writing = Writing(provider)
    dying = start(Api, LLM_PROVIDER="openai", OPENAI_BASE_URL=provider.url)

    def kill():
        assert writing.asked.wait(10)
        dying.kill()
        writing.go_on.set()

    at_once(lambda: lost(lambda: keyed(scene.user.at(dying), key, path, body)), kill)
    (held,) = database.rows("SELECT k.status, k.expires_at - q.expires_at AS longer, k.expires_at - now() AS left "
                            "FROM idempotency_keys k JOIN quota_events q USING (user_id) "
                            "WHERE user_id = %s AND q.expires_at IS NOT NULL", scene.user.id)
    assert held["status"] is None and held["longer"].total_seconds() == 0 and held["left"].total_seconds() <= 16
    provider.default = answer("In the end. Is it?")
    assert is_running(keyed(scene.user, key, path, body))
    database.execute("UPDATE idempotency_keys SET expires_at = now() WHERE user_id = %s", scene.user.id)
    assert keyed(scene.user, key, path, body).status_code == 201 and effects() == 1


# ---- what ends on the way


def lost(act):
    """The request of a client whose connection breaks."""
    with pytest.raises(httpx.TransportError):
        act()


@pytest.fixture
def relayed(cluster, database, provider, user):
    """An API that will be killed, at work, and the relay on its way to the database."""
    with Relay(cluster.port) as relay:
        api = Api(database.url.replace(f":{cluster.port}/", f":{relay.port}/"), LLM_PROVIDER="openai",
                  OPENAI_BASE_URL=provider.url).start()
        api.expect_errors("http_request")
        eventually(lambda: user.at(api).post("/notifications/read-all").status_code == 200)
        yield api, relay


@pytest.mark.parametrize("pattern", ["/personas", *PATHS.values()])
def test_killed_between_commit_and_answer_the_repetition_is_answered(scene, relayed, provider, key, pattern):
    dying, relay = relayed
    path, body, _, effects = scene.request(pattern)

    def keep_answers(_=None):
        relay.keeps_answers = True
        return "Written once. Is it?"

    provider.default = answer(keep_answers)
    if pattern not in PATHS.values():
        keep_answers()

    def kill():
        eventually(lambda: effects() == 1, within=10)
        dying.kill()

    at_once(lambda: lost(lambda: keyed(scene.user.at(dying), key, path, body)), kill)
    again = keyed(scene.user, key, path, body)
    assert again.status_code < 300 and again.headers["Idempotency-Replayed"] == "true" and effects() == 1


def test_killed_before_the_commit_nothing_is_there(scene, database, relayed, key):
    dying, relay = relayed
    path, body, _, effects = scene.request("/personas")
    relay.keeps_commits = True

    def kill():
        eventually(lambda: database.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
                                          "AND mode = 'ExclusiveLock'"), within=10)
        assert is_running(keyed(scene.user, key, path, body))
        dying.kill()

    at_once(lambda: lost(lambda: keyed(scene.user.at(dying), key, path, body)), kill)
    assert effects() == 0 and keys_of(database, scene.user) == []
    first = insist(lambda: keyed(scene.user, key, path, body))
    assert first.status_code == 201 and "Idempotency-Replayed" not in first.headers and effects() == 1
