"""Levers as an operator uses them."""
from support.program import run
from support.waiting import eventually

OBEYED_WITHIN = 1.0


def settings(database, *words, **environment):
    """`personaworlds settings WORDS…`: what it said."""
    done = run("settings", *words, DATABASE_URL=database.url, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def by_hand(database, key, value, expires="NULL"):
    """A row that somebody wrote past the command."""
    database.execute(f"INSERT INTO settings (key, value, expires_at) VALUES (%s, %s, {expires}) "
                     "ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at", key,
                     value)


def obeyed(condition):
    """Holds within the time that docs/LEVERS.md gives every process."""
    return eventually(condition, within=OBEYED_WITHIN)


def changes(service, key):
    """What the process said of the lever: (old, new, reason)."""
    return [(line["old"], line["new"], line["reason"]) for line in service.log.find("setting_changed", key=key)]
