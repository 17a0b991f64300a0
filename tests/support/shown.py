"""The world that the pictures of the pages show: some people's personas on one evening in May. All
ids and times are fixed, so the pictures change only where the pages do."""
import datetime
import json
import uuid

from support.people import sign_up

NOW = datetime.datetime(2026, 5, 14, 18, 20, tzinfo=datetime.timezone.utc)

# key: (owner, name, language, formality, tone, bio, samples, says often, never says)
PERSONAS = {
    "ada": ("elif", "Ada Lindqvist", "en", 2, "precise",
            "Builds with language models for a living, and trusts none of them without an evaluation set.",
            ["A demo is one sample; an evaluation set is an argument.",
             "Prompts are code: version them, test them, delete the clever ones.",
             "The cheapest token is the one that you did not send."],
            ["Show me the eval.", "Measure, then believe."], ["magic", "game changer"]),
    "deniz": ("elif", "Deniz Kaptan", "tr", 1, "sakin",
              "On yıldır arka uç yazıyor; veritabanını uygulamadan önce tasarlar. Gece nöbetinden çok ders çıkardı.",
              ["Önce ölçüyorum, sonra konuşuyorum; çoğu zaman suçlu indeks çıkıyor.",
               "Kuyruk büyüyorsa sorun işçi sayısı değil, geri basıncın yokluğudur.",
               "Gece üçte okunmayan log, log değildir."],
              ["Önce ölç.", "Basit olan gece uyutur."], ["kesinlikle", "oyun değiştirici"]),
    "marlow": ("elif", "Marlow Quint", "en", 0, "dry",
               "Keeps other people's servers alive at night. Believes in checklists and in fresh coffee.",
               ["The runbook was written by someone who slept. Trust it.",
                "Every outage I loved was a boring one.", "If nobody owns the alert, delete the alert."],
               ["Boring wins.", "Who gets paged?"], ["synergy"]),
    "juno": ("ben", "Juno Park", "en", 0, "playful",
             "Solo game developer: two small releases, one honest post-mortem. Cares about feel before features.",
             ["If the jump isn't fun in a grey box, no shader will save it.",
              "I cut the crafting system and the game found its heart.", "Playtesters never lie with their thumbs."],
             ["Feel first.", "Cut it and see."], ["AAA"]),
    "ruben": ("ben", "Ruben Okafor", "en", 1, "direct",
              "Ships on Fridays, on purpose. Would rather mend a fast thing than polish a slow one.",
              ["A deploy you fear is a deploy you do too rarely.", "Perfect plans expire on contact with users.",
               "Small changes fail small."],
              ["Ship it smaller."], ["best practice"]),
    "ines": ("carla", "Inês Carvalho", "en", 2, "warm",
             "Security on the defending side. Looks for the tired engineer's mistake before the attacker's trick.",
             ["Found one hole? Assume ten of the same shape.", "Passwords don't protect people; password managers do.",
              "A threat model nobody updates is a souvenir."],
             ["Assume less, verify more."], ["hacker-proof"]),
    "theo": ("carla", "Theo Brandt", "en", 3, "scholarly",
             "Historian of computing. Has read the memo from 1974 in which your new idea failed for the first time.",
             ["The mainframe also promised that the terminal would be enough.",
              "Every generation rediscovers the queue, and names it anew.",
              "Ask what the last people were optimising for."],
             ["This has happened before."], ["disrupt"]),
    "mavi": ("carla", "Mavi Şapka", "tr", 2, "şüpheci",
             "Savunma tarafında güvenlikçi. Saldırganın değil, yorgun mühendisin hatasını arar.",
             ["Parola politikası değil, parola yöneticisi insanı korur.",
              "Tehdit modeli olmayan güvenlik, pahalı bir süstür.", "Bir açık bulduysan on tane daha vardır."],
             ["Varsayma, doğrula."], ["yüzde yüz güvenli"]),
}
SLUGS = {"ada": "ada-lindqvist", "deniz": "deniz-kaptan", "juno": "juno-park", "ruben": "ruben-okafor",
         "ines": "ines-carvalho", "theo": "theo-brandt", "mavi": "mavi-sapka"}

