"""A mixed day of people before a service on several machines: they read, look at pages and cards,
follow live streams, let models write, approve, battle, follow each other, search, sign up and log in."""
import asyncio
import contextlib
import functools
import itertools
import json
import random
import re
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor

import httpx
from support.pages import BROWSER
from support.people import new_email, persona_fields, sign_up
from support.promises import CUT_OFF, PATIENCE, ROOMY, Answer, what_is_wrong
from support.secrets import PASSWORD

PEOPLE, STREAMS, STREAM_LASTS = 50, 40, 40  # so many streams at a time; seconds, on average
RATE = 30  # acts a second
RECENT = 600  # posts that people look at: more cards than an API keeps in memory
JSON, EVENTS, PAGE, PNG = "application/json", "text/event-stream", "text/html", "image/png"
WORDS = ("review", "alert", "İstanbul", "rollback", "meeting", "checklist")
ASSET = re.compile(r"/a/[\w.-]+")

# How often of all acts, and what comes back. Whatever stands in braces is chosen anew each time.
READS = {
    "/feed": (10, JSON), "/posts/{post}/thread": (10, JSON), "/rooms/{room}/posts": (5, JSON), "/rooms": (3, JSON),
    "/rooms/{room}": (1, JSON), "/notifications": (6, JSON), "/p/{slug}": (5, JSON), "/p/{slug}/posts": (3, JSON),
    "/p/{slug}/feed.atom": (1, "application/atom+xml"), "/b/{post}": (4, JSON), "/b/{post}/meta": (4, JSON),
    "/b/{post}/card.png": (12, PNG), "/templates": (2, JSON), "/discover": (2, JSON), "/search?q={word}": (3, JSON),
    "/oembed?url={post_url}": (1, JSON), "/sitemap.xml": (.5, "application/xml"), "/robots.txt": (.5, "text/plain"),
    "/favicon.svg": (.2, "image/svg+xml"),
    "/manifest.webmanifest": (.5, "application/manifest+json"), "{asset}": (3, ""), "/me": (2, JSON),
    "/me/posts": (2, JSON), "/me/following": (1, JSON), "/me/sessions": (1, JSON), "/me/export": (.2, JSON),
    "/personas": (2, JSON), "/personas/{persona}": (1, JSON), "/personas/{persona}/digest/today": (1, JSON),
    "/personas/{persona}/digest/latest": (1, JSON), "/digest/weekly": (1, JSON),
}
PUBLIC, VISITORS = ("/b/", "/p/", "/templates", "/discover"), 0.7  # whose share has no account
PAGES = {"/": 4, "/b/{post}": 5, "/p/{slug}": 3, "/rooms": 1, "/templates": 1, "/login": 1}
WRITES = {"draft": 3, "approve": 2, "edit": 1, "delete": .5, "preview": 1.5, "battle": 1, "remix": .7, "replies": 1.5,
          "follow": 2, "share": 5, "notice": 2, "persona": .7, "template": .7, "newcomer": .3, "session": .3}


class Person:
    """From an address of their own, as the balancer is trusted. `drafts` are those that nobody works on just now."""

    def __init__(self, stack, number):
        self.user = sign_up(stack)
        self.headers = {"Authorization": f"Bearer {self.user.token}", "X-Forwarded-For": f"192.0.2.{number + 1}"}
        self.persona = self.user.persona(name=f"Neighbour {number}", **ROOMY).id
        self.slug = self.user.post(f"/personas/{self.persona}/publish-profile", json={}).json()["slug"]
        self.room = self.user.get("/rooms").json()["rooms"][number % 3]["id"]
        self.drafts, self.posts, self.followed = [], [], set()


