"""A stack on which everything that the runbook looks for has happened once:
for its commands to find."""
import contextlib

from fakes.openai import FakeProvider, answer, status
from support.compose import Compose
from support.people import new_room, sign_up
from support.postgres import Cluster
from support.program import Api, Worker, prepared
from support.redis import Redis
from support.waiting import eventually

PROVIDER_DOWN = status(500)
SETTINGS = {"LLM_PROVIDER": "openai", "OPENAI_MAX_RETRIES": 0, "LLM_BREAKER_FAILURES": 1000, "JOB_MAX_ATTEMPTS": 2,
            "JOB_RETRY_BASE": "1ms"}


class Happened:
    """The stack, and what its variables in the runbook stand for."""

    def __init__(self, folder, stack):
        self.provider = stack.enter_context(FakeProvider(default=answer()))
        self.cluster = stack.enter_context(Cluster())
        self.database = prepared(self.cluster)
        settings = SETTINGS | {"OPENAI_BASE_URL": self.provider.url}
        self.api = stack.enter_context(Api(self.database.url, RATE_LIMIT_PUBLIC_READ="5/1m", API_THREADS=1, **settings))
        self.owner, self.friend, self.room = sign_up(self.api), sign_up(self.api), new_room(self.database)
        # Who is there already gets a weekly digest at once.
        self.worker = stack.enter_context(Worker(self.database.url, **settings))
        redis = Redis()  # a command starts it
        stack.callback(lambda: redis.process and redis.kill())
        self.compose = stack.enter_context(
            Compose(folder, self.database.url, self.cluster, backend=[self.api], worker=[self.worker], redis=redis,
                    **settings))
        self._everything()

    def _everything(self):
        self.api.expect_errors("http_request")
        self.worker.expect_errors("http_request", "job_failed_permanently")
        self._failing_jobs()
        self._a_slow_draft()
        self._too_many_reads_and_a_follow()
        self._starts_that_fail()
        self._not_ready()

    def _failing_jobs(self):
        self.persona, replier = self.owner.persona(), self.owner.persona(name="Ben")
        self.post = self.owner.publish(self.persona, self.room, "Tabs or spaces? Tabs.")
        eventually(self._nothing_to_do, within=10)
        self.provider.default = PROVIDER_DOWN
        asked = self.owner.post(f"/posts/{self.post.id}/generate-replies", json={"persona_ids": [replier.id]})
        self.request_id = asked.headers["X-Request-Id"]
        self.worker.log.wait_for("job_failed_retrying", job_type="generate_reply")
        self.worker.log.wait_for("job_failed_permanently", job_type="generate_reply")

    def _a_slow_draft(self):
        self.provider.default = answer(delay=1.05)
        self.owner.draft(self.persona, self.room)
        self.provider.default = answer()

    def _too_many_reads_and_a_follow(self):
        slug = self.owner.post(f"/personas/{self.persona.id}/publish-profile", json={}).json()["slug"]
        assert self.friend.post(f"/p/{slug}/follow").status_code == 200
        assert 429 in [self.api.client.get(f"/p/{slug}").status_code for _ in range(8)]

    def _starts_that_fail(self):
        for service, failed in (("backend", Api(self.database.url, APP_ENV="prod", JWT_SECRET="short")),
                                ("worker", Worker(self.database.url, WORKER_POLL_EVERY="never"))):
            failed.launch().expect_errors("startup_failed")
            failed.wait_for_end(code=1)
            self.compose.replicas[service][0].former += failed.log.lines

    def _not_ready(self):
        """First a migration isn't there, then the database."""
        self.database.execute("UPDATE schema_migrations SET version = version || '.not' WHERE version LIKE '001%%'")
        self._wait_for_not_ready("migrations pending")
        self.database.execute("UPDATE schema_migrations SET version = replace(version, '.not', '')")
        eventually(self._all_ready, within=10)
        self.cluster.stop()
        self._wait_for_not_ready("database ping failed")
        assert self.owner.get("/personas").status_code == 503
        self.cluster.start()
        eventually(self._all_ready, within=10)

    def _nothing_to_do(self):
        """The digests of what was just done are made, and one of each user's week:
        none of them meets the failing provider."""
        unfinished = "SELECT count(*) FROM jobs WHERE status IN ('PENDING', 'PROCESSING')"
        return self.database.count("persona_digests") == 1 and self.database.count(
            "weekly_digests") == 2 and not self.database.value(unfinished)

    def _wait_for_not_ready(self, reason):
        for service in (self.api, self.worker):
            eventually(lambda: service.client.get("/readyz").status_code == 503
                       and reason in service.client.get("/readyz").text, within=10)

    def _all_ready(self):
        return self.api.is_ready() and self.worker.is_ready()


@contextlib.contextmanager
def everything_happened(folder):
    with contextlib.ExitStack() as stack:
        yield Happened(folder, stack)
