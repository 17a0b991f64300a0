"""Every act of a person on the pages: one row each."""
from playwright.sync_api import TimeoutError

from support.acting import (
    ANOTHER, LOOK_MS, PASSWORD, Act, button, enters, gone, in_dialog, link, seen, stored, text, try_again)
from support.battles import write_battle
from support.mail import write_link
from support.people import made, new_room, sign_up
from support.sessions import is_in, log_in
from support.waiting import eventually
from support.words import apart

TOPIC = "Sekme mi, boşluk mu? İkisi de 🙂"
FORM = "Topic: Tabs or spaces?\nPro style: Bold.\nCon style: Sceptical.\nBegin."
LOGGED_IN = button("logOut", "header")
DELETED = {"press": in_dialog("deleteForever")}
PAPER = "getComputedStyle(document.body).backgroundColor"


# ---- what has to be there ----


def persona(scene):
    scene.persona = scene.user.persona(name="Ada")


def public(scene):
    persona(scene)
    publish(scene.user, scene.persona)


def publish(user, persona):
    return made(user.post(f"/personas/{persona.id}/publish-profile", json={"slug": f"ada-{persona.id}"}), 200).slug


def voice(scene):
    """Somebody else's persona that everybody may see."""
    scene.other = sign_up(scene.api)
    scene.persona = scene.other.persona(name="Ben")
    scene.slug = publish(scene.other, scene.persona)


def followed(scene):
    voice(scene)
    made(scene.user.post(f"/p/{scene.slug}/follow"), 200)


def room(scene):
    persona(scene)
    scene.room = new_room(scene.database)


def draft(scene):
    room(scene)
    scene.post = scene.user.draft(scene.persona, scene.room)


def published(scene):
    draft(scene)
    scene.user.approve(scene.post)


def battle(scene):
    """One of one's own, without a reply."""
    persona(scene)
    scene.post = write_battle(scene.database, scene.user, FORM)


def others_battle(scene):
    voice(scene)
    scene.post = write_battle(scene.database, scene.other, FORM, persona=scene.persona)


def template(scene):
    scene.template = made(scene.user.post("/templates", json={
        "name": "Sharp", "prompt_rules": "Be brief.", "turn_count": 4, "word_limit": 80, "is_public": False}), 201)


def link_in_a_mail(purpose):
    def prepare(scene):
        scene.person = scene.user or sign_up(scene.api, scene.email)
        scene.hash = hash_of(scene)
        scene.link = write_link(scene.database, scene.person, purpose)

    return prepare


def account(scene):
    scene.person = sign_up(scene.api, scene.email, PASSWORD)


def one_follower(scene):
    public(scene)
    follower(scene)


def two_followers(scene):
    one_follower(scene)
    follower(scene)


def follower(scene):
    made(sign_up(scene.api).post(f"/p/ada-{scene.persona.id}/follow"), 200)


def hash_of(scene):
    return scene.database.value("SELECT password_hash FROM users WHERE id = %s", scene.person.id)


def own_password(scene):
    scene.person = scene.user
    scene.hash = hash_of(scene)


def other_session(scene):
    scene.elsewhere = log_in(scene.user, **{"User-Agent": "curl/8.0"})


def active_today(scene):
    persona(scene)
    scene.database.execute(
        "INSERT INTO persona_digests (persona_id, date, summary, stats) VALUES (%s, (now() AT TIME ZONE 'UTC')::date, "
        "'Quiet.', '{\"posts\": 1, \"replies\": 0, \"top_threads\": []}')", scene.persona.id)


def no_mail_asked(scene):
    scene.database.execute("DELETE FROM jobs WHERE user_id = %s", scene.user.id)


def sharing(scene):
    others_battle(scene)
    scene.tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    scene.tab.context.add_init_script("navigator.share = async what => { window.shared = what.url; }")


def editable(scene):
    public(scene)
    scene.tab.context.grant_permissions(["clipboard-read", "clipboard-write"])


# ---- on the way ----


