"""docs/BACKUP.md and docs/UPGRADE.md: their commands, as they stand there. Those of pgBackRest are
run in tests/scale/test_point_in_time.py."""
import dataclasses
import re
import shlex
import shutil
import signal
import subprocess
import typing

import httpx
import pytest
import yaml

from support.backup import backups_in, manifest, names, rows, script, shell
from support.page import blocks, sections
from support.people import new_room, sign_up
from support.ports import free_port
from support.postgres import Database
from support.program import CHECKOUT, Api, Worker, binary
from support.sessions import log_in
from support.waiting import eventually

BACKUP, UPGRADE = "docs/BACKUP.md", "docs/UPGRADE.md"
FOLDER = "/var/backups/personaworlds"
CRON = [line.split(None, 6) for line in (CHECKOUT / "deploy/backup/personaworlds-backup.cron").read_text().splitlines()
        if re.match(r"[\d*]", line)]
UNITS = {path.stem for path in (CHECKOUT / "deploy/systemd").glob("*.service")}
OBJECTS = {(part["kind"].lower(), part["metadata"]["name"])
           for part in yaml.safe_load_all((CHECKOUT / "deploy/kubernetes/personaworlds.yaml").read_text()) if part}
SERVICES = set(yaml.safe_load((CHECKOUT / "compose.yaml").read_text())["services"])


@dataclasses.dataclass
class World:
    database: typing.Any
    user: typing.Any
    persona: typing.Any
    posts: list
    backup: typing.Any


@dataclasses.dataclass
class Served:
    """An API that somebody else has started, for the people of the tests."""
    client: httpx.Client


@pytest.fixture(scope="module")
def world(cluster, template, tmp_path_factory):
    """Two people's posts, and a backup that was made by the page's command."""
    database = cluster.create(template.name)
    with Api(database.url) as api:
        user = sign_up(api)
        persona, room = user.persona(), new_room(database)
        posts = [user.publish(persona, room) for _ in range(2)]
    folder = tmp_path_factory.mktemp("backups")
    (command,) = blocks(BACKUP, "A dump")[:1]
    assert sh(command.replace(FOLDER, str(folder)), DATABASE_OWNER_URL=database.url).startswith("script/backup: ok: ")
    yield World(database, user, persona, posts, backups_in(folder)[0])
    database.drop()


def sh(commands, cwd=CHECKOUT, **settings):
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", commands], env=shell(**settings), cwd=cwd,
                          capture_output=True, text=True, timeout=80)
    assert done.returncode == 0, f"{commands}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_every_section_with_commands_is_tried():
    assert sections(BACKUP) == ["A dump", "Restore it", "Only some rows are gone", "Any moment: pgBackRest",
                                "Back to a moment"]
    assert sections(UPGRADE) == ["One machine", "Compose", "systemd", "Debian package", "Kubernetes", "Look at it",
                                 "Back to the release before"]


def test_a_copy_is_looked_at(world):
    check = blocks(BACKUP, "A dump")[1]
    assert "is whole and can be restored" in sh(check, BACKUP=world.backup)


def test_crons_commands(world, tmp_path):
    dump, *of_pgbackrest = [(user, command) for *_, user, command in CRON]
    (tmp_path / "owner.env").write_text(f"DATABASE_OWNER_URL={world.database.url}\n")
    words = dump[1].replace("/opt/personaworlds", str(CHECKOUT)).replace("/etc/personaworlds", str(tmp_path))
    assert dump[0] == "root" and sh(f"{words.replace(FOLDER, str(tmp_path / 'kept'))} --no-verify")
    assert {(user, re.sub(r"--type=\w+ ", "", command)) for user, command in of_pgbackrest} == {
        ("postgres", "pgbackrest --stanza=personaworlds backup")}


@pytest.mark.timeout(180)
def test_two_commands_on_a_machine_with_nothing(world, tmp_path):
    """With the checkout; it is all that a person does there (the packages are here already)."""
    for name in ("script", "build"):
        (tmp_path / name).symlink_to(CHECKOUT / name if name == "script" else binary().parent)
    restore, up = blocks(BACKUP, "Restore it")[0].splitlines()
    sh(restore, cwd=tmp_path, BACKUP=world.backup)
    ports = {"PORT": free_port(), "WORKER_OBSERVABILITY_PORT": free_port()}
    output = tmp_path / "output"
    with open(output, "w") as said:
        process = subprocess.Popen(up.split(), cwd=tmp_path, env=shell(**ports), stdout=said, stderr=said)
    try:
        eventually(lambda: "PersonaWorlds runs at" in output.read_text(), within=60)
        with httpx.Client(base_url=f"http://127.0.0.1:{ports['PORT']}", trust_env=False, timeout=20) as client:
            again = log_in(world.user.at(Served(client)))
            assert len(again.get(f"/rooms/{world.posts[0].room_id}/posts").json()["posts"]) == 2
        done = script("restore", world.backup, cwd=tmp_path)  # not below what runs
        assert done.returncode == 1 and "can't be started" in done.stderr, done
        done = script("backup", "--no-verify", "kept", cwd=tmp_path)
        assert done.returncode == 0 and manifest(backups_in(tmp_path / "kept")[0])["rows"]["posts"] == 2, done.stderr
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(40) == 0, output.read_text()
    done = script("restore", world.backup, cwd=tmp_path)
    assert done.returncode == 1 and "isn't empty" in done.stderr, done
    assert script("restore", "--replace", world.backup, cwd=tmp_path).returncode == 0
    place = tmp_path / ".personaworlds/postgres"
    if place.is_symlink():
        shutil.rmtree(place.resolve())


