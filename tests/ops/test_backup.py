"""script/backup and script/restore: a backup is whole or isn't there, what can't be restored is
refused before anything is changed, and what was restored is what was backed up."""
import contextlib
import datetime
import json
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import threading
import uuid

import psycopg
import pytest

from support.backup import (FILES, back_up, backups_in, change_manifest, command, is_in_use, manifest, names, rows,
                            script, shell, sum_anew)
from support.people import made, new_room, persona_fields, sign_up
from support.postgres import Database, _descendants
from support.program import CHECKOUT, MIGRATIONS, Api, Worker, binary, environment, run
from support.queue import write_job
from support.roles import as_role
from support.secrets import DATABASE_PASSWORD
from support.sessions import is_in, log_in
from support.waiting import eventually

NAME = re.compile(r"personaworlds-\d{8}T\d{6}Z")


class World:
    """A database in which something has happened, and its backup."""

    def __init__(self, database, folder):
        self.database = database
        assert run("seed", "--demo", DATABASE_URL=database.url).returncode == 0
        with Api(database.url) as api:
            self.user = sign_up(api)
            self.away = log_in(self.user)
            self.persona, self.room = self.user.persona(), new_room(database)
            self.post = self.user.publish(self.persona, self.room)
            self.key = {"Idempotency-Key": str(uuid.uuid4())}
            self.once = made(self.user.post("/personas", json=persona_fields(name="Once"), headers=self.key), 201)
            assert self.away.post("/auth/logout").status_code == 200
        replier = self.once
        self.job = write_job(database, post=self.post, persona=replier, status="PROCESSING", attempts=1,
                             locked_by="a worker of before", payload=json.dumps({"persona_id": replier.id}),
                             lease_until=datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1))
        self.backup = back_up(database, folder)


@pytest.fixture(scope="module")
def world(cluster, template, tmp_path_factory):
    database = cluster.create(template.name)
    yield World(database, tmp_path_factory.mktemp("backups"))
    database.drop()


@pytest.fixture
def backup(world, tmp_path):
    """A copy to damage."""
    return shutil.copytree(world.backup, tmp_path / world.backup.name)


@pytest.fixture
def target(cluster):
    """An empty database."""
    database = cluster.create()
    yield database
    database.drop()


@pytest.fixture
def filled(cluster, template):
    """A database with something in it that isn't in the backup."""
    database = cluster.create(template.name)
    database.execute("CREATE TABLE only_here ()")
    yield database
    for name in names(cluster, database.name):
        Database(cluster, name).drop()


@pytest.fixture(scope="module")
def standing(cluster, template):
    """One that nobody succeeds in changing."""
    database = cluster.create(template.name)
    before = rows(database)
    yield database
    assert rows(database) == before and names(cluster, database.name) == [database.name]
    database.drop()


def refused(done, *words, code=1):
    """In one sentence, and nothing on stdout."""
    assert done.returncode == code and done.stdout == "", done
    (line,) = done.stderr.splitlines()
    assert all(word in line for word in words), line
    assert DATABASE_PASSWORD not in line
    return True


def left_by_checks():
    """Those of tests that run beside this one are locked."""
    return [place for place in pathlib.Path("/var/tmp").glob("personaworlds-check.*") if not is_in_use(place / "lock")]


# ---- a backup ----


@contextlib.contextmanager
def written_to(database):
    """Somebody adds rows all the time."""
    ended = threading.Event()

    def write():
        with database.connect() as connection:
            while not ended.wait(0.01):
                connection.execute("INSERT INTO journal (at, who, kind, what) SELECT now(), 'a', 'note', 'x' "
                                   "FROM generate_series(1, 20)")

    before = database.count("journal")
    writer = threading.Thread(target=write)
    writer.start()
    try:
        eventually(lambda: database.count("journal") > before)
        yield before
    finally:
        ended.set()
        writer.join()