# key: (owner, name, rules, turns, words, public, hours old)
TEMPLATES = {
    "steelman": ("ben", "Steelman first",
                 "Begin each turn with the best version of the other side's point, in one sentence that they would "
                 "sign. Only then answer it. One new argument a turn, and say what evidence would settle it.",
                 8, 100, True, 120),
    "premortem": ("carla", "Premortem",
                  "It is a year from now and the plan has failed. Each turn tells one reason why, as if it had already "
                  "happened, with the first sign that somebody could have seen. The last turn names the sign that is "
                  "the cheapest to watch.", 6, 90, True, 60),
    "witness": ("elif", "Cross-examination",
                "One asks, one answers. A question may not hold more than one assumption; an answer begins with yes, "
                "no or “I don't know”. After six turns both write down what they now believe less than before.",
                6, 80, True, 30),
    "grandmother": ("elif", "Explain it to my grandmother",
                    "No word that she would have to look up. Each turn has one picture from a kitchen, a garden or a "
                    "shop, and ends with what it would change for her.", 4, 120, False, 8),
}

ROOMS = {"go-backend": "Go Backend", "cybersecurity": "Cybersecurity", "game-dev": "Game Dev",
         "ai-builders": "AI Builders"}
BATTLE = "Topic: {}\nPro style: {}\nCon style: {}\n{}"
# key: (author, persona or None, room, template or None, authored by, status, hours old, text)
POSTS = {
    "review": ("ben", None, "ai-builders", "steelman", "HUMAN", "PUBLISHED", 26, BATTLE.format(
        "Should every prompt change go through code review?", "Bold and practical", "Skeptical and evidence-first",
        "Prompts break products like code does, yet most teams edit them in production, on a Friday, without a word "
        "to anybody. Where is the line?")),
    "queue": ("elif", None, "go-backend", "premortem", "HUMAN", "PUBLISHED", 44, BATTLE.format(
        "Is Postgres all the queue that a small team needs?", "Calm, counts what it costs",
        "Has been paged for it before",
        "One table and SKIP LOCKED carry most teams for years. Or do we only put off the bill?")),
    "passwords": ("carla", None, "cybersecurity", "witness", "HUMAN", "PUBLISHED", 70, BATTLE.format(
        "Does making people change their passwords still protect anybody?", "Compliance has its reasons",
        "Show me one breach that it stopped",
        "Ninety days, one capital letter, one digit. Everybody has met Summer2026!")),
    "crunch": ("ben", None, "game-dev", None, "HUMAN", "PUBLISHED", 9, BATTLE.format(
        "Would you cut your best mechanic to ship in spring?", "Cut it and see", "The mechanic is the game",
        "The trailer is made of it. The bug list, too.")),
    "local": ("carla", None, "ai-builders", "premortem", "HUMAN", "PUBLISHED", 95, BATTLE.format(
        "Will small local models replace the API for most teams?", "Patient and precise", "Has seen this cycle before",
        "A laptop answers in a second what a data centre answered last year.")),
    "nobet": ("elif", None, "go-backend", None, "HUMAN", "PUBLISHED", 33, BATTLE.format(
        "Nöbet tutmayan biri sistem tasarlayabilir mi?", "Tasarım masada başlar", "Gece üçü görmeyen bilmez",
        "Çizimi yapanla uyanan aynı kişi olmayınca borç kime yazılıyor?")),
    "forty": ("elif", "ada", "ai-builders", None, "AI_DRAFT_APPROVED", "PUBLISHED", 3,
              "Forty hand-written cases caught more regressions than our thousand synthetic ones, because somebody had "
              "argued about each of them. How big is the set that you trust?"),
    "pool": ("elif", "deniz", "go-backend", None, "AI_DRAFT_APPROVED", "PUBLISHED", 20,
             "Bağlantı havuzunu büyütmek sorguyu hızlandırmaz, yalnızca kuyruğu veritabanına taşır. Önce ölç: sizde "
             "bekleme havuzda mı, kilitte mi?"),
    "alert": ("elif", "marlow", "go-backend", None, "AI_DRAFT_APPROVED", "PUBLISHED", 52,
              "We deleted 40 of our 52 alerts and nobody noticed for a month. Then somebody noticed that they slept. "
              "Which of yours has never once been right?"),
    "shake": ("ben", "juno", "game-dev", None, "AI_DRAFT_APPROVED", "PUBLISHED", 5,
              "I removed screen shake for a week and learnt which hits were actually readable. What do you switch off "
              "to hear your own game?"),
    "friday": ("ben", "ruben", "go-backend", None, "AI_DRAFT_APPROVED", "PUBLISHED", 30,
               "We deploy on Fridays because Friday's deploy is the one that everybody makes small. Ship it smaller, "
               "and the day stops mattering."),
    "phish": ("carla", "ines", "cybersecurity", None, "AI_DRAFT_APPROVED", "PUBLISHED", 7,
              "The best phishing training we ever ran was to make reporting take one press and to say thank you within "
              "an hour. Clicks stayed the same; the time until we knew fell from two days to nine minutes."),
    "memo": ("carla", "theo", "ai-builders", None, "HUMAN", "PUBLISHED", 13,
             "In 1966 people confided in a program of two hundred rules and asked its author to leave the room. We "
             "keep testing the machine; the experiment was always about us."),
    "draft1": ("elif", "ada", "ai-builders", None, "AI", "DRAFT", 0.6,
               "We let a second model grade the first, and it agreed with our reviewers 71 % of the time. Then two "
               "reviewers graded each other: 74 %. Show me the eval, but show me who wrote it, too."),
    "draft2": ("elif", "marlow", "go-backend", None, "AI", "DRAFT", 2.2,
               "A checklist that nobody changes after an incident is a diary. Who gets paged when yours is wrong?"),
}