def test_in_place_of_what_is_there(world, cluster, template):
    replace, then, delete = blocks(BACKUP, "Restore it")[1:]
    filled = cluster.create(template.name)
    try:
        filled.execute("CREATE TABLE only_here ()")
        before = rows(filled)
        assert "is as of" in sh(replace, BACKUP=world.backup, SUPERUSER_URL=filled.url)
        assert rows(filled) == manifest(world.backup)["rows"]
        (old,) = set(names(cluster, filled.name)) - {filled.name}
        assert rows(Database(cluster, old)) == before  # until somebody drops it
        done = subprocess.run(["bash", "-c", then], env=shell(DATABASE_URL=filled.url, PORT=free_port(),
                                                              WORKER_OBSERVABILITY_PORT=free_port()),
                              capture_output=True, text=True, timeout=60)
        assert "nothing to apply" in done.stdout and "migrations" in done.stdout, done
        sh(delete, DATABASE_OWNER_URL=filled.url, USER_ID=world.user.id)
        with Worker(filled.url):
            eventually(lambda: filled.count("users", id=world.user.id) == 0, within=20)
    finally:
        for name in names(cluster, filled.name):
            Database(cluster, name).drop()


def test_rows_that_were_deleted_by_mistake(world, cluster, tmp_path):
    beside, copy = blocks(BACKUP, "Only some rows are gone")
    other = Database(cluster, f"{world.database.name}_then")
    named = {"BACKUP": world.backup, "SUPERUSER_URL_OF_ANOTHER_NAME": other.url, "PERSONA": world.persona.id,
             "DATABASE_OWNER_URL": world.database.url}
    ids = lambda: {str(row["id"]) for row in world.database.rows("SELECT id FROM posts")}
    before = ids()
    try:
        sh(beside, **named)
        world.database.execute("DELETE FROM posts WHERE persona_id = %s", world.persona.id)
        sh(copy, cwd=tmp_path, **named)
        assert ids() == before and len(before) == 2
        counted = "SELECT sum(posts) FROM room_post_counts WHERE room_id = %s"
        assert world.database.value(counted, world.posts[0].room_id) == 2
        assert rows(other) == manifest(world.backup)["rows"]
        owner = "SELECT pg_get_userbyid({}) FROM {} WHERE {}"
        assert {other.value(owner.format("datdba", "pg_database", "datname = current_database()")),
                other.value(owner.format("relowner", "pg_class", "relname = 'users'"))} == {"personaworlds_owner"}
    finally:
        other.drop()


# ---- docs/UPGRADE.md ----


def known(line):
    """A command of a tool that can't be run here, held against what it names."""
    words = [word for word in shlex.split(line) if not re.match(r"\w+=", word)]
    plain = [word for word in words if not word.startswith("-")]
    if words[:2] == ["docker", "compose"]:
        return plain[2] in ("build", "up") and set(plain[3:]) <= SERVICES
    if words[0] == "systemctl":
        return words[1] == "restart" and set(words[2:]) <= UNITS
    if words[:2] == ["kubectl", "apply"]:
        return (CHECKOUT / words[3]).exists()
    if words[0] == "kubectl":
        named = [tuple(word.split("/")) for word in words if "/" in word] or [tuple(words[2:4])]
        return set(named) <= OBJECTS
    if words[0] == "install":
        return all(word in ("build/personaworlds", "/usr/bin/personaworlds", "/usr/bin/personaworlds.before")
                   for word in words[3:])
    if words[0] in ("script/bootstrap", "script/backup"):
        return (CHECKOUT / words[0]).exists()
    return words[:2] in (["git", "pull"], ["apt-get", "install"])


@pytest.mark.parametrize("section", [title for title in sections(UPGRADE) if title != "Look at it"])
def test_what_an_upgrade_names_is_there(section):
    lines = [line for block in blocks(UPGRADE, section) for line in block.splitlines()]
    assert lines and [line for line in lines if not known(line)] == []


def test_it_migrates_first_then_the_worker_then_the_api():
    (block,) = blocks(UPGRADE, "systemd")
    places = [block.index(part) for part in ("-migrate", "-worker", "-api")]
    assert places == sorted(places)
    back = blocks(UPGRADE, "Back to the release before")[0]
    assert "migrate" not in back and back.index("-api") < back.index("-worker")


def test_looking_at_it(database, api, start):
    worker = start(Worker)
    (block,) = blocks(UPGRADE, "Look at it")
    assert "15m" in block
    done = sh(block.replace("15m", "1s --every 100ms").replace("doctor", "doctor migrations"),
              DATABASE_URL=database.url, PORT=api.port, WORKER_OBSERVABILITY_PORT=worker.port)
    assert "pending" not in done
