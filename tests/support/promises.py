"""Who writes to a service that loses its parts, and the record of what was promised to them."""
import asyncio
import contextlib
import random
import re
import threading
import time
import uuid
from collections import Counter, defaultdict
from typing import NamedTuple

import httpx

from support.people import MAIL, new_email, persona_fields, sign_up
from support.secrets import PASSWORD
from support.waiting import eventually

PEOPLE, VOICES = 12, 4
ROOMY = {"daily_draft_quota": 10000, "daily_reply_quota": 10000}
SHARES = {"event": 60, "persona": 10, "publish": 12, "replies": 16, "sign_up": 2}
CUT_OFF = "cut off"  # the connection was closed instead of an answer
PATIENCE = 20  # seconds; the API answers each request within 15
MARK = re.compile(r"mark [0-9a-f]{12}")
NAME = re.compile(r"Voice [0-9a-f]{8}")


class Answer(NamedTuple):
    """Times are those of time.monotonic. `fault`: what a client can't work with, if anything."""

    kind: str
    began: float
    ended: float
    status: int  # 0: the connection ended without one
    code: str
    fault: str


def what_is_wrong(answer):
    """The error's code, and what is wrong with it: it is JSON with a code, and who shall come back
    is told when. Whose outcome is unknown shall not."""
    if answer.status_code < 400:
        return "", ""
    try:
        code = answer.json()["code"]
    except (ValueError, KeyError, TypeError):
        return "", f"{answer.status_code} isn't JSON with a code: {answer.text[:100]!r}"
    waits = answer.status_code == 503 and code != "outcome_unknown"
    return code, f"503 {code} without Retry-After" if waits and "Retry-After" not in answer.headers else ""


