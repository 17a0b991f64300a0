"""Following a public persona."""
from collections import Counter

import pytest

from support.people import made, sign_up
from support.program import Api
from support.waiting import at_once, in_parallel


@pytest.fixture
def profile(user, persona, room):
    """A published persona of `user`'s."""
    return made(user.post(f"/personas/{persona.id}/publish-profile", json={"slug": room.slug}), 200)


def follow(who, profile):
    return who.post(f"/p/{profile.slug}/follow", json={})


def error_of(answer):
    return answer.status_code, answer.json()["error"]


def followers(user, profile):
    return user.get(f"/p/{profile.slug}").json()["profile"]["followers"]


def test_followed_is_true_the_first_time_only(user, other, profile, api):
    assert follow(other, profile).json() == {"followed": True, "followers": 1}
    assert follow(other, profile).json() == {"followed": False, "followers": 1}
    assert follow(sign_up(api), profile).json() == {"followed": True, "followers": 2}
    assert follow(other, profile).json() == {"followed": False, "followers": 2}
    assert followers(user, profile) == 2


def test_nobody_is_asked_to_sign_up(api, user, profile):
    for headers in ({}, {"Authorization": "Bearer x.y.z"}, {"Authorization": "Basic eDp5"}):
        refused = api.client.post(f"/p/{profile.slug}/follow", headers=headers)
        assert error_of(refused) == (401, "signup_required")
        assert refused.json()["code"] == "signup_required"
        assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert followers(user, profile) == 0


def test_ones_own_persona_is_not_followed(user, profile, database):
    assert error_of(follow(user, profile)) == (409, "cannot follow your own persona")
    assert database.count("notifications", user_id=user.id) == 0


def test_an_unknown_profile_is_unknown_before_anything_else(api, user, other, profile):
    user.post(f"/personas/{profile.persona_id}/unpublish-profile")
    for slug in (profile.slug, "nobody-has-this", "%20", "%00"):
        for answer in (api.client.post(f"/p/{slug}/follow"), user.post(f"/p/{slug}/follow"),
                       other.post(f"/p/{slug}/follow")):
            assert error_of(answer) == (404, "public profile not found")


def test_an_account_that_is_gone_follows_nobody(user, other, profile, database):
    database.execute("DELETE FROM users WHERE id = %s", other.id)
    assert error_of(follow(other, profile)) == (401, "invalid token")


def test_the_owner_is_told_once(user, other, persona, profile, api, database):
    other.api.heard()
    for _ in range(3):
        follow(other, profile)
    page = user.get("/notifications").json()
    (notification,) = page["notifications"]
    assert page["unread_count"] == 1
    assert (notification["type"], notification["actor_user_id"]) == ("persona_followed", other.id)
    assert notification["metadata"] == {"persona_id": profile.persona_id, "slug": profile.slug,
                                        "persona_name": persona.name}
    assert 0 < len(notification["title"]) <= 120 and 0 < len(notification["body"]) <= 260
    assert other.email not in str(notification)
    assert other.get("/notifications").json()["notifications"] == []


def test_a_long_name_is_cut(user, other, database, room):
    persona = user.persona()
    database.execute("UPDATE personas SET name = repeat('ş', 1000) WHERE id = %s", persona.id)
    follow(other, made(user.post(f"/personas/{persona.id}/publish-profile", json={"slug": room.slug}), 200))
    (notification,) = user.get("/notifications").json()["notifications"]
    assert (len(notification["title"]), len(notification["body"])) == (120, 260)


def test_the_log_says_that_somebody_was_told(user, other, profile, api):
    requests = [follow(other, profile).headers["X-Request-Id"] for _ in range(2)]
    api.heard()
    lines = [line for line in api.log.find("notification_created") if line["request_id"] in requests]
    assert [(line["type"], line["request_id"]) for line in lines] == [("persona_followed", requests[0])]


def test_50_parallel_follows_of_one_user_are_one(user, other, profile, database):
    answers = database.crowd("personas", profile.persona_id, 50, lambda: follow(other, profile))
    assert {answer.status_code for answer in answers} == {200}
    assert Counter(answer.json()["followed"] for answer in answers) == {True: 1, False: 49}
    assert {answer.json()["followers"] for answer in answers} == {1}
    assert database.count("notifications", user_id=user.id) == 1


def test_the_limit_is_exact_under_parallel_follows(user, other, profile, database, start):
    answers = in_parallel(50, lambda who=other.at(start(Api, RATE_LIMIT_PUBLIC_WRITE="30/1m")): follow(who, profile))
    assert Counter(answer.status_code for answer in answers) == {200: 30, 429: 20}
    assert sum(answer.json().get("followed", False) for answer in answers) == 1
    assert followers(user, profile) == 1
    assert database.count("notifications", user_id=user.id) == 1


def test_parallel_follows_of_many_users_all_count(user, profile, api):
    fans = [sign_up(api) for _ in range(8)]
    answers = at_once(*(lambda fan=fan: follow(fan, profile) for fan in fans))
    assert all(answer.json()["followed"] for answer in answers)
    assert followers(user, profile) == 8
    assert user.get("/notifications").json()["unread_count"] == 8


