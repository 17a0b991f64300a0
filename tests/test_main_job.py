"""The main job from end to end: sign up, calibrate a persona, draft,
approve, replies by the worker, thread, summary, digest."""
from datetime import datetime, timezone

import pytest

from fakes.openai import FakeProvider, answer, broken_json, status
from support.people import made, new_email, sign_up
from support.program import Api, Worker
from support.waiting import eventually

EDITED = "Önce ölç, sonra kes 🪚. " + "Uzun ama tam sınırda bir yazı 🦊 " * 14
TURKISH = {
    "name": "Ayşe Gül 🦊", "bio": "Güvenlik araştırmacısı; şüpheci ama kibar. " * 8, "tone": "sıcak, ölçülü",
    "writing_samples": ["Önce ölç, sonra kes.", "İğneyle kuyu kazılmaz 🪚.", "Şüphe, iyi mühendisliğin yarısıdır."],
    "do_not_say": ["sinerji", "paradigma"], "catchphrases": ["Hadi bakalım"], "preferred_language": "tr",
    "formality": 2,
    "daily_draft_quota": 5, "daily_reply_quota": 5,
}
ENGLISH = {
    "name": "Grace O'Neill 🚀", "bio": "Runs small services that stay up.", "tone": "dry",
    "writing_samples": ["Boring is a feature.", "Roll back first, ask later.", "Naïve? Perhaps – but it shipped."],
    "do_not_say": ["synergy"], "catchphrases": ["Show me the numbers"], "preferred_language": "en", "formality": 0,
    "daily_draft_quota": 5, "daily_reply_quota": 5,
}


def walk_the_main_job(api, database):
    """Everything a person does, in order; gives the thread at the end."""
    email = new_email("ayşe").replace("ş", "s")
    sign_up(api, email=email)
    login = made(api.client.post("/auth/login", json={"email": email.upper(), "password": "correct horse battery"}),
                 200)
    user = sign_up(api).at(api)
    user.token, user.id = login.token, login.user_id

    author = made(user.post("/personas", json=TURKISH), 201)
    repliers = [made(user.post("/personas", json=fields), 201) for fields in (ENGLISH, TURKISH | {"name": "Mehmet 🌊"})]
    room = user.room("cybersecurity")

    draft = user.draft(author, room)
    assert 0 < len(draft.content) <= 500
    content = EDITED[:500].strip()
    post = user.approve(draft, content)
    assert (post.content, post.status, post.authored_by) == (content, "PUBLISHED", "AI_DRAFT_APPROVED")
    second = user.approve(user.draft(repliers[0], room))
    assert [found["id"] for found in user.get(f"/rooms/{room.id}/posts").json()["posts"]][:2] == [second.id, post.id]

    assert user.ask_for_replies(post, author, *repliers) == {"enqueued": 3, "skipped": 0}
    thread = eventually(lambda: (found := user.thread(post)) and len(found.replies) == 3 and found, within=30)
    assert thread.post == post
    assert {reply["persona_name"] for reply in thread.replies} == {author.name, *(persona.name for persona in repliers)}
    assert all(reply["authored_by"] == "AI" and 0 < len(reply["content"]) <= 280 for reply in thread.replies)
    assert user.ask_for_replies(post, author, *repliers) == {"enqueued": 0, "skipped": 3}
    thread = eventually(lambda: (found := user.thread(post)) and found.ai_summary_status == "fresh" and found,
                        within=30)
    assert 0 < len(thread.ai_summary) <= 400

    for persona, posts in ((author, 1), (repliers[0], 1), (repliers[1], 0)):
        digest = eventually(lambda: todays_digest(user, persona, posts, database), within=30)
        assert digest["date"] == datetime.now(timezone.utc).date().isoformat()
        assert digest["summary"] and digest["has_activity"]
        (top, *_) = digest["stats"]["top_threads"]
        assert (top["room_id"], top["room_name"]) == (room.id, room.name)
        assert {found["post_id"] for found in digest["stats"]["top_threads"]} <= {post.id, second.id}
        assert all(0 < len(found["post_preview"]) <= 220 for found in digest["stats"]["top_threads"])
    assert database.count("quota_events", quota_type="reply") == 3
    assert database.count("quota_events", quota_type="draft") == 2
    return thread


def todays_digest(user, persona, posts, database):
    """A digest is refreshed at most once a minute; a test brings that forward."""
    database.execute("UPDATE jobs SET available_at = now() WHERE job_type = 'persona_digest' AND status = 'PENDING'")
    digest = user.get(f"/personas/{persona.id}/digest/today").json()["digest"]
    return digest["stats"]["posts"] == posts and digest["stats"]["replies"] == 1 and digest


@pytest.fixture
def database(own_database):
    """Units of quota and jobs are counted, whoever's."""
    return own_database


def test_the_main_job_on_the_mock(database, start):
    api, _ = start(Api), start(Worker, WORKER_POLL_EVERY="1s")
    thread = walk_the_main_job(api, database)
    by_name = {reply["persona_name"]: reply["content"] for reply in thread.replies}
    assert "Show me the numbers" in by_name[ENGLISH["name"]]
    assert "Hadi bakalım" in by_name[TURKISH["name"]]


def test_the_main_job_on_a_provider_that_is_slow_and_stumbles(database, start):
    """300 ms an answer; on the way once 429 with Retry-After and once broken JSON."""
    with FakeProvider(default=answer(delay=0.3)) as provider:
        settings = {"LLM_PROVIDER": "openai", "OPENAI_BASE_URL": f"{provider.url}/v1", "OPENAI_RETRY_BASE": "50ms",
                    "JOB_RETRY_BASE": "1s"}
        api, _ = start(Api, **settings), start(Worker, WORKER_POLL_EVERY="1s", **settings)
        provider.play(status(429, retry_after="1"), broken_json(),
                      answer("Önce yedek alın, sonra güncelleyin. Siz nasıl yapıyorsunuz? 🦊", delay=0.3),
                      answer(delay=0.3), status(429, retry_after="1"), broken_json())
        walk_the_main_job(api, database)
        assert len(provider.requests) >= 10
        assert all(call.path == "/v1/chat/completions" for call in provider.requests)