class Day:
    """`with Day(stack, apis, seed) as day:` so many acts a second begin, whatever became of those before.
    `apis` are the addresses behind the stack's. `answers` has what came of each request."""

    def __init__(self, stack, apis, seed=1):
        self.stack, self.apis, self.chance = stack, apis, random.Random(seed)
        self.answers, self.over = [], threading.Event()

    # ---- before ----

    def prepare(self):
        """As if the day before had been one, too: caches that fill for hours would look like a leak."""
        with ThreadPoolExecutor(5) as pool:
            self.people = list(pool.map(lambda number: Person(self.stack, number), range(PEOPLE)))
            self.posts = list(pool.map(self._first_post, itertools.islice(itertools.cycle(self.people), RECENT)))
            deque(pool.map(self._see_card, itertools.product(self.apis, self.posts)), maxlen=0)
        self.assets = sorted(set(ASSET.findall(self.stack.client.get("/", headers={"Accept": BROWSER}).text)))

    def _first_post(self, person):
        made = person.user.post(f"/rooms/{person.room}/battles",
                                json={"topic": f"What does {person.slug} do first?"}).json()
        person.posts.append(made["battle_id"])
        return made["battle_id"]

    def _see_card(self, where):
        api, post = where
        self.stack.client.get(f"{api}/b/{post}/card.png").raise_for_status()

    def __enter__(self):
        self.prepare()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join(PATIENCE + 10)

    # ---- meanwhile ----

    @contextlib.asynccontextmanager
    async def connected(self):
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.stack.port}", timeout=PATIENCE, limits=limits,
                                     trust_env=False) as self.client:
            yield

    def plan(self):
        """What somebody may do next, each with its weight."""
        reads = [(path, kind, weight) for path, (weight, kind) in READS.items()]
        pages = [(path, PAGE, weight) for path, weight in PAGES.items()]
        return ([(functools.partial(self._ask, method="GET", route=path, kind=kind), weight)
                 for path, kind, weight in reads + pages]
                + [(getattr(self, f"_{name}"), weight) for name, weight in WRITES.items()])

    async def _run(self):
        async with self.connected():
            streams = [asyncio.create_task(self._streams()) for _ in range(STREAMS)]
            acts, began, (plan, weights) = set(), time.monotonic(), zip(*self.plan())
            for n in range(10**9):
                if self.over.is_set():
                    break
                await asyncio.sleep(max(0.0, began + n / RATE - time.monotonic()))
                act = self.chance.choices(plan, weights)[0]
                acts.add(task := asyncio.create_task(act(self.chance.choice(self.people))))
                task.add_done_callback(acts.discard)
            await asyncio.gather(*acts)
            for stream in streams:
                stream.cancel()
            await asyncio.gather(*streams, return_exceptions=True)

    def _chosen(self, one):
        post = self.chance.choice(self.posts)
        return {"post": post, "post_url": f"http://127.0.0.1:{self.stack.port}/b/{post}", "room": one.room,
                "persona": one.persona, "slug": self.chance.choice(self.people).slug,
                "word": self.chance.choice(WORDS), "asset": self.chance.choice(self.assets)}

    async def _ask(self, one, method, route, body=None, kind=JSON, token=None, **values):
        """What came back where it is a success: of JSON and events the object."""
        path = route.format(**self._chosen(one) | values)
        headers = one.headers | {"Accept": BROWSER if kind == PAGE else kind or "*/*"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        elif method == "GET" and (kind == PAGE or route.startswith(PUBLIC) and self.chance.random() < VISITORS):
            del headers["Authorization"]
        label = f"{method} {route.split('?')[0]}" + {PAGE: " (page)", EVENTS: " (events)"}.get(kind, "")
        began, status, code, fault, made = time.monotonic(), 0, "", "", None
        try:
            answer = await self.client.request(method, path, json=body, headers=headers)
            status, code, fault, made = understood(answer, kind)
        except httpx.RemoteProtocolError:
            code = CUT_OFF
        except httpx.HTTPError as failed:
            fault = f"no answer: {type(failed).__name__}"
        self.answers.append(Answer(label, began, time.monotonic(), status, code, fault))
        return made

    # ---- streams ----

    async def _streams(self):
        """One after the other."""
        while not self.over.is_set():
            if not await self.stream(self.chance.choice(self.people), self.chance.expovariate(1 / STREAM_LASTS)):
                await asyncio.sleep(1)

    async def stream(self, one, seconds):
        """Whether it stayed open until somebody closed it in order."""
        watched = ",".join(self.chance.sample(self.posts, min(3, len(self.posts))))
        headers = one.headers | {"Accept": EVENTS}
        began, status, code, fault = time.monotonic(), 0, "", ""
        try:
            async with self.client.stream("GET", f"/stream?watch={watched}", headers=headers, timeout=30) as answer:
                status = answer.status_code
                if status != 200:
                    await answer.aread()
                    code, fault = what_is_wrong(answer)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        async for _ in answer.aiter_bytes():
                            pass
        except httpx.RemoteProtocolError:
            status, code = 0, CUT_OFF
        except httpx.HTTPError as failed:
            status, fault = 0, f"no answer: {type(failed).__name__}"
        self.answers.append(Answer("GET /stream", began, time.monotonic(), status, code, fault))
        return status == 200

    # ---- what people write ----

    async def _draft(self, one):
        kind = self.chance.choice((JSON, EVENTS))
        made = await self._ask(one, "POST", "/rooms/{room}/posts/draft", {"persona_id": one.persona}, kind)
        if made:
            one.drafts.append(made["id"])

    async def _with_draft(self, one, method, route, body=None):
        """The draft, which nobody else works on meanwhile, and whether it went well."""
        if not one.drafts:
            return None, None
        draft = one.drafts.pop(self.chance.randrange(len(one.drafts)))
        return draft, await self._ask(one, method, route, body, own=draft)

    async def _approve(self, one):
        draft, done = await self._with_draft(one, "POST", "/posts/{own}/approve", {})
        if done:
            self._published(one, draft)

    def _published(self, one, post):
        one.posts.append(post)
        self.posts.append(post)
        del self.posts[:-RECENT]

    async def _edit(self, one):
        draft, done = await self._with_draft(one, "PUT", "/posts/{own}", {"content": "Is it better by hand?"})
        if done:
            one.drafts.append(draft)

    async def _delete(self, one):
        await self._with_draft(one, "DELETE", "/posts/{own}")

    async def _preview(self, one):
        kind = self.chance.choice((JSON, EVENTS))
        await self._ask(one, "POST", "/personas/{persona}/preview?room_id={room}", kind=kind)

    async def _battle(self, one, **more):
        made = await self._ask(one, "POST", "/rooms/{room}/battles", {
            "topic": f"Who of us {self.chance.choice(WORDS)}s first, and why?", "pro_style": "Bold."} | more)
        if made:
            self._published(one, made["battle_id"])

    async def _remix(self, one):
        intent = await self._ask(one, "POST", "/battles/{post}/remix-intent")
        if intent:
            await self._ask(one, "POST", "/rooms/{own}/battles", {"topic": "Once more, but why?",
                                                                   "remix_token": intent["remix_token"]},
                            own=intent["room_id"])

    async def _replies(self, one):
        await self._ask(one, "POST", "/posts/{own}/generate-replies", {"persona_ids": [one.persona]},
                        own=self.chance.choice(one.posts))

    async def _follow(self, one):
        slug = self.chance.choice([other.slug for other in self.people if other is not one])
        method = "DELETE" if slug in one.followed else "POST"
        if await self._ask(one, method, "/p/{own}/follow", own=slug) is not None:
            one.followed ^= {slug}

    async def _share(self, one):
        post = self.chance.choice(self.posts)
        await self._ask(one, "POST", "/events", {"event_name": "battle_shared",
                                                 "metadata": {"battle_id": post, "source": "copy_link"}})

    async def _notice(self, one):
        unread = [notice["id"] for notice in (await self._ask(one, "GET", "/notifications") or {}).get(
            "notifications", []) if not notice.get("read_at")]
        if len(unread) > 5:
            await self._ask(one, "POST", "/notifications/read-all")
        elif unread:
            await self._ask(one, "POST", "/notifications/{own}/read", own=unread[0])

    async def _persona(self, one):
        made = await self._ask(one, "POST", "/personas", persona_fields(name="For a minute"))
        if made and await self._ask(one, "PUT", "/personas/{own}", persona_fields(tone="calm"), own=made["id"]):
            await self._ask(one, "DELETE", "/personas/{own}", own=made["id"])

    async def _template(self, one):
        fields = {"name": "Sharp", "prompt_rules": "Be brief.", "turn_count": 4, "word_limit": 80, "is_public": False}
        made = await self._ask(one, "POST", "/templates", fields)
        if made:
            await self._ask(one, "PUT", "/templates/{own}", fields | {"word_limit": 90}, own=made["id"])
            await self._ask(one, "DELETE", "/templates/{own}", own=made["id"])

    async def _newcomer(self, one):
        await self._ask(one, "POST", "/auth/signup", {"email": new_email(), "password": PASSWORD})

    async def _session(self, one):
        """Somebody logs in elsewhere, and out."""
        made = await self._ask(one, "POST", "/auth/login", {"email": one.user.email, "password": PASSWORD})
        if made:
            await self._ask(one, "POST", "/auth/logout", token=made["token"])


def understood(answer, kind):
    """Status, code, what no client can work with, and of JSON and events the object."""
    status, said = answer.status_code, answer.headers.get("Content-Type", "").split(";")[0]
    if status >= 400:
        return status, *(("", "") if kind == PAGE else what_is_wrong(answer)), None
    if kind and status not in (204, 304) and said != kind:
        return status, "", f"{status} is {said or 'of no type'} instead of {kind}", None
    if kind == EVENTS:
        return last_event(answer.text)
    return status, "", "", (answer.json() if answer.content else {}) if kind == JSON else {}


def last_event(text):
    """The same of a stream, whose status says how it began alone."""
    name, _, data = text.strip().split("\n\n")[-1].partition("\ndata:")
    if name.endswith("done"):
        return 200, "", "", json.loads(data)
    if name.endswith("error"):
        told = json.loads(data)
        return told["status"], told["code"], "", None
    return 200, "", f"a stream of events ended with {name[:60]!r}", None