def test_follows_written_and_removed_by_hand_count_too(user, other, profile, api, database):
    fans = [sign_up(api).id for _ in range(20)]
    for fan in fans:
        database.execute("INSERT INTO persona_follows (follower_user_id, followed_persona_id) VALUES (%s, %s)", fan,
                         profile.persona_id)
    assert followers(user, profile) == 20
    assert follow(other, profile).json() == {"followed": True, "followers": 21}
    database.execute("DELETE FROM persona_follows WHERE follower_user_id = ANY(%s::uuid[])", fans[:5])
    database.execute("DELETE FROM users WHERE id = %s", fans[5])
    assert followers(user, profile) == 15
    second = user.persona()
    database.execute("UPDATE persona_follows SET followed_persona_id = %s WHERE follower_user_id = %s", second.id,
                     other.id)
    assert followers(user, profile) == 14
    assert database.value("SELECT sum(followers) FROM persona_follower_counts WHERE persona_id = %s", second.id) == 1
    user.delete(f"/personas/{profile.persona_id}")
    assert database.count("persona_follower_counts", persona_id=profile.persona_id) == 0


def test_a_follow_while_the_persona_is_deleted_breaks_nothing(user, profile, api):
    fans = [sign_up(api) for _ in range(6)]
    deleted, *answers = at_once(lambda: user.delete(f"/personas/{profile.persona_id}"),
                                *(lambda fan=fan: follow(fan, profile) for fan in fans))
    assert deleted.status_code == 200
    assert {answer.status_code for answer in answers} <= {200, 404}
    assert set(in_parallel(2, lambda: follow(fans[0], profile).status_code)) == {404}


# ---- unfollowing ----

def unfollow(who, profile):
    return who.delete(f"/p/{profile.slug}/follow")


def following(who, **query):
    answer = who.get("/me/following", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_unfollowing_answers_alike_whether_one_followed_or_not(user, other, profile, api):
    follow(sign_up(api), profile)
    assert unfollow(other, profile).json() == {"followed": False, "followers": 1}
    assert follow(other, profile).json() == {"followed": True, "followers": 2}
    for _ in range(2):
        assert unfollow(other, profile).json() == {"followed": False, "followers": 1}
    assert unfollow(user, profile).json() == {"followed": False, "followers": 1}
    assert api.client.get(f"/p/{profile.slug}").json()["profile"]["followers"] == 1
    assert follow(other, profile).json() == {"followed": True, "followers": 2}


def test_unfollowing_says_what_is_unknown_before_it_asks_to_sign_up(api, other, user, profile):
    assert error_of(api.client.delete(f"/p/{profile.slug}/follow")) == (401, "signup_required")
    follow(other, profile)
    user.post(f"/personas/{profile.persona_id}/unpublish-profile")
    for answer in (api.client.delete(f"/p/{profile.slug}/follow"), unfollow(other, profile)):
        assert error_of(answer) == (404, "public profile not found")


def test_many_unfollow_at_once_and_the_number_is_right(user, other, profile, database):
    follow(other, profile)
    answers = in_parallel(8, lambda: unfollow(other, profile))
    assert [answer.json() for answer in answers] == [{"followed": False, "followers": 0}] * 8
    assert database.value("SELECT sum(followers) FROM persona_follower_counts WHERE persona_id = %s",
                          profile.persona_id) == 0


def test_whom_one_follows_is_listed_newest_first(user, other, profile, persona, room):
    second = user.persona(name="Second")
    published = made(user.post(f"/personas/{second.id}/publish-profile", json={"slug": f"{room.slug}-2"}), 200)
    for one in (profile, published):
        follow(other, one)
    listed = following(other)
    assert listed["next_cursor"] == "" and following(user)["personas"] == []
    assert [{key: one[key] for key in one if key != "followed_at"} for one in listed["personas"]] == [
        {"persona_id": second.id, "slug": published.slug, "name": "Second"},
        {"persona_id": persona.id, "slug": profile.slug, "name": persona.name}]
    user.post(f"/personas/{second.id}/unpublish-profile")
    assert "slug" not in following(other)["personas"][0]
    unfollow(other, profile)
    assert [one["persona_id"] for one in following(other)["personas"]] == [second.id]


def test_whom_one_follows_is_paged_by_a_hundred_at_one_moment(user, other, database):
    database.execute("WITH p AS (INSERT INTO personas (user_id, name) SELECT %s, 'P' || n "
                     "FROM generate_series(1, 101) n RETURNING id) "
                     "INSERT INTO persona_follows (follower_user_id, followed_persona_id, created_at) "
                     "SELECT %s, id, '2026-01-01T00:00:00Z' FROM p", user.id, other.id)
    first = following(other)
    second = following(other, cursor=first["next_cursor"])
    assert (len(first["personas"]), len(second["personas"]), second["next_cursor"]) == (100, 1, "")
    assert len({one["persona_id"] for one in first["personas"] + second["personas"]}) == 101
    assert error_of(other.get("/me/following?cursor=x")) == (400, "invalid cursor")