def test_a_backup_is_verified_and_says_what_it_is(world, tmp_path):
    """As of one moment: the rows that are there when it was restored are those that were counted in
    the snapshot of the dump, while others came."""
    folder = tmp_path / "new" / "folder"
    others = rows(world.database)
    others.pop("journal")
    with written_to(world.database) as before:
        done = script("backup", folder, DATABASE_URL=world.database.url)
        assert done.returncode == 0 and done.stderr == "", done.stderr
    (backup,) = backups_in(folder)
    assert NAME.fullmatch(backup.name) and sorted(path.name for path in backup.iterdir()) == sorted(FILES)
    assert re.fullmatch(rf"script/backup: ok: {backup} \(\S+, \d+ rows, verified in \d+ s\)\n", done.stdout)
    said = manifest(backup)
    assert before < said["rows"].pop("journal") < world.database.count("journal")
    assert said["product"] == "PersonaWorlds" and said["rows"] == others and others["users"] >= 1
    assert said["migrations"] == MIGRATIONS and said["schema_version"] == MIGRATIONS[-1]
    assert said["product_version"] == run("--version").stdout.split(" ", 1)[1].strip()
    assert said["postgres_version"] == world.database.value("SHOW server_version")
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=backup, check=True)
    assert {path.stat().st_mode & 0o077 for path in (folder, backup, *backup.iterdir())} == {0}
    assert left_by_checks() == []


@pytest.mark.parametrize("source", ["environment file", "password file", "up"])
def test_which_database(world, tmp_path, source):
    other, settings, options = "postgres://nobody@127.0.0.1:1/none", {}, []
    if source == "environment file":  # which nothing runs as a shell would
        (tmp_path / "owner.env").write_text(f'# ours\nexport DATABASE_OWNER_URL="{world.database.url}"\n'
                                            "X=$(touch ran)\n")
        settings, options = {"DATABASE_OWNER_URL": other}, ["--env-file", "owner.env"]
    elif source == "password file":
        (tmp_path / "url").write_text(f"{world.database.url}\n")
        settings = {"DATABASE_OWNER_URL_FILE": tmp_path / "url", "DATABASE_URL": other}
    else:
        (tmp_path / ".personaworlds").mkdir()
        (tmp_path / ".personaworlds/stack.json").write_text(
            json.dumps({"settings": {"DATABASE_OWNER_URL": world.database.url}}))
    done = script("backup", "--no-verify", *options, "backups", cwd=tmp_path, **settings)
    assert done.returncode == 0 and "not verified" in done.stdout, done.stderr
    assert manifest(backups_in(tmp_path / "backups")[0])["database"] == world.database.name
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("words", [[], ["a", "b"], ["--keep", "0", "a"], ["--keep", "3w", "a"], ["--keep"],
                                   ["--fast", "a"], ["--env-file", "none", "a"]], ids=" ".join)
def test_a_wrong_command_line_is_exit_3(tmp_path, words):
    done = script("backup", *words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (3, "") and "script/backup: writes" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_no_database(tmp_path, target):
    assert refused(script("backup", tmp_path), "no database is named", code=3)
    away = "postgres://nobody:planted-other-password@127.0.0.1:1/none"
    assert refused(script("backup", tmp_path, DATABASE_URL=away), "can't be asked", "refused", code=4)
    assert refused(script("backup", tmp_path, DATABASE_URL=target.url), "no schema of PersonaWorlds")
    assert backups_in(tmp_path) == [] and [path.name for path in tmp_path.iterdir()] == [".lock"]


@pytest.mark.parametrize("keep, stays", [("3", [1, 2]), ("7d", [1, 2, 6])])
def test_old_backups_are_removed_by_number_or_by_days(world, tmp_path, keep, stays):
    def of(days):
        time = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=days, hours=1)
        return time.strftime("personaworlds-%Y%m%dT%H0000Z")

    for days in (1, 2, 6, 8):
        shutil.copytree(world.backup, tmp_path / of(days))
    (tmp_path / "somebody's").mkdir()
    done = script("backup", "--no-verify", "--keep", keep, tmp_path, DATABASE_URL=world.database.url)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(f", {4 - len(stays)} old removed)\n")
    *left, fresh, others = backups_in(tmp_path)
    assert [path.name for path in left] == sorted(of(days) for days in stays)
    assert NAME.fullmatch(fresh.name) and others.name == "somebody's"