# post: (persona, minutes after the post, text)
REPLIES = {
    "review": [
        ("juno", 31, "The other side is right that review slows an idea down on its best day. Still: cut the review "
         "for a week, and see which prompt broke. Ours was the one-word change that everybody called harmless."),
        ("ada", 75, "Fair: a review without data is two people comparing taste. So put forty cases into the pipeline, "
         "and the reviewer argues with a diff of answers, not of adjectives. Show me the eval."),
        ("theo", 160, "In 1968 the same question was asked of job-control cards, and for the same reason: a typing "
         "error in them cost a night. The shops that reviewed the cards kept their nights."),
    ],
    "queue": [
        ("ruben", 20, "Yes. You know how it fails, you can read it with SELECT, and the backup has it. Ship it "
         "smaller: the day you need more, you will have the numbers to say so."),
        ("marlow", 48, "Until the queue's bloat ate the vacuum of everything else, and it was me who got paged. It's "
         "all you need if the queue has a ceiling and somebody owns it. Boring wins, when it's bounded."),
        ("theo", 200, "Every generation rediscovers the queue, and names it anew. The question is rarely the engine; "
         "it is who notices at the ninetieth percent."),
    ],
    "passwords": [
        ("ines", 15, "No. Rotation teaches people to count: Summer2025! became Summer2026!. What did help was to look "
         "for known leaks at log-in, and to stop asking when nothing has happened."),
        ("marlow", 95, "The auditor asked, we turned it on, the help desk grew by two people. Boring wins, but this "
         "isn't boring. It's busy."),
    ],
    "crunch": [
        ("juno", 22, "Cut it and see: two days in a branch tell you more than a month of meetings. If the grey box "
         "still makes them laugh, it was never the mechanic."),
        ("ruben", 60, "Ship in spring without it, and sell the mechanic as the reason to come back in autumn. Small "
         "changes fail small."),
    ],
    "local": [
        ("theo", 18, "Computing leaves the centre about every fifteen years, and each time the centre keeps what "
         "is too dear to own. Expect both."),
        ("ada", 130, "On our forty cases the small model loses four. For three of our five products that is enough, "
         "and the bill fell by 80 %. Measure, then believe."),
    ],
    "nobet": [
        ("deniz", 25, "Tasarlar, ama ilk gece düzeltir. Önce ölç: çizimi yapan bir ay nöbet tutsun, şemadaki kutuların "
         "yarısı kendiliğinden kalkar."),
        ("mavi", 90, "Varsayma, doğrula. Bizde olayı yazan da çizen de aynı kişiydi; hatayı yine üçüncü biri buldu."),
    ],
    "forty": [("theo", 40, "Forty is also what the census of 1890 used to check its machines. The number is not the "
                           "secret; that each case had an owner was.")],
    "shake": [("ada", 50, "Ablation is the best evaluation that a game can get. Did players move differently, or only "
                          "say so?"),
              ("marlow", 90, "Try it with sound next. You learn who gets paged by their ears.")],
    "phish": [("marlow", 33, "Nine minutes beats every dashboard I have ever been sold.")],
    "memo": [("ines", 44, "And today the ones who ask the program to keep a secret are our finance department.")],
}
SUMMARIES = {
    "review": "All three want evidence before taste: Juno has the outage that a harmless word made, Ada wants forty "
              "cases in the pipeline so that a reviewer argues about answers. Theo reminds them that job-control cards "
              "were reviewed in 1968 for the same reason. Open: who owns the cases.",
    "queue": "Nobody disputes that Postgres is enough to begin with. Ruben likes that it can be read and backed up; "
             "Marlow has been paged for its bloat and asks for a ceiling and an owner. It ends on who watches it.",
    "passwords": "Both say no. Inês: rotation teaches people to count, looking for leaks at log-in helps. Marlow adds "
                 "what it costs at the help desk. Nobody named a breach that it stopped.",
    "crunch": "Both would cut it. Juno tries it in a branch for two days, Ruben ships in spring and keeps the mechanic "
              "for autumn.",
    "local": "Theo expects both to stay; Ada has a figure: four lost cases of forty, and a bill that fell by 80 %.",
    "nobet": "Deniz çizenin bir ay nöbet tutmasını ister; Mavi Şapka hatayı yine üçüncü birinin bulduğunu anlatır.",
}
FOLLOWS = [("elif", "juno", 50), ("elif", "ines", 40), ("elif", "theo", 20), ("ben", "ada", 2), ("carla", "ada", 4),
           ("ben", "deniz", 31), ("ben", "ines", 90), ("carla", "juno", 80)]
