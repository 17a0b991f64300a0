"""script/backup and script/restore, and what they made."""
import fcntl
import hashlib
import json
import pathlib
import subprocess

import psycopg

from support import secrets
from support.program import CHECKOUT, binary, environment

FILES = ("manifest.json", "database.dump", "SHA256SUMS")
COUNTS = ("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
          "AND NOT relispartition")


def command(name, *arguments):
    return [CHECKOUT / "script" / name, *map(str, arguments)]


def script(name, *arguments, cwd=None, within=60, **settings):
    """One of the two, ended: its exit code, stdout and stderr."""
    done = subprocess.run(command(name, *arguments), env=shell(**settings), cwd=cwd, capture_output=True, text=True,
                          timeout=within)
    secrets.search((done.stdout + done.stderr).encode(), settings, f"script/{name}")
    return done


def shell(**settings):
    """The scripts take the checkout's release build; where a test has another alone, that."""
    env = environment(**settings)
    return env | {"PATH": f"{binary().parent}:{env['PATH']}"}


def back_up(database, folder, *options):
    """A backup of the database that isn't restored to look at it."""
    done = script("backup", "--no-verify", *options, folder, DATABASE_URL=database.url)
    assert done.returncode == 0, done.stderr
    return backups_in(folder)[-1]


def backups_in(folder):
    return sorted(path for path in pathlib.Path(folder).iterdir() if not path.name.startswith("."))


def manifest(backup):
    return json.loads((backup / "manifest.json").read_text())


def change_manifest(backup, **changes):
    """By somebody who knows of the checksums."""
    (backup / "manifest.json").write_text(json.dumps(manifest(backup) | changes))
    sum_anew(backup)


def sum_anew(backup):
    (backup / "SHA256SUMS").write_text("".join(
        f"{hashlib.sha256((backup / name).read_bytes()).hexdigest()}  {name}\n" for name in FILES[:2]))


def rows(database):
    """How many each table has. Nobody is connected afterwards: a restore would refuse."""
    found = {row["relname"]: database.count(row["relname"]) for row in database.rows(COUNTS)}
    database.leave()
    return found


def names(cluster, prefix=""):
    """Its databases whose names begin so."""
    with psycopg.connect(cluster.url()) as connection:
        found = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
        return sorted(name for name, in found)


def is_in_use(lock):
    try:
        with lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # locked, or gone by now
        return True
    return False