# ---- a backup that doesn't get ready ----


class Under:
    """A backup that has come as far as to wait for a table that is locked."""

    def __init__(self, database, folder):
        self.database, self.folder = database, folder

    def __enter__(self):
        self.holder = psycopg.connect(self.database.url)
        self.holder.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        self.process = subprocess.Popen(command("backup", self.folder), env=shell(DATABASE_URL=self.database.url),
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        eventually(lambda: self.dumps() and self.database.waiting_for_locks(), within=20)
        return self

    def dumps(self):
        return [path for path in pathlib.Path("/proc").glob("[0-9]*")
                if (line := self._line(path)) and b"pg_dump" in line and str(self.folder).encode() in line]

    @staticmethod
    def _line(path):
        with contextlib.suppress(OSError):
            return (path / "cmdline").read_bytes()
        return b""

    def __exit__(self, *_):
        self.holder.close()
        self.process.kill()
        self.process.communicate()


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGKILL], ids=lambda signum: signum.name)
def test_a_backup_that_is_ended_in_the_middle_leaves_none(world, tmp_path, signum):
    with Under(world.database, tmp_path) as under:
        under.process.send_signal(signum)
        out, said = under.process.communicate(timeout=20)
        eventually(lambda: not under.dumps(), within=20)  # nor a dump that goes on
    assert under.process.returncode != 0 and out == "" and backups_in(tmp_path) == []
    if signum == signal.SIGTERM:
        assert said == "script/backup: failed: it was stopped\n"
        assert [path.name for path in tmp_path.iterdir()] == [".lock"]
    back_up(world.database, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == [".lock"]


def test_of_two_at_once_the_second_is_refused(world, tmp_path):
    with Under(world.database, tmp_path):
        assert refused(script("backup", tmp_path, DATABASE_URL=world.database.url), "another backup", "under way")


def test_nobody_can_read_the_password_among_the_processes(world, tmp_path):
    with Under(world.database, tmp_path) as under:
        (dump,) = under.dumps()
        assert DATABASE_PASSWORD.encode() not in under._line(dump) and DATABASE_PASSWORD.encode() in (
            dump / "environ").read_bytes()
        lines = [under._line(pathlib.Path(f"/proc/{pid}")) for pid in _descendants(under.process.pid)]
        assert len(lines) > 2 and not [line for line in lines if DATABASE_PASSWORD.encode() in line]


def test_a_full_disk_leaves_none(world, tmp_path):
    def little_room():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = subprocess.run(command("backup", tmp_path), env=shell(DATABASE_URL=world.database.url), capture_output=True,
                          text=True, timeout=60, preexec_fn=little_room)
    assert refused(done, "the dump isn't complete", "File too large")
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


# ---- what is refused ----


def cut(name, keep):
    def act(backup):
        data = (backup / name).read_bytes()
        (backup / name).write_bytes(data[:int(len(data) * keep) if isinstance(keep, float) else keep])
    return act


def flip(name, place):
    def act(backup):
        data = bytearray((backup / name).read_bytes())
        data[int(len(data) * place)] ^= 1
        (backup / name).write_bytes(data)
    return act


DAMAGED = "damaged or cut off"
DAMAGES = {
    **{f"{name} is cut to {keep}": (cut(name, keep), DAMAGED) for name in FILES for keep in (0, -1)},
    **{f"database.dump is cut to {keep}": (cut("database.dump", keep), DAMAGED) for keep in (1, 4096, 0.5, 0.99)},
    **{f"a bit of {name} is flipped": (flip(name, 0.5), DAMAGED) for name in FILES},
    "a bit at the end is flipped": (flip("database.dump", 0.9999), DAMAGED),
    "SHA256SUMS isn't there": (lambda backup: (backup / "SHA256SUMS").unlink(), "has no SHA256SUMS"),
    "of another product": (lambda backup: change_manifest(backup, product="Ghost"), "another product: Ghost"),
    "of a newer form": (lambda backup: change_manifest(backup, format=2), "form of a newer release"),
    "of a newer schema": (lambda backup: change_manifest(backup, migrations=[*MIGRATIONS, "900_later.sql"],
                                                         product_version="9.0.0"), "900_later.sql: take release 9.0.0"),
    "of a newer Postgres": (lambda backup: change_manifest(backup, postgres_version="99.1"), "is of Postgres 99"),
    "of somebody's text": (lambda backup: ((backup / "database.dump").write_text("SELECT 1;"), sum_anew(backup)),
                           "can't read the backup"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_backup_that_is_no_good_is_refused_before_anything_is_changed(backup, standing, damage):
    act, sentence = DAMAGES[damage]
    act(backup)
    assert refused(script("restore", "--replace", backup, standing.url), sentence)
    assert names(standing.cluster, standing.name) == [standing.name]


@pytest.mark.parametrize("what", ["nothing", "file", "folder", "data"])
def test_what_is_no_backup_is_refused(tmp_path, target, what):
    path = tmp_path / "it"
    if what == "file":
        path.write_text("-- PostgreSQL database dump\n")
    elif what != "nothing":
        path.mkdir()
    if what == "data":
        (path / "PG_VERSION").write_text("15\n")
    assert refused(script("restore", path, target.url), "there is no" if what == "nothing" else "no whole backup")
    assert rows(target) == {}


@pytest.mark.parametrize("words", [[], ["--check"], ["--check", "a", "b"], ["--check", "--replace", "a"],
                                   ["a", "b", "c"], ["--all", "a"]], ids=" ".join)
def test_a_wrong_command_line_of_restore_is_exit_3(words):
    done = script("restore", *words)
    assert (done.returncode, done.stdout) == (3, "") and "script/restore: puts" in done.stderr


def test_a_database_that_is_not_empty_is_refused(world, standing):
    assert refused(script("restore", world.backup, standing.url), "isn't empty", "--replace")


def test_a_database_that_services_are_connected_to_is_refused(world, filled):
    with Api(filled.url):
        assert refused(script("restore", "--replace", world.backup, filled.url), "personaworlds", "Stop the services")
    assert names(filled.cluster, filled.name) == [filled.name] and "only_here" in rows(filled)


def test_a_database_that_is_away_is_exit_4(world):
    assert refused(script("restore", world.backup, "postgres://nobody@127.0.0.1:1/none"), "can't be asked", code=4)


def test_a_role_that_may_not_make_a_database_is_told_so(world, standing):
    done = script("restore", "--replace", world.backup, as_role(standing.url, "owner"))
    assert refused(done, "may not make a database")


# ---- restoring ----


def test_what_was_restored_is_what_was_backed_up_and_is_served(world, target, start):
    done = script("restore", world.backup, target.url)
    assert done.returncode == 0 and re.match(rf"script/restore: ok: {target.name} is as of \d{{8}}T\d{{6}}Z: ",
                                             done.stdout), done.stderr
    assert "new JWT_SECRET" in done.stderr and rows(target) == manifest(world.backup)["rows"]
    assert "nothing to apply" in run("migrate", DATABASE_URL=target.url).stdout
    api = start(Api, target.url)
    user, away = world.user.at(api), world.away.at(api)
    assert is_in(user) and not is_in(away)  # a session that had ended stays so
    again = user.post("/personas", json=persona_fields(name="Once"), headers=world.key)
    assert (again.status_code, again.json()["id"]) == (201, world.once.id)
    assert target.count("personas", user_id=world.user.id) == 2
    start(Worker, target.url)
    eventually(lambda: target.count("replies", post_id=world.post.id) == 1, within=20)  # of the worker that is gone
    assert target.value("SELECT status::text FROM jobs WHERE id = %s", world.job) == "DONE"
    later = start(Api, target.url, JWT_SECRET="another-secret-of-the-tests-0123456789")
    assert not is_in(world.user.at(later)) and is_in(log_in(world.user.at(later)))  # what ended since has, too


def test_where_the_program_is_missing_it_is_built_as_the_caller_would(world, target, tmp_path):
    """Its services run as another user, who has to get at it."""
    shutil.copytree(CHECKOUT / "deploy/backup", tmp_path / "deploy/backup")
    shutil.copytree(CHECKOUT / "backend/migrations", tmp_path / "backend/migrations")
    (tmp_path / "script").mkdir()
    shutil.copy(CHECKOUT / "script/restore", tmp_path / "script")
    build = f"mkdir build; cp {binary()} build/; umask >built"
    for name, does in (("bootstrap", "touch bootstrapped"), ("build", build)):
        (tmp_path / "script" / name).write_text(f'#!/bin/bash\ncd "$(dirname "$0")/.."\n{does}\n')
        (tmp_path / "script" / name).chmod(0o755)
    assert not shutil.which("personaworlds")
    done = subprocess.run([tmp_path / "script/restore", world.backup, target.url], env=environment(), text=True,
                          capture_output=True, timeout=60, umask=0o022)
    assert done.returncode == 0 and rows(target) == manifest(world.backup)["rows"], done.stderr
    assert (tmp_path / "bootstrapped").exists() and (tmp_path / "built").read_text() == "0022\n"


def test_the_owner_alone_restores_into_an_empty_database_and_migrates_it(world, target, tmp_path):
    """Where a provider gives no superuser. The release has a migration that the backup hasn't."""
    for name in MIGRATIONS:
        shutil.copy(CHECKOUT / "backend/migrations" / name, tmp_path)
    (tmp_path / "900_later.sql").write_text("CREATE TABLE later ();\n")
    assert run("roles", "--apply", DATABASE_URL=target.url).returncode == 0
    owners = as_role(target.url, "owner")
    done = script("restore", world.backup, owners)
    assert done.returncode == 0 and rows(target) == manifest(world.backup)["rows"], done.stderr
    done = run("migrate", DATABASE_URL=owners, MIGRATIONS_DIR=tmp_path)
    assert done.returncode == 0 and re.findall(r"applied (\S+)", done.stdout) == ["900_later.sql"]
    with Api(target.url, MIGRATIONS_DIR=tmp_path) as api:
        assert is_in(world.user.at(api))


def test_a_restore_that_fails_halfway_leaves_what_was_there(backup, filled):
    """Its checksums agree, and its list can be read; the rows can't."""
    data = (backup / "database.dump").read_bytes()
    (backup / "database.dump").write_bytes(data[:-500])
    sum_anew(backup)
    before = rows(filled)
    assert refused(script("restore", "--replace", backup, filled.url), "can't be restored")
    assert rows(filled) == before and names(filled.cluster, filled.name) == [filled.name]
    assert refused(script("restore", "--check", backup), "can't be restored") and left_by_checks() == []


def test_other_rows_than_the_manifest_says_are_no_success(backup, filled):
    change_manifest(backup, rows=manifest(backup)["rows"] | {"users": 7})
    assert refused(script("restore", "--replace", backup, filled.url), "other rows")
    assert names(filled.cluster, filled.name) == [filled.name] and "only_here" in rows(filled)


def test_a_restore_that_is_stopped_leaves_what_was_there(world, filled):
    process = subprocess.Popen(command("restore", "--replace", world.backup, filled.url), env=shell(), text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    eventually(lambda: len(names(filled.cluster, filled.name)) == 2, within=20)
    process.send_signal(signal.SIGTERM)
    out, said = process.communicate(timeout=30)
    assert (process.returncode, out, said) == (1, "", "script/restore: failed: it was stopped\n")
    assert names(filled.cluster, filled.name) == [filled.name] and "only_here" in rows(filled)