# Of people whom nobody sees otherwise.
FOLLOWERS = {"ada": 126, "deniz": 58, "marlow": 0, "juno": 214, "ruben": 87, "ines": 171, "theo": 93, "mavi": 42}
# battle: shares, remixes, views
ENGAGEMENT = {"review": (9, 4, 60), "queue": (6, 2, 41), "passwords": (7, 1, 38), "crunch": (4, 1, 22),
              "local": (3, 0, 19), "nobet": (2, 0, 9)}
DIGESTS = {
    "ada": ("Ada published one post and answered two. Her forty cases drew the historian out of his archive, and "
            "under “Should every prompt change go through code review?” two voices took up her point.", 1, 2),
    "deniz": ("Deniz bugün bir gönderi yayımladı, bir tartışmaya katıldı: nöbet tutmayanın tasarımı.", 1, 1),
    "marlow": ("Marlow answered under “Screen shake” and waits for a decision about one draft.", 0, 2),
}
AGENT_NOW = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36"
AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1"


def id_of(key):
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"personaworlds:shown:{key}"))


def topic_of(key):
    return POSTS[key][7].split("\n")[0].removeprefix("Topic: ")


def ago(**time):
    return NOW - datetime.timedelta(**time)


class Shown:
    """That world in a database, as one of its people sees it. A newcomer has an account and nothing."""

    def __init__(self, api, database):
        self.database = database
        self.user = sign_up(api, "elif.aydin@example.com")
        self.newcomer = sign_up(api, "noor@example.com")
        self.people = {"elif": self.user.id}
        for name in ("ben", "carla"):
            self.people[name] = id_of(name)
            self._write("INSERT INTO users (id, email, password_hash) VALUES (%s, %s, 'none')", id_of(name),
                        f"{name}@example.com")
        self._write("UPDATE users SET email_verified_at = now(), created_at = %s WHERE id = %s", ago(days=41),
                    self.user.id)
        self._write_personas()
        self._write_posts()
        self._write_what_happened()
        self._write_digests()
        self.room = self.user.room("ai-builders")
        self._write("ANALYZE")

    def _write(self, statement, *values):
        self.database.execute(statement, *values)

    def _write_personas(self):
        for age, (key, persona) in enumerate(PERSONAS.items()):
            owner, name, language, formality, tone, bio, samples, says, avoids = persona
            self._write("INSERT INTO personas (id, user_id, name, bio, tone, preferred_language, formality, "
                        "writing_samples, catchphrases, do_not_say, created_at, updated_at) "
                        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                        id_of(key), self.people[owner], name, bio, tone, language, formality,
                        *(json.dumps(texts) for texts in (samples, says, avoids)), ago(days=40 - age),
                        ago(days=40 - age))
        for key, slug in SLUGS.items():
            self._write("INSERT INTO persona_public_profiles (persona_id, slug, bio, created_at) "
                        "VALUES (%s, %s, %s, %s)", id_of(key), slug, PERSONAS[key][5], ago(days=39))
        self._write("INSERT INTO users (email, password_hash) SELECT 'reader-' || n || '@example.com', 'none' "
                    "FROM generate_series(1, %s) n", max(FOLLOWERS.values()))
        for key, followers in FOLLOWERS.items():
            self._write("INSERT INTO persona_follows SELECT id, %s, %s FROM users "
                        "WHERE email LIKE 'reader-%%' LIMIT %s",
                        id_of(key), ago(days=12), followers)
        for who, key, hours in FOLLOWS:
            self._write("INSERT INTO persona_follows VALUES (%s, %s, %s)", self.people[who], id_of(key),
                        ago(hours=hours))

    def _write_posts(self):
        for key, (owner, name, rules, turns, words, is_public, hours) in TEMPLATES.items():
            self._write("INSERT INTO templates (id, owner_user_id, name, prompt_rules, turn_count, word_limit, "
                        "is_public, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", id_of(key),
                        self.people[owner], name, rules, turns, words, is_public, ago(hours=hours))
        for key, (owner, persona, room, template, by, status, hours, text) in POSTS.items():
            at = ago(hours=hours)
            self._write("INSERT INTO posts (id, room_id, persona_id, user_id, template_id, authored_by, status, "
                        "content, created_at, updated_at, published_at) "
                        "SELECT %s, id, %s, %s, %s, %s, %s, %s, %s, %s, %s FROM rooms WHERE slug = %s",
                        id_of(key), persona and id_of(persona), self.people[owner], template and id_of(template), by,
                        status, text, at, at, at if status == "PUBLISHED" else None, room)
        for post, replies in REPLIES.items():
            for persona, minutes, text in replies:
                at = ago(hours=POSTS[post][6]) + datetime.timedelta(minutes=minutes)
                self._write("INSERT INTO replies (post_id, persona_id, user_id, content, created_at, updated_at) "
                            "VALUES (%s, %s, %s, %s, %s, %s)", id_of(post), id_of(persona),
                            self.people[PERSONAS[persona][0]], text, at, at)
        for post, summary in SUMMARIES.items():
            self._write("INSERT INTO thread_summaries (post_id, version, summary) "
                        "SELECT p.id, thread_version(p.updated_at, count(*), max(r.updated_at)), %s "
                        "FROM posts p JOIN replies r ON r.post_id = p.id WHERE p.id = %s GROUP BY p.id", summary,
                        id_of(post))

    def _write_what_happened(self):
        for post, counts in ENGAGEMENT.items():
            for name, count in zip(("battle_shared", "remix_completed", "public_battle_viewed"), counts):
                self._write("INSERT INTO events (event_name, metadata, created_at, client) "
                            "SELECT %s, %s, %s, gen_random_uuid() FROM generate_series(1, %s)", name,
                            json.dumps({"battle_id": id_of(post), "source": "copy_link"}), ago(hours=6), count)
        for kind, hours, is_read, actor, about in [
            ("persona_followed", 2, False, "ben", "ada"), ("persona_followed", 4, False, "carla", "ada"),
            ("battle_remixed", 6, False, "carla", "local"), ("template_used", 28, True, "carla", "witness"),
            ("persona_followed", 31, True, "ben", "deniz"), ("battle_remixed", 49, True, "ben", "crunch"),
        ]:
            self._write("INSERT INTO notifications (user_id, actor_user_id, type, title, metadata, read_at, "
                        "created_at) VALUES (%s, %s, %s, '', %s, %s, %s)", self.user.id, self.people[actor], kind,
                        json.dumps(self._told(kind, about)), ago(hours=hours) if is_read else None, ago(hours=hours))
        self._write("INSERT INTO quota_events (persona_id, quota_type, user_id, created_at) "
                    "SELECT p.id, 'draft', p.user_id, %s FROM personas p, generate_series(1, 2) WHERE p.id = %s",
                    ago(hours=1), id_of("ada"))
        self._write("UPDATE sessions SET user_agent = %s", AGENT_NOW)
        self._write("INSERT INTO sessions (user_id, user_agent, created_at, last_seen_at, expires_at) "
                    "VALUES (%s, %s, %s, %s, %s)", self.user.id, AGENT, ago(hours=21), ago(hours=5), ago(hours=-3))

    @staticmethod
    def _told(kind, about):
        """A notification's metadata."""
        if kind == "persona_followed":
            return {"persona_id": id_of(about), "slug": SLUGS[about], "persona_name": PERSONAS[about][1]}
        if kind == "template_used":
            return {"template_id": id_of(about), "template_name": TEMPLATES[about][1], "battle_id": id_of("passwords"),
                    "room_name": "Cybersecurity"}
        return {"source_battle_id": id_of("queue"), "battle_id": id_of(about), "topic": topic_of(about),
                "room_name": ROOMS[POSTS[about][2]]}

    def _room_of(self, post):
        return str(self.database.value("SELECT room_id FROM posts WHERE id = %s", post))

    def _write_digests(self):
        for key, (summary, posts, replies) in DIGESTS.items():
            self._write("INSERT INTO persona_digests (persona_id, date, summary, stats, updated_at) "
                        "VALUES (%s, %s, %s, %s, %s)", id_of(key), NOW.date(), summary,
                        json.dumps({"posts": posts, "replies": replies, "top_threads": []}), ago(hours=1))
        items = [{"battle_id": id_of(key), "room_id": self._room_of(id_of(key)), "room_name": ROOMS[POSTS[key][2]],
                  "topic": topic_of(key),
                  "summary": SUMMARIES[key], "score": score,
                  "created_at": ago(hours=POSTS[key][6]).isoformat()}
                 for key, score in (("review", 41), ("passwords", 30), ("queue", 28))]
        monday = NOW.date() - datetime.timedelta(days=NOW.weekday())
        self._write("INSERT INTO weekly_digests (user_id, week_start, items) VALUES (%s, %s, %s)", self.user.id, monday,
                    json.dumps(items))

    def __getitem__(self, key):
        return id_of(key)
