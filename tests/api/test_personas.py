"""Personas and their calibration, without preview and publishing."""
from collections import Counter

import pytest

from support.people import SAMPLES, made, persona_fields, sign_up
from support.program import Api
from support.waiting import in_parallel

FIELDS = {"id", "name", "bio", "tone", "writing_samples", "do_not_say", "catchphrases", "preferred_language",
          "formality",
          "daily_draft_quota", "daily_reply_quota", "profile", "today", "resets_at", "created_at", "updated_at"}


def create(user, **changes):
    return user.post("/personas",
                     json={name: value for name, value in persona_fields(**changes).items() if value is not ...})


def replace(user, persona, **changes):
    return user.put(f"/personas/{persona.id}",
                    json={name: value for name, value in persona_fields(**changes).items() if value is not ...})


def error_of(answer):
    assert answer.status_code == 400, answer.text[:300]
    return answer.json()["error"]


def test_a_persona_comes_back_as_it_was_given(user):
    given = persona_fields(
        name="Ayşe Gül 🦊", bio="Güvenlik araştırmacısı; “dikkatli”.", tone="sıcak", preferred_language="tr",
        formality=3,
        writing_samples=["Önce ölç.", "Sonra kes 🪚.", "İğneyle kuyu kazılmaz."], do_not_say=["sinerji", "paradigma"],
        catchphrases=["Hadi bakalım"],
        daily_draft_quota=7, daily_reply_quota=9)
    answer = user.post("/personas", json=given)
    assert answer.status_code == 201
    assert set(answer.json()) == FIELDS
    assert {name: answer.json()[name] for name in given} == given
    assert user.get(f"/personas/{answer.json()['id']}").json() == answer.json()


def test_what_is_not_given_has_its_default(user):
    persona = made(user.post("/personas", json={"name": "Ada", "writing_samples": SAMPLES}), 201)
    expected = {"bio": "", "tone": "neutral", "do_not_say": [], "catchphrases": [], "preferred_language": "en",
                "formality": 1,
                "daily_draft_quota": 5, "daily_reply_quota": 25}
    assert {name: persona[name] for name in expected} == expected


@pytest.mark.parametrize("quota", [..., 0, -1, -2**31])
def test_a_quota_that_is_missing_or_not_positive_takes_the_default(user, quota):
    persona = made(create(user, daily_draft_quota=quota, daily_reply_quota=quota), 201)
    assert (persona.daily_draft_quota, persona.daily_reply_quota) == (5, 25)


def test_the_default_quotas_are_settings(user, start):
    persona = made(create(user.at(start(Api, DEFAULT_DRAFT_QUOTA=3, DEFAULT_REPLY_QUOTA=4)), daily_draft_quota=...,
                          daily_reply_quota=0), 201)
    assert (persona.daily_draft_quota, persona.daily_reply_quota) == (3, 4)


def test_creating_a_persona_is_an_event(user, database):
    persona = user.persona()
    events = database.rows("SELECT event_name, metadata FROM events WHERE user_id = %s", user.id)
    assert events == [{"event_name": "persona_created", "metadata": {"persona_id": persona.id}}]


def test_own_personas_are_listed_newest_first(user, other):
    other.persona()
    mine = [user.persona(name=f"Persona {n}") for n in range(5)]
    assert user.get("/personas").json() == {"personas": mine[::-1], "next_cursor": ""}


