"""The end of a history held against its beginning:
what was promised is there, once, and nothing else."""
import json
from collections import Counter, defaultdict

LEGITIMATE = {"daily reply quota reached"}
MISSED_AT_MOST = 10
SHOWN = 6  # of each kind of problem
LEASE = ("locked_at", "locked_by", "lease_until", "lease_token")

ACTIVITY = """SELECT persona_id::text AS persona, metadata->>'post_id' AS post, type,
                     metadata ? 'reply_preview' AS of_reply, count(*) AS n
              FROM persona_activity_events GROUP BY 1, 2, 3, 4"""
DAYS = """
    WITH activity AS (SELECT persona_id, (created_at AT TIME ZONE 'UTC')::date AS day, type
                      FROM persona_activity_events),
         counted AS (SELECT persona_id, day, count(*) FILTER (WHERE type = 'post_created') AS posts,
                            count(*) FILTER (WHERE type = 'reply_generated') AS replies FROM activity GROUP BY 1, 2),
         threads AS (
             SELECT persona_id, day, jsonb_agg(n ORDER BY n DESC) AS top FROM (
                 SELECT persona_id, (created_at AT TIME ZONE 'UTC')::date AS day, count(*) AS n,
                        row_number() OVER (PARTITION BY persona_id, (created_at AT TIME ZONE 'UTC')::date
                                           ORDER BY count(*) DESC) AS place
                 FROM persona_activity_events WHERE type = 'thread_participated' GROUP BY 1, 2, metadata->>'post_id') t
             WHERE place <= 3 GROUP BY 1, 2)
    SELECT coalesce(c.persona_id, d.persona_id)::text AS persona, coalesce(c.day, d.date)::text AS day,
           c.posts, c.replies, coalesce(t.top, '[]') AS top, d.stats, d.degraded,
           array(SELECT id FROM jobs j WHERE j.persona_id = c.persona_id AND job_type = 'persona_digest') AS jobs
    FROM counted c FULL JOIN persona_digests d ON d.persona_id = c.persona_id AND d.date = c.day
    LEFT JOIN threads t ON t.persona_id = c.persona_id AND t.day = c.day"""


