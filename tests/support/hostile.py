"""What somebody may write to become markup, script, data or direction of a page: sixty texts."""

HOSTILE = [
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "</SCRIPT\t><svg/onload=alert(1)>",
    "<!--", "-->", "--!><img src=x onerror=alert(1)>", "<!--<script>", "]]>", "<![CDATA[ x ]]>",
    "<!doctype html><html>", "<?xml version='1.0'?>", "</title><h1>owned</h1>", "</main></body></html>",
    "<plaintext>", "<textarea>", "<noscript><p title=\"</noscript><img src=x>\">", "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>", "<style>*{display:none}</style>",
    "<iframe srcdoc='<script>alert(1)</script>'>", "<a href=\"javascript:alert(1)\">x</a>", "javascript:alert(1)",
    "\" onmouseover=\"alert(1)", "' autofocus onfocus='alert(1)", "` onerror=alert(1) `", "\"><img src=x>",
    "a=b c='d' e=\"f\"", "&", "&amp;", "&lt;script&gt;", "&#0;&#x110000;&#xD800;", "&notit; &nbsp &copy=1",
    "%3Cscript%3E", "\\u003cscript>", "\\", "\\\"", "{\"a\": [1, 2", "\",\"admin\":true,\"x\":\"",
    "{{7*7}} ${7*7} #{7*7} <%= 7*7 %>",
    "%s %n %d %1$s", "＜script＞alert(1)＜/script＞", "line one\r\nline two\rline three\nline four", "\tindented\fpage",
    "\x01\x02\x08\x0b\x0e\x1f\x1b[31mred", "delete \x7f next \x80\x85\x9f", "\ufdd0\ufdef\ufffe\uffff",
    "\U0001fffe\U0010ffff", "line\u2028paragraph\u2029", "\u202eright to left",
    "\u2067\u2068\u2066 three that never end", "\u2069\u202c ends nothing", "zero\u200bwidth\u200d\u2060\ufeff",
    "Z" + "\u0301" * 60 + "algo", "مرحبا بالعالم, then Latin",
    "שלום <b>עולם</b>", "日本語「引用」。", "👩‍👩‍👧‍👦 🏳️‍🌈 \U0001f1f9\U0001f1f7", "İstanbul ıĞüş", "<" * 300 + ">" * 300,
    "word " * 700 + "<end>",
]

WRITE = """
WITH texts AS (SELECT n, text, gen_random_uuid() AS persona, gen_random_uuid() AS post
               FROM unnest(%s::text[]) WITH ORDINALITY AS t (text, n)),
     who AS (SELECT %s::uuid AS author, %s::uuid AS room, %s::text AS slug),
     personas AS (INSERT INTO personas (id, user_id, name, tone) SELECT persona, author, text, text FROM texts, who),
     profiles AS (INSERT INTO persona_public_profiles (persona_id, slug, bio)
                  SELECT persona, slug || '-' || n, text FROM texts, who),
     posts AS (INSERT INTO posts (id, room_id, user_id, persona_id, authored_by, status, content, published_at)
               SELECT post, room, author, persona, 'HUMAN', 'PUBLISHED', 'Topic: ' || text, now() FROM texts, who),
     replies AS (INSERT INTO replies (post_id, persona_id, user_id, content)
                 SELECT post, persona, author, text FROM texts, who),
     summaries AS (INSERT INTO thread_summaries (post_id, version, summary) SELECT post, 'earlier', text FROM texts),
     templates AS (INSERT INTO templates (owner_user_id, name, prompt_rules, turn_count, word_limit, is_public)
                   SELECT author, text, text, 4, 80, true FROM texts, who)
SELECT '/b/' || post AS battle, '/p/' || slug || '-' || n AS profile FROM texts, who ORDER BY n
"""


def write_everywhere(database, world):
    """Each text as a topic, a name, a bio, a tone, a reply, a summary and a template:
    the paths of its battle and its profile."""
    rows = database.rows(WRITE, HOSTILE, world.user.id, world.room.id, world.slug)
    return [(row["battle"], row["profile"]) for row in rows]