class Promises:
    """`with Promises(stack, rate=70) as promises:` so many writes a second begin, whatever became
    of those before. Afterwards `lost`, `doubled` and `paid_twice` say what was promised in vain."""

    def __init__(self, stack, rate=70, seed=1):
        self.stack, self.rate, self.chance = stack, rate, random.Random(seed)
        self.answers, self.over = [], threading.Event()
        self.promised = defaultdict(set)  # kind to what was acknowledged
        self.tried = defaultdict(set)
        self.pairs = set()  # (mark, name) of replies that were acknowledged
        self.readiness = defaultdict(list)  # of each API: (time, whether it was ready)

    # ---- before ----

    def _prepare(self):
        self.room = self.stack.client.get("/rooms", headers=self._as(sign_up(self.stack))).json()["rooms"][0]["id"]
        self.people = [(user, [user.persona(name=self._name(), **ROOMY) for _ in range(VOICES)])
                       for user in (sign_up(self.stack) for _ in range(PEOPLE))]
        self.posts = {user.id: [] for user, _ in self.people}

    @staticmethod
    def _as(user):
        return {"Authorization": f"Bearer {user.token}"}

    @staticmethod
    def _name():
        return f"Voice {uuid.uuid4().hex[:8]}"

    # ---- meanwhile ----

    def __enter__(self):
        self._prepare()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join(PATIENCE + 10)

    async def _run(self):
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.stack.port}", timeout=PATIENCE, limits=limits,
                                     trust_env=False) as self.client:
            watchers = [asyncio.create_task(self._watch(api)) for api in ("api1", "api2")]
            acts, began = set(), time.monotonic()
            for n in range(10**9):
                if self.over.is_set():
                    break
                await asyncio.sleep(max(0.0, began + n / self.rate - time.monotonic()))
                kind = self.chance.choices(list(SHARES), list(SHARES.values()))[0]
                act = asyncio.create_task(getattr(self, f"_{kind}")(*self.chance.choice(self.people)))
                acts.add(act)
                act.add_done_callback(acts.discard)
            await asyncio.gather(*acts, *watchers)

    async def _watch(self, api):
        """Asks this API itself whether it is ready."""
        async with httpx.AsyncClient(base_url=self.stack.at(api), timeout=1, trust_env=False) as client:
            while not self.over.is_set():
                began, ready = time.monotonic(), False
                with contextlib.suppress(httpx.HTTPError):
                    ready = (await client.get("/readyz")).status_code == 200
                self.readiness[api].append((time.monotonic(), ready))
                await asyncio.sleep(max(0.0, began + 0.05 - time.monotonic()))

    async def _ask(self, kind, user, path, body):
        """The answer's object where it is a success."""
        began, status, code, fault, made = time.monotonic(), 0, "", "", None
        try:
            answer = await self.client.post(path, json=body, headers=self._as(user) if user else {})
            status, (code, fault) = answer.status_code, what_is_wrong(answer)
            made = answer.json() if status < 300 else None
        except httpx.RemoteProtocolError:
            code = CUT_OFF
        except httpx.HTTPError as failed:
            fault = f"no answer: {type(failed).__name__}"
        self.answers.append(Answer(kind, began, time.monotonic(), status, code, fault))
        return made

    async def _try(self, kind, id, *request):
        self.tried[kind].add(id)
        made = await self._ask(kind, *request)
        if made is not None:
            self.promised[kind].add(id)
        return made

    async def _event(self, user, _):
        id = uuid.uuid4().hex
        await self._try("event", id, user, "/events",
                        {"event_name": "public_profile_viewed", "metadata": {"slug": f"mark-{id}"}})

    async def _persona(self, user, _):
        name = self._name()
        await self._try("persona", name, user, "/personas", persona_fields(name=name))

    async def _sign_up(self, *_):
        email = new_email()
        await self._try("sign_up", email, None, "/auth/signup", {"email": email, "password": PASSWORD})

    async def _publish(self, user, voices):
        """A draft, which the model writes while one waits; and its approval."""
        draft = await self._ask("draft", user, f"/rooms/{self.room}/posts/draft",
                                {"persona_id": self.chance.choice(voices).id})
        if draft is None:
            return
        self.promised["draft"].add(draft["id"])
        mark = f"mark {uuid.uuid4().hex[:12]}"
        if await self._try("post", draft["id"], user, f"/posts/{draft['id']}/approve",
                           {"content": f"Whose turn is it? The {mark} says so."}) is not None:
            self.posts[user.id].append([draft["id"], mark, list(voices)])

    async def _replies(self, user, _):
        """Each voice is asked once for each post: two calls of the model for a pair are one too many."""
        open_posts = [post for post in self.posts[user.id] if post[2]]
        if not open_posts:
            return await self._event(user, _)
        post, mark, left = self.chance.choice(open_posts)
        voice = left.pop()
        if await self._try("reply", (post, voice.id), user, f"/posts/{post}/generate-replies",
                           {"persona_ids": [voice.id]}) is not None:
            self.pairs.add((mark, voice.name))

    # ---- how long nothing went ----

    def acknowledged(self):
        return sum(len(ids) for ids in self.promised.values())

    def longest_wait(self, since, until):
        """(seconds, when it began, when it ended) of the longest time without an acknowledged write."""
        times = [since, *sorted(a.ended for a in list(self.answers) if a.status and a.status < 300
                                and since <= a.ended <= until), until]
        return max((after - before, before, after) for before, after in zip(times, times[1:]))

    def ready_after(self, moment):
        """Seconds from a moment until both APIs have said that they are ready."""
        def first(api):
            return next((when for when, ready in self.readiness[api] if ready and when >= moment), moment)
        return max(first(api) for api in list(self.readiness)) - moment

    def unready_after(self, moment, until):
        """Seconds from a moment until every API has said that it isn't ready; None where one never did."""
        times = [next((when for when, ready in self.readiness[api] if not ready and moment <= when < until), None)
                 for api in list(self.readiness)]
        return None if None in times else max(times) - moment

    def failures(self, since, until):
        return Counter(f"{a.status or ''} {a.code or a.fault}".strip() for a in list(self.answers)
                       if since <= a.ended <= until and not 0 < a.status < 400)

    def faults(self):
        """Answers that no client can work with."""
        return Counter(a.fault for a in self.answers if a.fault)

    # ---- afterwards ----

    def drained(self):
        left = self.stack.rows("SELECT id, attempts, status::text, error FROM jobs WHERE job_type = 'generate_reply' "
                               "AND status IN ('PENDING', 'PROCESSING') LIMIT 3")
        assert not left, left
        return True

    def settle(self, within=120):
        eventually(self.drained, within=within, pause=0.5)

    def lost(self):
        """What was acknowledged and isn't there, by kind."""
        there = self._there()
        return {kind: missing for kind, ids in self.promised.items() if (missing := len(ids - there[kind].keys()))}

    def doubled(self):
        """What was asked for once, whatever became of it, and is there more than once."""
        there = self._there()
        return {kind: n for kind, ids in self.tried.items() if (n := sum(there[kind][id] > 1 for id in ids))}

    def _there(self):
        def counted(sql, *parameters):
            return Counter(row["id"] for row in self.stack.rows(sql, *parameters))

        return {"event": counted("SELECT substr(metadata->>'slug', 6) AS id FROM events "
                                 "WHERE metadata->>'slug' LIKE 'mark-%'"),
                "persona": counted("SELECT name AS id FROM personas"),
                "sign_up": counted("SELECT email AS id FROM users WHERE email LIKE %s", f"%{MAIL}"),
                "draft": counted("SELECT id::text FROM posts"),
                "post": counted("SELECT id::text FROM posts WHERE status = 'PUBLISHED'"),
                "reply": Counter((row["post"], row["persona"]) for row in self.stack.rows(
                    "SELECT post_id::text AS post, persona_id::text AS persona FROM replies"))}

    def paid_twice(self, provider):
        """Pairs of post and voice for whose reply the model was called more than once."""
        calls = Counter((mark[0], name[0]) for request in list(provider.requests)
                        if "summar" not in request.system.lower()
                        and (mark := MARK.search(request.user))
                        and (name := NAME.search(request.system + request.user)))
        return {pair: n for pair, n in calls.items() if n > 1}