def presses_or_looks(scene):
    """Where the account is gone the page may be, too: the server was away when it went."""
    try:
        scene.act.press(scene).click(timeout=LOOK_MS)
    except TimeoutError:
        scene.page.goto("/")


def session_ends(scene):
    """The page is there, and then its token is refused."""
    scene.page.wait_for_selector(".draft-card, .empty")
    scene.tab.announce(401)
    log_in(scene.user).post("/me/sessions/end-others", json={})
    eventually(lambda: not is_in(scene.user))
    scene.page.evaluate("document.querySelector('nav a[href=\"/rooms\"]').click()")
    scene.page.wait_for_selector("dialog.sheet[open]")


def something_new(scene):
    """It comes while the feed is in view."""
    scene.page.wait_for_selector("#feed li, #feed .empty")
    scene.other.publish(scene.persona, new_room(scene.database), "The new one.")


# ---- what became of it ----


def count(scene, sql, *values):
    return scene.database.value(f"SELECT count(*) FROM {sql}", *values)


def posts(**columns):
    return lambda scene: stored("posts", user_id=scene.user.id, **columns)(scene)


def of_user(column, value):
    return lambda scene: int(scene.database.value(f"SELECT {column} FROM users WHERE id = %s", scene.user.id) == value)


def follows(scene):
    return scene.database.count("persona_follows", followed_persona_id=scene.persona.id)


def unread(scene):
    return count(scene, "notifications WHERE user_id = %s AND read_at IS NULL", scene.user.id)


def all_read(scene):
    return int(unread(scene) == 0)


def back_to_the_notice(scene):
    """It is opened once more, unread where it wasn't read."""
    scene.page.go_back()
    scene.page.locator(".notice.unread a" if unread(scene) else ".notice a").first.click()


def has_token(scene):
    return int(scene.tab.kept("pw.token") not in (None, scene.user and scene.user.token))


def password_changed(scene):
    return count(scene, "users WHERE id = %s AND password_hash <> %s", scene.person.id, scene.hash)


def elsewhere_ended(scene):
    return count(scene, "sessions WHERE user_id = %s AND user_agent = 'curl/8.0' AND ended_at IS NOT NULL",
                 scene.user.id)


def drafts(scene):
    return scene.database.count("posts", persona_id=scene.persona.id, status="DRAFT")


def approved(scene):
    return count(scene, "events WHERE event_name = 'post_approved' AND metadata->>'post_id' = %s", scene.post.id)


def asked(scene):
    return scene.database.count("jobs", job_type="generate_reply", post_id=scene.post.id)


def clipboard(scene):
    return scene.page.evaluate("navigator.clipboard.readText()")


def other_language(scene):
    return {"en": "tr", "tr": "en"}[scene.language]


