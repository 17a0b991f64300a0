"""The Debian package on a machine: installed, upgraded, removed and purged by dpkg, beside a systemd that writes down
what it is asked."""
import pytest

from support.package import Machine, new_tree, only_package, package, repacked

MIGRATE, WORKER, API = (f"restart personaworlds-{unit}.service" for unit in ("migrate", "worker", "api"))
RELOAD = "daemon-reload"
STOP = "stop personaworlds-api.service personaworlds-worker.service personaworlds-migrate.service"
WANTS = "etc/systemd/system/multi-user.target.wants/personaworlds-{}.service"
SECRET = "etc/personaworlds/api.env"
NEW_TEXT = "# Settings of the API alone, in other words.\nJWT_SECRET=\n"


@pytest.fixture(scope="module")
def debs(tmp_path_factory):
    """One release, and the next, which has another text of a file of settings."""
    folder = tmp_path_factory.mktemp("life")
    tree = new_tree(folder / "tree")
    assert package(tree).returncode == 0
    old = only_package(tree / "build")
    return old, repacked(old, folder, "9.0", {SECRET: NEW_TEXT})


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path / "machine")


@pytest.fixture
def installed(machine, debs):
    machine.does("-i", debs[0])
    machine.asked()
    return machine


def test_a_first_install_makes_the_user_and_starts_nothing(machine, debs):
    said = machine.does("-i", debs[0])
    assert "fill in /etc/personaworlds/*.env, then: systemctl start personaworlds-worker" in said
    assert machine.status() == "ii" and machine.asked() == [RELOAD]
    (user,) = [line.split(":") for line in (machine.root / "etc/passwd").read_text().splitlines()
               if line.startswith("personaworlds:")]
    assert 0 < int(user[2]) < 1000 and user[5:] == ["/nonexistent", "/usr/sbin/nologin"]
    for service in ("api", "worker"):
        link = machine.root / WANTS.format(service)
        assert str(link.readlink()) == f"/usr/lib/systemd/system/personaworlds-{service}.service"
        assert (machine.root / f"etc/systemd/system/personaworlds-{service}.service.wants/personaworlds-migrate.service"
                ).is_symlink()
    assert not (machine.root / WANTS.format("migrate")).is_symlink()  # the services alone want it
    assert {path.stat().st_mode & 0o777 for path in (machine.root / "etc/personaworlds").iterdir()} == {0o600}


def test_where_no_systemd_runs_none_is_asked(tmp_path, debs):
    machine = Machine(tmp_path, has_systemd=False)
    for words in (["-i", debs[0]], ["-i", debs[1]], ["-r", "personaworlds"], ["-P", "personaworlds"]):
        machine.does(*words)
    assert machine.asked() == []


def test_an_upgrade_keeps_changed_settings_and_restarts_in_order(installed, debs):
    installed.runs("api", "worker")
    (installed.root / SECRET).write_text("JWT_SECRET=mine\n")
    assert "fill in" not in installed.does("-i", debs[1])
    assert (installed.root / SECRET).read_text() == "JWT_SECRET=mine\n"
    assert (installed.root / f"{SECRET}.dpkg-dist").read_text() == NEW_TEXT
    assert installed.asked() == [RELOAD, MIGRATE, WORKER, API] and installed.status() == "ii"


def test_settings_that_nobody_changed_are_the_new_releases(installed, debs):
    installed.does("-i", debs[1])
    assert (installed.root / SECRET).read_text() == NEW_TEXT
    assert (installed.root / SECRET).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("running, told", [
    ((), ["stop personaworlds-migrate.service"]), (("worker",), [MIGRATE, WORKER]),
    (("api",), [MIGRATE, API])], ids=["none", "worker", "api"])
def test_an_upgrade_starts_nothing_that_did_not_run(installed, debs, running, told):
    """Where nothing did, the migrations' unit may be active of an earlier start: it must run at the next one."""
    installed.runs(*running)
    installed.does("-i", debs[1])
    assert installed.asked() == [RELOAD, *told]


def test_the_way_back_is_the_same(installed, debs):
    installed.runs("api", "worker")
    installed.does("-i", debs[1])
    installed.asked()
    installed.does("-i", debs[0])
    assert installed.asked() == [RELOAD, MIGRATE, WORKER, API] and installed.status() == "ii"


def test_where_migrations_fail_the_release_before_goes_on_until_they_do_not(installed, debs):
    installed.runs("migrate", "api", "worker")
    (installed.folder / "fails").touch()
    for words in (["-i", debs[1]], ["--configure", "-a"]):
        done = installed.dpkg(*words)
        assert done.returncode == 1 and "the migrations failed, so the release before goes on" in done.stderr
        assert installed.asked() == [RELOAD, MIGRATE] and installed.status() == "iF"
    (installed.folder / "fails").unlink()
    installed.does("--configure", "-a")
    assert installed.asked() == [RELOAD, MIGRATE, WORKER, API] and installed.status() == "ii"


def test_a_policy_that_nothing_is_started_holds(installed, debs):
    """Debian's way to say so, as images and containers do."""
    installed.runs("migrate", "api", "worker")
    policy = installed.root / "usr/sbin/policy-rc.d"
    policy.parent.mkdir()
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    installed.does("-i", debs[1])
    assert installed.asked() == [RELOAD] and installed.status() == "ii"


def test_what_an_administrator_disabled_stays_so(installed, debs):
    (installed.root / WANTS.format("worker")).unlink()
    installed.does("-i", debs[1])
    assert (installed.root / WANTS.format("api")).is_symlink()
    assert not (installed.root / WANTS.format("worker")).is_symlink()


def test_what_is_removed_comes_back_with_its_settings(installed, debs):
    (installed.root / SECRET).write_text("JWT_SECRET=mine\n")
    installed.does("-r", "personaworlds")
    assert installed.asked() == [STOP, RELOAD] and installed.status() == "rc"
    assert (installed.root / SECRET).read_text() == "JWT_SECRET=mine\n"
    assert not (installed.root / "usr/bin/personaworlds").exists()
    installed.does("-i", debs[0])
    assert (installed.root / SECRET).read_text() == "JWT_SECRET=mine\n" and installed.status() == "ii"


def test_a_purge_leaves_what_the_package_did_not_make(machine, debs):
    before = machine.files()
    machine.does("-i", debs[0])
    (machine.root / SECRET).write_text("JWT_SECRET=mine\n")
    machine.does("-i", debs[1])  # leaves a .dpkg-dist beside it
    mine = machine.root / "etc/personaworlds/ca.crt"
    mine.write_text("mine")
    machine.does("-P", "personaworlds")
    assert machine.asked()[-2:] == [STOP, RELOAD] and machine.status() == ""
    users = {f"etc/{name}" for name in ("passwd", "group", "shadow", "gshadow")}
    left = machine.files() - before
    assert {name for name in left if name.rstrip("-") not in users | {"etc/.pwd.lock"}} == {"etc/personaworlds/ca.crt"}
    assert "personaworlds:" in (machine.root / "etc/passwd").read_text()  # whose number nobody else gets
    mine.unlink()
    machine.does("-i", debs[0])
    machine.does("-P", "personaworlds")
    assert not (machine.root / "etc/personaworlds").exists()