class Audit:
    """`problems`: (kind, sentence, ids of jobs). Looks at a queue that had the time to drain."""

    def __init__(self, database, history, fleet):
        self.database, self.history, self.fleet, self.problems = database, history, fleet, []
        self.jobs = {job["id"]: job for job in database.rows(
            "SELECT *, post_id::text AS post, persona_id::text AS persona, status::text FROM jobs")}
        self.replies = [(row["post"], row["persona"]) for row in database.rows(
            "SELECT post_id::text AS post, persona_id::text AS persona FROM replies")]
        self.lines = defaultdict(list)  # of each job, with the worker that said it
        for worker in fleet.ever:
            for line in worker.log.lines:
                if "job_id" in line:
                    self.lines[line["job_id"]].append((worker, line))

    def run(self):
        for check in (self.nothing_is_left, self.what_was_asked_is_queued, self.jobs_have_their_effects,
                      self.replies_were_asked_for,
                      self.effects_are_single, self.posts_have_their_activity, self.digests_tell_the_day,
                      self.ends_are_single, self.attempts_are_single,
                      self.the_living_are_not_missed):
            check()
        return self

    def found(self, kind, sentence, *jobs):
        self.problems.append((kind, sentence, [id for id in jobs if id]))

    def of_type(self, type):
        return [job for job in self.jobs.values() if job["job_type"] == type]

    def said(self, job, msg):
        return [(worker, line) for worker, line in self.lines[job["id"]] if line["msg"] == msg]

    # ---- checks ----

    def nothing_is_left(self):
        for job in self.jobs.values():
            if job["status"] not in ("DONE", "FAILED"):
                self.found("unexpected", f"left {job['status']}", job["id"])
            elif any(job[column] for column in LEASE) or job["dirty"] or not job["finished_at"]:
                self.found("unexpected", f"{job['status']} with a lease, dirty, or without its time", job["id"])

    def what_was_asked_is_queued(self):
        queued = defaultdict(list)
        for job in self.of_type("generate_reply"):
            queued[job["request_id"]].append(job)
        for id, ask in self.history.asks.items():
            jobs = queued.pop(id, [])
            fewest, most = {"acknowledged": (ask.enqueued,) * 2, "refused": (0, 0),
                            "unknown": (0, len(ask.personas))}[ask.outcome]
            if not fewest <= len(jobs) <= most:
                self.found("lost" if len(jobs) < fewest else "unexpected",
                           f"{len(jobs)} jobs, not {fewest} to {most}, for {ask}", *(j["id"] for j in jobs))
            if any(job["persona"] not in ask.personas or (ask.post and job["post"] != ask.post) for job in jobs):
                self.found("unexpected", f"jobs of another subject for {ask}", *(job["id"] for job in jobs))
        for id, jobs in queued.items():
            self.found("unexpected", f"jobs of a request that nobody sent: {id}", *(job["id"] for job in jobs))

    def jobs_have_their_effects(self):
        there, given_up = set(self.replies), set()
        for job in self.of_type("generate_reply"):
            pair = job["post"], job["persona"]
            if job["status"] == "DONE" and pair not in there:
                self.found("lost", "DONE without its reply", job["id"])
            if job["status"] == "FAILED" and job["error"] not in LEGITIMATE:
                self.found("lost", f"FAILED for no reason of its own: {job['error']}", job["id"])
            given_up |= {pair} if job["status"] == "FAILED" and job["error"] in LEGITIMATE else set()
        for pair in self.history.acknowledged_pairs() - there - given_up:
            self.found("lost", f"acknowledged, and no reply: post {pair[0]}, persona {pair[1]}", *self.jobs_of(pair))
        summaries = {row["post"] for row in self.database.rows("SELECT post_id::text AS post FROM thread_summaries")}
        for job in self.of_type("summarize_thread"):
            if job["status"] == "FAILED" or job["post"] not in summaries:
                self.found("lost", "no summary", job["id"])

    def jobs_of(self, pair):
        return [job["id"] for job in self.of_type("generate_reply") if (job["post"], job["persona"]) == pair]

    def suspects(self, persona):
        """Those of its replies' jobs that somebody lost."""
        return [job["id"] for job in self.of_type("generate_reply") if job["persona"] == persona
                and self.said(job, "job_lease_lost")]

    def replies_were_asked_for(self):
        done = {(job["post"], job["persona"]) for job in self.of_type("generate_reply") if job["status"] == "DONE"}
        for pair, n in Counter(self.replies).items():
            if n > 1:
                self.found("twice", f"{n} replies: post {pair[0]}, persona {pair[1]}", *self.jobs_of(pair))
            if pair not in done:
                self.found("unexpected", f"a reply without a DONE job: post {pair[0]}, persona {pair[1]}",
                           *self.jobs_of(pair))

    def effects_are_single(self):
        """A unit for each reply of a persona, and two activities for each reply."""
        written = Counter(persona for _, persona in self.replies)
        units = {row["persona"]: row["n"] for row in self.database.rows(
            "SELECT persona_id::text AS persona, count(*) AS n FROM quota_events WHERE quota_type = 'reply' "
            "GROUP BY 1")}
        for persona in written.keys() | units.keys():
            if units.get(persona, 0) != written[persona]:
                self.found("twice" if units.get(persona, 0) > written[persona] else "lost",
                           f"{units.get(persona, 0)} quota units for {written[persona]} replies of persona {persona}",
                           *self.suspects(persona))
        self.activity = {(row["post"], row["persona"], row["type"], row["of_reply"]): row["n"]
                         for row in self.database.rows(ACTIVITY)}
        wanted = {(*pair, type, True): 1 for pair in self.replies
                  for type in ("reply_generated", "thread_participated")}
        self.compare_activity(wanted, {key: n for key, n in self.activity.items() if key[3]})

    def posts_have_their_activity(self):
        published = self.database.rows("SELECT id::text AS id, persona_id::text AS persona FROM posts "
                                       "WHERE status = 'PUBLISHED' AND persona_id IS NOT NULL")
        wanted = {(post["id"], post["persona"], type, False): 1 for post in published
                  for type in ("post_created", "thread_participated")}
        self.compare_activity(wanted, {key: n for key, n in self.activity.items() if not key[3]})

    def compare_activity(self, wanted, there):
        for key in wanted.keys() | there.keys():
            n, right = there.get(key, 0), wanted.get(key, 0)
            if n != right:
                self.found("twice" if n > right else "lost", f"{n} activities, not {right}: {key}",
                           *self.jobs_of(key[:2]))

    def digests_tell_the_day(self):
        for row in self.database.rows(DAYS):
            stats = row["stats"] or {}
            told = (stats.get("posts"), stats.get("replies"),
                    [thread["activity_count"] for thread in stats.get("top_threads", [])])
            if told != (row["posts"], row["replies"], row["top"]) or row["degraded"]:
                self.found("lost", f"the digest of persona {row['persona']} on {row['day']} says {told}, the day was "
                           f"{(row['posts'], row['replies'], row['top'])}, degraded: {row['degraded']}", *row["jobs"])

    def ends_are_single(self):
        """Of a reply's job; a refresh is done as often as it is asked for.
        Who completes it has the last attempt: a late one was refused.

        A worker whose connection broke may say so wrongly: it can't know how its end went,
        and presumes the best (docs/JOBS.md). Those are counted."""
        self.presumed = 0
        for job in self.of_type("generate_reply"):
            completed = self.said(job, "job_completed")
            late = [(worker, line) for worker, line in completed if line["attempt"] != job["attempts"]]
            presumed = [said for said in late if self.was_cut_off(*said)]
            self.presumed += len(presumed)
            if len(completed) - len(presumed) > 1:
                self.found("twice", "completed more than once", job["id"])
            if len(late) > len(presumed):
                self.found("unexpected", "completed by an attempt that had lost its lease", job["id"])

    def was_cut_off(self, worker, end):
        """Whether a connection of the worker broke while it had the job."""
        begun = max(line["ts"] for said_by, line in self.lines[end["job_id"]]
                    if said_by is worker and line["msg"] == "job_started" and line["attempt"] == end["attempt"])
        return any(begun <= line["ts"] <= end["ts"] for line in worker.log.find("db_connection_lost"))

    def attempts_are_single(self):
        """An attempt is counted at its claim, so two with one number had one job at a time. One
        that was handed back gives its number back; a worker that was killed may have done so
        without a word."""
        for job in self.jobs.values():
            if job["job_type"] != "generate_reply":
                continue  # a refresh counts from 0 each time that it is asked for
            starts = Counter(line["attempt"]
                             for worker, line in self.said(job, "job_started") if worker not in self.fleet.killed)
            released = Counter(line["attempt"] for _, line in self.said(job, "job_released"))
            if any(n > 1 + released[attempt] for attempt, n in starts.items()):
                self.found("twice", f"an attempt was started more than once: {dict(starts)}", job["id"])

    def the_living_are_not_missed(self):
        """Once an outage, perhaps: a worker that is missed again and again works for nothing."""
        missed = Counter(line["worker"] for worker in self.fleet.ever for line in worker.log.find("worker_vanished"))
        for name, n in missed.items():
            if n > MISSED_AT_MOST:
                self.found("unexpected", f"{name} was declared vanished {n} times")

    # ---- what is told ----

    def late_completions_refused(self):
        return sum(line["msg"] == "job_lease_lost" for lines in self.lines.values() for _, line in lines)

    def ends(self):
        return Counter(f"{job['job_type']} {job['status']}" for job in self.jobs.values())

    def story_of(self, id):
        """A job's row, and all that was said of it, by whom."""
        row = {name: value for name, value in self.jobs[id].items() if value is not None}
        lines = sorted(self.lines[id], key=lambda said: said[1]["ts"])
        return "\n".join([json.dumps(row, default=str),
                          *(f"  {worker.process.pid}: {json.dumps(line)}" for worker, line in lines)])

    def report(self):
        counts = Counter(kind for kind, _, _ in self.problems)
        by_sentence = defaultdict(list)
        for kind, sentence, jobs in self.problems:
            by_sentence[kind].append((sentence, jobs))
        parts = [f"problems: {dict(counts)}"]
        for kind, cases in by_sentence.items():
            for sentence, jobs in cases[:SHOWN]:
                parts += [f"[{kind}] {sentence}", *(self.story_of(id) for id in jobs[:3])]
        return "\n".join(parts)