ACTS = [
    # accounts
    Act("sign up", "/signup", is_visitor=True, typed={"email": "{scene.email}", "password": PASSWORD},
        press=button("start"), sends="POST /auth/signup", done=seen(".voice-card"),
        times=stored("users", email="{scene.email}")),
    Act("sign up at the start", "/", is_visitor=True, typed={"email": "{scene.email}", "password": PASSWORD},
        press=button("start"), sends="POST /auth/signup", done=seen(".voice-card"),
        times=stored("users", email="{scene.email}")),
    Act("log in", "/login", is_visitor=True, prepare=account,
        typed={"email": "{scene.email}", "password": PASSWORD}, press=button("logIn"), sends="POST /auth/login",
        done=LOGGED_IN, times=has_token, is_here=True),
    Act("log in again where one was", "/drafts", opens=(session_ends,),
        typed={"email": "{scene.email}", "password": "{scene.user.password}"},
        press=in_dialog("logIn"), sends="POST /auth/login", done=seen("body:not(:has(dialog[open]))"), times=has_token,
        is_here=True),
    Act("log out", "/rooms", ends_session=True, press=LOGGED_IN, sends="POST /auth/logout", done=link("logIn", "nav"),
        times=lambda scene: 1 - has_token(scene), is_here=True, goes_on=link("logIn", "nav"),
        again=lambda scene: scene.page.goto("/")),
    Act("ask for a new password", "/reset", is_visitor=True, prepare=account, typed={"email": "{scene.email}"},
        press=button("sendLink"), sends="POST /auth/forgot", done=text("linkSent"),
        times=lambda scene: stored("jobs", job_type="reset_mail", user_id=scene.person.id)(scene)),
    Act("choose the new password", "/reset?token={scene.link}", is_visitor=True, prepare=link_in_a_mail("reset"),
        typed={"password": ANOTHER}, press=button("save"), sends="POST /auth/reset", done=LOGGED_IN,
        times=password_changed, lost=seen("main a[href='/login']")),
    Act("confirm the e-mail", "/verify?token={scene.link}", prepare=link_in_a_mail("verification"),
        press=button("confirm"), sends="POST /auth/verify", done=text("verified"),
        times=lambda scene: count(scene, "users WHERE id = %s AND email_verified_at IS NOT NULL", scene.person.id)),
    Act("have that mail sent again", "/settings", prepare=no_mail_asked, press=button("sendAgain"),
        sends="POST /me/verify", done=text("mailSent"),
        times=lambda scene: stored("jobs", job_type="verification_mail", user_id=scene.user.id)(scene)),

    # personas
    Act("take a ready voice", "/welcome", press=seen(".voice-card button"), sends="POST /personas",
        done=seen(".first-draft"), times=stored("personas", user_id="{scene.user.id}")),
    Act("make a persona", "/personas/new", typed={
        "name": "Deniz Çağlar", "bio": "Önce ölçer.", "tone": "sakin", "sample1": "Bir.", "sample2": "İki.",
        "sample3": "Üç 🙂"}, press=button("save"), sends="POST /personas", done=seen("h1 bdi:text-is('Deniz Çağlar')"),
        times=stored("personas", user_id="{scene.user.id}", name="Deniz Çağlar")),
    Act("edit a persona", "/personas/{scene.persona.id}", prepare=persona, typed={"tone": "ölçülü", "bio": "Bekler."},
        press=button("save", ".savebar"), sends="PUT /personas/*", done=text("allSaved", ".savebar"),
        times=stored("personas", id="{scene.persona.id}", tone="ölçülü", bio="Bekler.")),
    Act("hear a persona", "/personas/{scene.persona.id}", prepare=persona, typed={"tone": "ölçülü"},
        press=button("listen"), sends="POST /personas/*/preview", done=seen(".heard > li"),
        times=lambda scene: count(scene, "quota_events WHERE persona_id = %s AND quota_type = 'preview' "
                                         "AND expires_at IS NULL", scene.persona.id)),
    Act("publish a profile", "/personas/{scene.persona.id}", prepare=persona,
        typed={"slug": "ada-{scene.persona.id}", "profile-bio": "Herkese açık."}, press=button("publishProfile"),
        sends="POST /personas/*/publish-profile", done=text("publicPersona"),
        times=stored("persona_public_profiles", persona_id="{scene.persona.id}", bio="Herkese açık.", is_public=True)),
    Act("change a profile", "/personas/{scene.persona.id}", prepare=public, opens=(button("changeProfile"),),
        typed={"profile-bio": "Herkese açık."}, press=button("save", "section:has(> #profile)"),
        sends="POST /personas/*/publish-profile", done=button("changeProfile"),
        times=stored("persona_public_profiles", persona_id="{scene.persona.id}", bio="Herkese açık.")),
    Act("take a profile back", "/personas/{scene.persona.id}", prepare=public, press=button("unpublish"),
        sends="POST /personas/*/unpublish-profile", done=button("publishProfile"),
        times=stored("persona_public_profiles", persona_id="{scene.persona.id}", is_public=False)),
    Act("copy a profile's link", "/personas/{scene.persona.id}", prepare=editable, press=button("copyLink"),
        done=text("linkCopied"), times=lambda scene: int(clipboard(scene).endswith(f"/p/ada-{scene.persona.id}"))),
    Act("delete a persona", "/personas/{scene.persona.id}", prepare=persona, opens=(button("deletePersona"),),
        typed={"name-again": "Ada"}, **DELETED, sends="DELETE /personas/*", done=text("noPersonas"),
        times=gone("personas", id="{scene.persona.id}")),

    # drafts
    Act("let a persona draft", "/rooms/{scene.room.id}", prepare=room, typed={"about": "Sekmeler, İstanbul"},
        press=button("writeDraft"), sends="POST /rooms/*/posts/draft", done=seen(".draft-card"), times=drafts),
    Act("publish the first draft", "/welcome?persona={scene.persona.id}&voice=tester", prepare=persona,
        press=button("publishAs", name=apart("Ada")), sends="POST /posts/*/approve", done=seen(".disagree"),
        times=posts(status="PUBLISHED")),
    Act("publish a draft", "/drafts", prepare=draft, typed={"content": "Elle yazıldı. İyi."},
        press=button("publishAs", name="Ada"), sends="POST /posts/*/approve", done=text("askOthers"), times=approved,
        lost=text("noDrafts")),
    Act("save a draft", "/drafts", prepare=draft, typed={"content": "Elle yazıldı. İyi."}, press=button("save"),
        sends="PUT /posts/*", done=text("saved"), times=posts(status="DRAFT", content="Elle yazıldı. İyi."),
        lost=seen(".draft-card button:disabled")),
    Act("have another draft written", "/drafts", prepare=draft, typed={"content": "Elle yazıldı."},
        press=button("writeAnother"), sends="POST /rooms/*/posts/draft", done=seen(".draft-card >> nth=1"),
        times=lambda scene: drafts(scene) - 1),
    Act("delete a draft", "/drafts", prepare=draft, opens=(button("deleteBattle"),), **DELETED, sends="DELETE /posts/*",
        done=text("noDrafts"), times=gone("posts", id="{scene.post.id}")),
    Act("delete what is published", "/drafts", prepare=published, opens=(button("published"), button("deleteBattle")),
        **DELETED, sends="DELETE /posts/*", done=text("nothingPublished"), times=gone("posts", id="{scene.post.id}")),

    # battles
    Act("start a battle", "/battles/new", prepare=persona,
        typed={"topic": TOPIC, "pro_style": "Atak", "con_style": "Ağır"},
        press=button("startRemix"), sends="POST /rooms/*/battles", done=seen(f"h1:text-is('{TOPIC}')"),
        times=posts(status="PUBLISHED")),
    Act("use a template", "/templates?mine=1", prepare=template, opens=(link("use"),), typed={"topic": TOPIC},
        press=button("startRemix"), sends="POST /rooms/*/battles", done=seen(f"h1:text-is('{TOPIC}')"),
        times=posts(template_id="{scene.template.id}")),
    Act("remix a battle", "/b/{scene.post.id}", prepare=others_battle, opens=(button("remix"),), typed={"topic": TOPIC},
        press=in_dialog("startRemix"), sends="POST /rooms/*/battles", done=seen(f"h1:text-is('{TOPIC}')"),
        times=posts()),
    Act("remix a battle without an account", "/b/{scene.post.id}?remix=1", is_visitor=True, prepare=others_battle,
        opens=(enters,), typed={"topic": TOPIC}, press=in_dialog("startRemix"), sends="POST /rooms/*/battles",
        done=seen(f"h1:text-is('{TOPIC}')"),
        times=lambda scene: count(scene, "posts p JOIN users u ON u.id = p.user_id WHERE u.email = %s", scene.email)),
    Act("ask voices to answer", "/b/{scene.post.id}", prepare=battle, opens=(button("askReplies"),),
        press=in_dialog("askVoices", n=1), sends="POST /posts/*/generate-replies", done=text("voicesAsked", n=1),
        times=asked, lost=text("isAsked")),
    Act("make a voice that disagrees", "/b/{scene.post.id}?voice=tester&speaks=en", prepare=battle,
        press=seen(".disagree .voice-card button"), sends="POST /personas", done=seen(".writing"),
        times=lambda scene: stored("personas", user_id=scene.user.id)(scene) - 1),
    Act("let that voice answer", "/b/{scene.post.id}?voice=tester&speaks=en", prepare=battle,
        press=seen(".disagree .voice-card button"), sends="POST /posts/*/generate-replies", done=seen(".writing"),
        times=asked),
    Act("delete a battle", "/b/{scene.post.id}", prepare=battle, opens=(button("deleteBattle"),),
        press=in_dialog("deleteBattle"), sends="DELETE /posts/*", done=text("postsHere"),
        times=gone("posts", id="{scene.post.id}"), lost=text("wasDeleted")),
    Act("copy a battle's link", "/b/{scene.post.id}", prepare=sharing, opens=(button("share"),),
        press=in_dialog("copyLink"), done=text("linkCopied"),
        times=lambda scene: int(clipboard(scene).endswith(f"/b/{scene.post.id}"))),
    Act("copy a battle's picture", "/b/{scene.post.id}", prepare=sharing, opens=(button("share"),),
        press=in_dialog("copyTheImage"), done=text("copiedImage"), times=lambda scene: scene.page.evaluate(
            "async () => (await navigator.clipboard.read())[0].types.filter(type => type === 'image/png').length")),
    Act("share a battle by the system", "/b/{scene.post.id}", prepare=sharing, opens=(button("share"),),
        press=in_dialog("shareNatively"), done=text("sharedNatively"),
        times=lambda scene: int(scene.page.evaluate("window.shared").endswith(f"/b/{scene.post.id}"))),

    # templates
    Act("make a template", "/templates/new", typed={"name": "Önce karşı taraf", "rules": "Kısa kes. İyi dinle.",
                                                    "turns": "6", "words": "90"},
        press=button("save"), sends="POST /templates", done=seen("h2:text-is('Önce karşı taraf')"),
        times=stored("templates", owner_user_id="{scene.user.id}", name="Önce karşı taraf", turn_count=6)),
    Act("edit a template", "/templates?mine=1", prepare=template, opens=(button("edit"),),
        typed={"name": "Önce karşı taraf", "rules": "Kısa kes."}, press=in_dialog("save"), sends="PUT /templates/*",
        done=seen("h2:text-is('Önce karşı taraf')"),
        times=stored("templates", id="{scene.template.id}", prompt_rules="Kısa kes.")),
    Act("delete a template", "/templates?mine=1", prepare=template, opens=(button("delete"),), **DELETED,
        sends="DELETE /templates/*", done=text("noOwnTemplates"), times=gone("templates", id="{scene.template.id}")),

    # following
    Act("follow", "/p/{scene.slug}", prepare=voice, press=button("follow"), sends="POST /p/*/follow",
        done=button("unfollow", name="Ben"), times=follows, is_learnt=True),
    Act("follow without an account", "/p/{scene.slug}", is_visitor=True, prepare=voice, opens=(link("follow"),),
        typed={"email": "{scene.email}", "password": PASSWORD}, press=button("start"), sends="POST /p/*/follow",
        done=button("unfollow", name="Ben"), times=follows, failed=seen("[role=alert]:visible"),
        again=lambda scene: scene.button("follow").click(), is_learnt=True),
    Act("follow no more", "/p/{scene.slug}", prepare=followed, press=button("unfollow", name="Ben"),
        sends="DELETE /p/*/follow", done=button("follow"), times=lambda scene: 1 - follows(scene),
        is_learnt=True),
    Act("follow who is suggested", "/", prepare=voice, opens=(button("following"),), press=seen(".suggestion button"),
        sends="POST /p/*/follow", done=text("followingThis", ".suggestion"),
        times=lambda scene: stored("persona_follows", follower_user_id=scene.user.id)(scene)),

    # notifications and the start
    Act("open a notification", "/notifications", prepare=one_follower, press=seen(".notice.unread a"),
        sends="POST /notifications/read", done=seen(".profile-head"), times=all_read,
        goes_on=seen(".profile-head"), again=back_to_the_notice),
    Act("open a group of notifications", "/notifications", prepare=two_followers, press=seen(".notice.unread a"),
        sends="POST /notifications/read", done=seen(".profile-head"), times=all_read,
        goes_on=seen(".profile-head"), again=back_to_the_notice),
    Act("mark all as read", "/notifications", prepare=two_followers, press=button("markAll"),
        sends="POST /notifications/read-all", done=seen(".notice:not(.unread)"), times=all_read),
    Act("put the day's digest away", "/", prepare=active_today, press=button("close", ".away"),
        done=seen("#profile"), times=lambda scene: int(scene.persona.id in scene.tab.kept("pw.away"))),
    Act("choose what the feed shows", "/", prepare=voice, press=button("templates"),
        done=seen(".filters [aria-pressed=true]:nth-of-type(4)"), times=lambda scene: 1),
    Act("show what is new", "/", prepare=followed, opens=(something_new,), press=button("newItems", n=1),
        done=seen("#feed h2 a:text-is('The new one')"), times=lambda scene: 1),
    Act("search", "/search", prepare=others_battle, typed={"q": "Tabs or spaces"}, press=button("doSearch"),
        sends="GET /search", done=seen(".list a:text-is('Tabs or spaces?') >> nth=0"), times=lambda scene: 1,
        is_here=True, again=try_again),

    # settings
    Act("change the language", "/settings",
        press=lambda scene: scene.page.locator(f"label:has(input[value={other_language(scene)}])"), sends="PUT /me",
        done=seen("h1"), times=lambda scene: of_user("language", other_language(scene))(scene)),
    Act("choose a theme", "/settings", press=seen("label:has(input[value=dark])"), done=seen("html[data-theme=dark]"),
        times=lambda scene: int(scene.tab.kept("pw.theme") == "dark")),
    Act("turn the theme", "/rooms", is_toggle=True, press=button("theme", "header"), done=seen("html[data-theme]"),
        times=lambda scene: int(scene.tab.kept("pw.theme") is not None)),
    Act("turn single keys off", "/settings", press=seen("label:has(input[value=off])"),
        done=seen("input[value=off]:checked"),
        times=lambda scene: int(scene.tab.kept("pw.keys") == "off")),
    Act("change the e-mail", "/settings", opens=(seen("summary >> nth=0"),),
        typed={"email": "new-{scene.email}", "current-password": "{scene.user.password}"}, press=button("changeEmail"),
        sends="PUT /me", done=seen(".own-email bdi:text-is('new-{scene.email}')"),
        times=stored("users", id="{scene.user.id}", email="new-{scene.email}")),
    Act("change the password", "/settings", prepare=own_password, opens=(seen("summary >> nth=1"),),
        typed={"before": "{scene.user.password}", "next": ANOTHER}, press=button("changePassword"),
        sends="PUT /me/password", done=text("passwordChanged"), times=password_changed),
    Act("end a session", "/settings", prepare=other_session, press=button("endSessionOf", name="curl"),
        sends="DELETE /me/sessions/*", done=text("sessionEnded"), times=elsewhere_ended,
        lost=seen(".session:only-child")),
    Act("end all other sessions", "/settings", prepare=other_session, press=button("endOthers"),
        sends="POST /me/sessions/end-others", done=text("othersEnded", n=1),
        times=elsewhere_ended, lost=seen(".session:only-child")),
    Act("take one's data along", "/settings", press=button("exportDo"), sends="GET /me/export", done=text("exported"),
        times=lambda scene: 1, is_here=True),
    Act("delete the account", "/settings", ends_session=True, opens=(button("deleteAccount"),),
        typed={"password": "{scene.user.password}"},
        **DELETED, sends="DELETE /me", done=link("logIn", "nav"),
        times=gone("users", email="{scene.email}"), failed=seen("body"), again=presses_or_looks),
]
