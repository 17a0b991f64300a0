"""The page of a battle, as tests of a browser open it."""
from support.battles import summarize, write_battle

REMIX, ASK, SHARE, DELETE = [f"main > .acts .act:text-is('{word}')" for word in (
    "Remix", "Ask for replies", "Share", "Delete")]
SHEET = "dialog[open]"
CONTENT = "Topic: Tabs or spaces?\nPro style: Bold.\nCon style: Sceptical.\nBegin."


def quiet_battle(database, world):
    """One of the test's own, with a summary and no reply."""
    battle = write_battle(database, world.user, CONTENT, persona=world.persona)
    summarize(database, battle)
    return battle


def reply(database, battle, voice, text="Spaces look the same everywhere."):
    database.execute("INSERT INTO replies (post_id, persona_id, user_id, content) "
                     "SELECT %s, id, user_id, %s FROM personas WHERE id = %s", battle.id, text, voice.id)


def events_of(database, name, battle):
    """What was sent with the battle's events of that name, oldest first."""
    rows = database.rows("SELECT metadata FROM events WHERE event_name = %s AND metadata->>'battle_id' = %s "
                         "ORDER BY id", name, str(battle.id))
    return [row["metadata"] for row in rows]


def open_battle(tab, battle):
    page = tab.go(f"/b/{battle.id}")
    page.wait_for_selector("button.act")
    return page


def open_sheet(tab, battle, act=SHARE):
    page = open_battle(tab, battle)
    page.click(act)
    page.wait_for_selector(SHEET)
    return page