@pytest.mark.parametrize("count, sizes", [(200, [200]), (201, [200, 1]), (450, [200, 200, 50])])
def test_personas_come_in_pages_without_gaps_even_among_equal_times(user, other, database, count, sizes):
    for owner, at in ((user, "now() - interval '1 hour'"), (user, "now()"), (other, "now()")):
        database.execute("INSERT INTO personas (user_id, name, created_at) "
                         f"SELECT %s, 'Ada', {at} FROM generate_series(1, %s)", owner.id, count // 2)
    if count % 2:
        user.persona()
    pages, cursor = [], None
    while cursor != "":
        page = user.get("/personas", params={"cursor": cursor} if cursor else {}).json()
        pages.append([persona["id"] for persona in page["personas"]])
        cursor = page["next_cursor"]
    assert [len(page) for page in pages] == sizes
    assert [id for page in pages for id in page] == [str(row["id"]) for row in database.rows(
        "SELECT id FROM personas WHERE user_id = %s ORDER BY created_at DESC, id DESC", user.id)]


@pytest.mark.parametrize("cursor", ["x", "%FF", "1-", "1-x", "A" * 500, "2026-01-01"])
def test_a_cursor_that_makes_no_sense_is_refused(user, cursor):
    assert error_of(user.get(f"/personas?cursor={cursor}")) == "invalid cursor"


def test_nobody_sees_or_changes_the_persona_of_somebody_else(user, other, persona):
    requests = [("GET", ""), ("PUT", ""), ("DELETE", ""), ("GET", "/digest/today"), ("GET", "/digest/latest")]
    for method, path in requests:
        answer = other.request(method, f"/personas/{persona.id}{path}",
                               **({"json": persona_fields()} if method == "PUT" else {}))
        assert (answer.status_code, answer.json()["error"]) == (404, "persona not found")
    assert user.get(f"/personas/{persona.id}").json() == persona


SENTENCES = {
    "no name": ({"name": ...}, "name is required"),
    "null name": ({"name": None}, "name is required"),
    "empty name": ({"name": ""}, "name is required"),
    "blank name": ({"name": " \t\n"}, "name is required"),
    "name of Unicode blanks": ({"name": "\u00a0\u2003\u3000"}, "name is required"),
    "no samples": ({"writing_samples": ...}, "writing_samples must contain exactly 3 short examples"),
    "two samples": ({"writing_samples": ["a", "b"]}, "writing_samples must contain exactly 3 short examples"),
    "four samples": ({"writing_samples": ["a", "b", "c", "d"]},
                     "writing_samples must contain exactly 3 short examples"),
    "a blank sample of three": ({"writing_samples": ["a", "b", "  "]},
                                "writing_samples must contain exactly 3 short examples"),
    "null samples": ({"writing_samples": None}, "writing_samples must contain exactly 3 short examples"),
    "a long sample": ({"writing_samples": ["a", "b", "x" * 181]}, "writing_samples items must be <= 180 chars"),
    "a long forbidden word": ({"do_not_say": ["x" * 121]}, "do_not_say items must be <= 120 chars"),
    "a long catchphrase": ({"catchphrases": ["ok", "x" * 81]}, "catchphrases items must be <= 80 chars"),
    "another language": ({"preferred_language": "de"}, "preferred_language must be tr or en"),
    "a longer language": ({"preferred_language": "en-GB"}, "preferred_language must be tr or en"),
    "formality above": ({"formality": 4}, "formality must be between 0 and 3"),
    "formality below": ({"formality": -1}, "formality must be between 0 and 3"),
    "formality of 64 bits": ({"formality": 2**63 - 1}, "formality must be between 0 and 3"),
}


@pytest.mark.parametrize("changes, sentence", SENTENCES.values(), ids=SENTENCES.keys())
def test_what_is_wrong_is_said_in_these_words(user, persona, changes, sentence):
    assert error_of(create(user, **changes)) == sentence
    assert error_of(replace(user, persona, **changes)) == sentence
    assert user.get("/personas").json() == {"personas": [persona], "next_cursor": ""}


@pytest.mark.parametrize("field, limit", [("writing_samples", 180), ("do_not_say", 120), ("catchphrases", 80)])
@pytest.mark.parametrize("character", ["x", "ş", "語", "🦊"])
def test_items_are_counted_in_code_points_after_trimming(user, field, limit, character):
    longest = character * limit
    items = [longest, f"  {longest}\u3000", "short"]
    assert made(create(user, **{field: items}), 201)[field] == [longest, longest, "short"]
    assert error_of(create(user,
                           **{field: [longest + character, "a", "b"]})) == f"{field} items must be <= {limit} chars"


def test_texts_are_trimmed_and_blank_items_dropped(user):
    persona = made(create(user, name="\u2003 Ada \n", bio="  b ", tone=" t ",
                          writing_samples=[" a", "", "b ", "\u3000", "c"],
                          do_not_say=["", " x "], catchphrases=[" "]), 201)
    assert (persona.name, persona.bio, persona.tone) == ("Ada", "b", "t")
    assert (persona.writing_samples, persona.do_not_say, persona.catchphrases) == (["a", "b", "c"], ["x"], [])


@pytest.mark.parametrize("field, limit", [("name", 80), ("bio", 500), ("tone", 60)])
@pytest.mark.parametrize("character", ["x", "🦊"])
def test_texts_have_a_bound_in_code_points_after_trimming(user, persona, field, limit, character):
    longest = character * limit
    for answer in (create(user, **{field: f" {longest}\u3000"}),
                   replace(user, persona, **{field: f" {longest}\u3000"})):
        assert answer.json()[field] == longest
    for answer in (create(user, **{field: longest + character}),
                   replace(user, persona, **{field: longest + character})):
        assert error_of(answer) == f"{field} must be <= {limit} chars"


@pytest.mark.parametrize("field, limit", [("do_not_say", 50), ("catchphrases", 20)])
def test_lists_have_a_bound_that_blank_items_do_not_count_for(user, persona, field, limit):
    most = [f"word {n}" for n in range(limit)]
    for answer in (create(user, **{field: [*most, " "]}), replace(user, persona, **{field: ["", *most]})):
        assert answer.json()[field] == most
    for answer in (create(user, **{field: [*most, "x"]}), replace(user, persona, **{field: [*most, "x"]})):
        assert error_of(answer) == f"{field} must contain at most {limit} items"


@pytest.mark.parametrize("field, most", [("daily_draft_quota", 50), ("daily_reply_quota", 200)])
def test_quotas_have_a_bound(start, field, most):
    user = sign_up(start(Api, MAX_DRAFT_QUOTA=None, MAX_REPLY_QUOTA=None))
    persona = user.persona()
    for answer in (create(user, **{field: most}), replace(user, persona, **{field: most})):
        assert answer.json()[field] == most
    for beyond in (most + 1, 10_000, 2**31, 10**12):
        for answer in (create(user, **{field: beyond}), replace(user, persona, **{field: beyond})):
            assert error_of(answer) == f"quotas must be <= {most}"
    for answer in (create(user, **{field: 2**63 - 1}), replace(user, persona, **{field: 2**63 - 1})):
        assert error_of(answer) == f"{field} must be <= 1000000000000"


def test_default_quotas_are_within_the_bound(start):
    user = sign_up(start(Api, MAX_DRAFT_QUOTA=3, MAX_REPLY_QUOTA=4))
    persona = user.persona(daily_draft_quota=0, daily_reply_quota=0)
    assert (persona.daily_draft_quota, persona.daily_reply_quota) == (3, 4)


def test_a_persona_is_replaced_as_a_whole(user, persona):
    changed = persona_fields(name="Bea", bio="", tone="dry", writing_samples=["d", "e", "f"], do_not_say=[],
                             catchphrases=["So be it"],
                             preferred_language="tr", formality=0, daily_draft_quota=1, daily_reply_quota=2)
    updated = made(user.put(f"/personas/{persona.id}", json=changed), 200)
    assert {name: updated[name] for name in changed} == changed
    assert (updated.id, updated.created_at) == (persona.id, persona.created_at)
    assert updated.updated_at > persona.updated_at
    assert user.get(f"/personas/{persona.id}").json() == updated


def test_what_is_missing_in_an_update_takes_its_default_too(user):
    persona = user.persona(bio="Was here.", tone="dry", preferred_language="tr", formality=3)
    fields = {"name": "Bea", "writing_samples": SAMPLES, "daily_draft_quota": 1, "daily_reply_quota": 2}
    expected = fields | {"bio": "", "tone": "neutral", "do_not_say": [], "catchphrases": [], "preferred_language": "en",
                         "formality": 1}
    updated = made(user.put(f"/personas/{persona.id}", json=fields), 200)
    assert {name: updated[name] for name in expected} == expected


@pytest.mark.parametrize("quota", [0, -5, -2**31, None, ...])
@pytest.mark.parametrize("field", ["daily_draft_quota", "daily_reply_quota"])
def test_on_update_quotas_must_be_positive(user, persona, field, quota):
    assert error_of(replace(user, persona, **{field: quota})) == "quotas must be positive"
    assert user.get(f"/personas/{persona.id}").json() == persona


def test_a_deleted_persona_is_gone_and_its_posts_and_replies_stay(user, persona, room, database):
    post = user.publish(persona, room)
    database.execute("INSERT INTO replies (post_id, persona_id, user_id, authored_by, content) "
                     "VALUES (%s, %s, %s, 'AI', 'Said.')", post.id, persona.id, user.id)
    assert user.delete(f"/personas/{persona.id}").json() == {"deleted": True}
    for answer in (user.get(f"/personas/{persona.id}"), user.delete(f"/personas/{persona.id}")):
        assert (answer.status_code, answer.json()["error"]) == (404, "persona not found")
    assert [found["id"] for found in user.get(f"/rooms/{room.id}/posts").json()["posts"]] == [post.id]
    assert database.row("SELECT persona_id, content FROM replies WHERE post_id = %s",
                        post.id) == {"persona_id": None, "content": "Said."}


def test_parallel_deletes_delete_once(user, persona):
    answers = in_parallel(10, lambda: user.delete(f"/personas/{persona.id}"))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 404: 9}


@pytest.mark.parametrize("text", ["'; DROP TABLE personas; --", "$1", "\\", '{"a":1}', "%s",
                                  "<script>alert(1)</script>", "\u202eabc", "a\u0301\u0323", "👩‍👩‍👧‍👦"])
def test_any_text_is_kept_as_it_is(user, text):
    persona = made(create(user, name=text, bio=text, catchphrases=[text]), 201)
    assert (persona.name, persona.bio, persona.catchphrases) == (text, text, [text])
