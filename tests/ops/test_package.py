"""The Debian package of script/package: what it holds, that a commit gives the same bytes wherever it is packaged, and
its settings. Its life on a machine is in test_package_life.py. `PERSONAWORLDS_LONG=1` (script/test --long) builds it
twice from nothing."""
import gzip
import hashlib
import os
import re
import shutil
import subprocess

import pytest

from support.libraries import libraries, packages_of
from support.package import PROGRAM, commit, git, new_tree, only_package, package
from support.program import CHECKOUT, JWT_SECRET, Api, Worker, run

LONG = os.environ.get("PERSONAWORLDS_LONG") == "1"
UNITS = {path.name: path for path in (CHECKOUT / "deploy/systemd").glob("*.service")}
SETTINGS = sorted(path.name for path in (CHECKOUT / "deploy/debian/etc").iterdir())
SERVICES = {"api": Api, "worker": Worker}
SECRETS = {"api": {"JWT_SECRET": JWT_SECRET}, "worker": {}}
RELEASE = "0.1.0"
DOCUMENTS = "usr/share/doc/personaworlds"


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return new_tree(tmp_path_factory.mktemp("package") / "tree")


@pytest.fixture(scope="module")
def deb(tree):
    done = package(tree)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return only_package(tree / "build")


@pytest.fixture(scope="module")
def unpacked(deb, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    subprocess.run(["dpkg-deb", "-R", deb, folder], check=True)
    return folder


def control(unpacked):
    return dict(re.findall(r"^([\w-]+): (.*(?:\n .*)*)", (unpacked / "DEBIAN/control").read_text(), re.MULTILINE))


def settings_in(path):
    return dict(re.findall(r"^(\w+)=(.*)$", path.read_text(), re.MULTILINE))


def with_changes(tree, tmp_path, text):
    """The tree with this under the head of CHANGELOG.md."""
    other = shutil.copytree(tree, tmp_path / "tree", symlinks=True)
    for old in (other / "build").glob("*.deb"):
        old.unlink()
    (other / "CHANGELOG.md").write_text(f"# Changelog\n\nThe form.\n\n{text}")
    return commit(other)


# ---- the same bytes ----


def hash_of(folder):
    return hashlib.sha256(only_package(folder).read_bytes()).hexdigest()


def test_a_commit_gives_the_same_bytes_in_any_folder_and_for_anybody(tree, deb, tmp_path):
    """Another depth, time zone, language, umask, and files of another age; it was called from elsewhere."""
    other = new_tree(tmp_path / "a/longer/way")
    assert git(other, "rev-parse", "HEAD") == git(tree, "rev-parse", "HEAD")
    (other / "README.md").chmod(0o600)
    os.utime(other / "docs/RUNBOOK.md", (2e9, 2e9))
    before = tmp_path / "made/personaworlds_0.0.1_any.deb"
    before.parent.mkdir()
    before.touch()
    old = os.umask(0o077)
    try:
        done = package(other, "made", cwd=tmp_path, TZ="Asia/Tokyo", LC_ALL="tr_TR.UTF-8", HOME=tmp_path,
                       XZ_DEFAULTS="-0", GZIP_OPT="x")
    finally:
        os.umask(old)
    assert done.returncode == 0, done.stderr
    before.unlink()  # a folder that was named keeps what is there
    assert hash_of(tmp_path / "made") == hash_of(deb.parent)


if LONG:

    @pytest.mark.timeout(1800)
    def test_the_program_and_its_pages_built_anew_are_the_same(tmp_path):
        folders = [tmp_path / "one", tmp_path / "another/one"]
        for folder in folders:
            subprocess.run(["git", "clone", "-q", CHECKOUT, folder], check=True)
            shutil.copytree(CHECKOUT / "web/node_modules", folder / "web/node_modules", symlinks=True)
            done = package(folder)
            assert done.returncode == 0, done.stdout[-2000:] + done.stderr
        assert len({hash_of(folder / "build") for folder in folders}) == 1
        if shutil.which("lintian"):
            judged = subprocess.run(["lintian", "--allow-root", "--fail-on=error,warning",
                                     only_package(folder / "build")], capture_output=True, text=True)
            assert (judged.returncode, judged.stdout) == (0, ""), judged


def test_what_is_not_committed_is_said(tree, tmp_path):
    other = shutil.copytree(tree, tmp_path / "tree", symlinks=True)
    (other / "README.md").write_text("Another one.\n")
    (other / "build/personaworlds_0.0.1_any.deb").touch()
    assert "not as in the last commit" in package(other).stderr
    assert "_0.0.1_" not in only_package(other / "build").name  # build/ has what was packaged last
    shutil.rmtree(other / ".git")
    done = package(other)
    assert done.returncode == 1 and "no commit is here" in done.stderr


# ---- what is in it ----


def test_it_holds_what_it_says_and_nothing_else(deb):
    listed = subprocess.run(["dpkg-deb", "-c", deb], capture_output=True, text=True, check=True).stdout
    rows = [re.match(r"(\S+) (\S+) +\d+ (\S+ \S+) \./(.*)", line).groups() for line in listed.splitlines()]
    files = {name: mode for mode, _, _, name in rows if mode[0] != "d"}
    assert files == {
        "usr/bin/personaworlds": "-rwxr-xr-x",
        **{f"etc/personaworlds/{name}": "-rw-------" for name in SETTINGS},
        **{f"usr/lib/systemd/system/{name}": "-rw-r--r--" for name in UNITS},
        **{name: "-rw-r--r--" for name in (
            "usr/lib/sysusers.d/personaworlds.conf", "usr/share/lintian/overrides/personaworlds",
            "usr/share/man/man1/personaworlds.1.gz",
            "usr/share/personaworlds/prometheus/rules.yml", "usr/share/personaworlds/grafana/personaworlds.json",
            *(f"{DOCUMENTS}/{name}" for name in ("README.md", "SECURITY.md", "changelog.gz", "copyright")),
            *(f"{DOCUMENTS}/examples/{name}" for name in ("alertmanager.yml", "haproxy.cfg", "prometheus.yml")),
            *(f"{DOCUMENTS}/docs/{path.name}" for path in (CHECKOUT / "docs").glob("*.md")))}}
    assert {mode for mode, _, _, name in rows if name not in files} == {"drwxr-xr-x"}
    assert {owner for _, owner, _, _ in rows} == {"root/root"} and {time for _, _, time, _ in rows} == {
        "2026-03-01 10:00"}


def test_its_program_is_the_release_stripped(unpacked):
    program = unpacked / "usr/bin/personaworlds"
    assert run("--version", program=program).stdout == run("--version", program=PROGRAM).stdout
    sections = subprocess.run(["readelf", "-SW", program], capture_output=True, text=True, check=True).stdout
    assert not re.search(r"\.(symtab|debug\w*|comment)\b", sections) and ".dynsym" in sections


def test_it_needs_the_programs_libraries_fonts_and_authorities(unpacked):
    depends = {name.split()[0] for name in re.split(r"[,|]\s*", control(unpacked)["Depends"])}
    fonts = set(re.findall(r"\bfonts-[\w-]+", (CHECKOUT / "script/bootstrap").read_text()))
    assert len(fonts) == 3 and depends >= packages_of(libraries()) | fonts | {"ca-certificates", "libc6"}
    assert re.search(r"libc6 \(>= [\d.]+\)", control(unpacked)["Depends"])


def test_systemd_understands_the_units_where_the_package_puts_them(unpacked, tmp_path):
    """They are the repository's own; here with the unpacked program, as none is installed."""
    for name, path in UNITS.items():
        packed = unpacked / "usr/lib/systemd/system" / name
        assert packed.read_bytes() == path.read_bytes()
        (tmp_path / name).write_text(path.read_text().replace("/usr/bin/", f"{unpacked}/usr/bin/"))
        needed = re.findall(r"^EnvironmentFile=/etc/personaworlds/(.*)$", path.read_text(), re.MULTILINE)
        assert needed[0] == "personaworlds.env" and set(needed) <= set(SETTINGS)
    looked = subprocess.run(["systemd-analyze", "verify", "--man=no", *(tmp_path / name for name in UNITS)],
                            capture_output=True, text=True)
    assert [line for line in looked.stderr.splitlines() if "personaworlds" in line] == []


def test_its_settings_are_kept_by_dpkg(unpacked):
    assert (unpacked / "DEBIAN/conffiles").read_text().split() == [f"/etc/personaworlds/{name}" for name in SETTINGS]


def test_its_sums_are_those_of_its_files(unpacked):
    subprocess.run(["md5sum", "--quiet", "--check", "DEBIAN/md5sums"], cwd=unpacked, check=True)
    summed = {line.split("  ", 1)[1] for line in (unpacked / "DEBIAN/md5sums").read_text().splitlines()}
    assert summed == {str(path.relative_to(unpacked)) for path in (unpacked / "usr").rglob("*") if path.is_file()}


def test_its_manual_is_what_the_program_says_of_each_command(unpacked):
    manual = gzip.decompress((unpacked / "usr/share/man/man1/personaworlds.1.gz").read_bytes()).decode()
    plain = re.sub(r"^\\&", "", manual, flags=re.MULTILINE).replace("\\-", "-").replace("\\e", "\\")
    commands = re.findall(r"^  (\w+) ", run("--help", program=PROGRAM).stdout, re.MULTILINE)
    assert re.findall(r"^\.SS (\w+)$", manual, re.MULTILINE) == commands and len(commands) > 15
    for command in commands:
        assert f".SS {command}\n.nf\n{run(command, '--help', program=PROGRAM).stdout}.fi\n" in plain


def test_its_licence_is_the_repositorys(unpacked):
    written = (unpacked / DOCUMENTS / "copyright").read_text()
    licence = (CHECKOUT / "LICENSE").read_text().partition("contributors\n\n")[2]
    text = written.partition("License: Expat\n P")[2]
    assert "P" + re.sub(r"^ \.?", "", text, flags=re.MULTILINE) == licence and "2026 PersonaWorlds" in written


# ---- its version and its changes ----


def changes_of(deb, tmp_path):
    packed = tmp_path / "unpacked" / DOCUMENTS / "changelog.gz"
    subprocess.run(["dpkg-deb", "-x", deb, tmp_path / "unpacked"], check=True)
    return gzip.decompress(packed.read_bytes()).decode()


def fields(text, tmp_path, *options):
    (tmp_path / "changelog").write_text(text)
    return subprocess.run(["dpkg-parsechangelog", "-l", tmp_path / "changelog", *options], capture_output=True,
                          text=True, check=True).stdout


def test_before_a_release_its_version_comes_before_that(deb, tmp_path):
    version = deb.name.split("_")[1]
    assert version == f"{RELEASE}~20260301100000" and run("--version").stdout.split()[1] == RELEASE
    subprocess.run(["dpkg", "--compare-versions", version, "lt", RELEASE], check=True)
    text = changes_of(deb, tmp_path)
    assert fields(text, tmp_path, "-S", "Version").strip() == version
    section = (CHECKOUT / "CHANGELOG.md").read_text().partition("## [Unreleased]")[2].partition("\n## [")[0]
    items = len(re.findall("^- ", section, re.MULTILINE))
    assert len(re.findall(r"^  \* ", text, re.MULTILINE)) >= items > 10
    assert [line for line in text.splitlines() if len(line) > 80 and not line.startswith(" -- ")] == []


RELEASES = """## [Unreleased]

## [0.1.0] - 2026-02-28

The first one,
which is for you.

### Added

- The *whole*, which is long enough to be cut somewhere, as a changelog of Debian has eighty columns
  and this more.
- More.

## [0.0.9] - 2025-12-31

- Before.
"""


def test_a_release_has_its_version_and_all_releases_changes(tree, tmp_path):
    other = with_changes(tree, tmp_path, RELEASES)
    assert package(other).returncode == 0
    deb = only_package(other / "build")
    assert deb.name.startswith(f"personaworlds_{RELEASE}_")
    assert changes_of(deb, tmp_path) == """personaworlds (0.1.0) unstable; urgency=medium

  * The first one, which is for you.

  [ Added ]

  * The *whole*, which is long enough to be cut somewhere, as a changelog
    of Debian has eighty columns and this more.
  * More.

 -- PersonaWorlds contributors <maintainers@personaworlds.example>  Sat, 28 Feb 2026 00:00:00 +0000

personaworlds (0.0.9) unstable; urgency=medium

  * Before.

 -- PersonaWorlds contributors <maintainers@personaworlds.example>  Wed, 31 Dec 2025 00:00:00 +0000

"""
    versions = fields(changes_of(deb, tmp_path), tmp_path, "--all", "--format", "rfc822", "-S", "Version")
    assert versions.split() == ["0.1.0", "0.0.9"]


def test_one_version_is_one_package(tree, tmp_path):
    """What comes after a release isn't it, so it needs the next version."""
    other = with_changes(tree, tmp_path, RELEASES.replace("## [0.1.0]", "- A new one.\n\n## [0.1.0]"))
    done = package(other)
    assert done.returncode == 1 and "backend/meson.build needs the next version" in done.stderr
    assert list((other / "build").glob("*.deb")) == []


@pytest.mark.parametrize("version, told", [("0.0.9", "- Before.\n"), ("Unreleased", ""),
                                           ("0.1.0", RELEASES.split("28\n\n")[1].split("\n\n## [0.0.9")[0] + "\n")])
def test_notes_are_the_section_of_a_version(tree, tmp_path, version, told):
    other = with_changes(tree, tmp_path, RELEASES)
    done = package(other, "--notes", version)
    assert (done.returncode, done.stdout, done.stderr) == (0, told, "")


@pytest.mark.parametrize("version", ["0.2.0", "0.1", "0.1.", ".", "x.*"])
def test_notes_of_no_version_are_an_error(tree, tmp_path, version):
    done = package(with_changes(tree, tmp_path, RELEASES), "--notes", version)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"no section {version}, only Unreleased 0.1.0 0.0.9" in done.stderr


@pytest.mark.parametrize("words", [["--notes"], ["--notes", "1", "2"], ["--note"], ["a", "b"]], ids=" ".join)
def test_it_says_what_it_can_do(tree, words):
    done = package(tree, *words)
    assert (done.returncode, done.stdout) == (3, "") and "script/package --notes VERSION" in done.stderr


# ---- its settings ----


def test_all_its_settings_are_the_programs():
    known = set(re.findall(r"^\| `(\w+)`", run("config").stdout, re.MULTILINE))
    for name in SETTINGS:
        told = set(re.findall(r"^#?([A-Z_]+)=", (CHECKOUT / "deploy/debian/etc" / name).read_text(), re.MULTILINE))
        assert told and told <= known


def settings_of_unit(unpacked, unit):
    text = (unpacked / f"usr/lib/systemd/system/personaworlds-{unit}.service").read_text()
    found = {}
    for path in re.findall(r"^EnvironmentFile=/(.*)$", text, re.MULTILINE):
        found |= settings_in(unpacked / path)
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_with_what_its_settings_ask_to_fill_in(start, unpacked, service):
    asked = {name for text in ("personaworlds", service) for name in re.findall(
        r"^# Fill in.*\n(?:# .*\n)*(\w+)=", (unpacked / f"etc/personaworlds/{text}.env").read_text(), re.MULTILINE)}
    assert asked == {"FRONTEND_ORIGIN", "LLM_PROVIDER", "DATABASE_URL"} | SECRETS[service].keys()
    settings = settings_of_unit(unpacked, service)
    assert settings["APP_ENV"] == "prod" and f"//personaworlds_{service}:PASSWORD@" in settings.pop("DATABASE_URL")
    filled = settings | {"LLM_PROVIDER": "mock"} | SECRETS[service]
    assert start(SERVICES[service], **{"JWT_SECRET": None} | filled).readiness()[0] == 200


@pytest.mark.parametrize("service, missing", [
    ("api", "JWT_SECRET"), ("api", "LLM_PROVIDER"), ("worker", "LLM_PROVIDER")])
def test_what_is_not_filled_in_ends_a_start_by_its_name(unpacked, service, missing):
    settings = settings_of_unit(unpacked, service)
    filled = {"LLM_PROVIDER": "mock"} | SECRETS[service]
    done = run(service, **settings | filled | {missing: settings[missing]})
    assert done.returncode == 1 and '"startup_failed"' in done.stdout and missing in done.stdout


def test_migrations_are_the_owners(unpacked, own_database):
    settings = settings_of_unit(unpacked, "migrate")
    assert "//personaworlds_owner:PASSWORD@" in settings["DATABASE_OWNER_URL"] and "DATABASE_URL" not in settings
    done = run("migrate", **settings | {"DATABASE_OWNER_URL": own_database.url})
    assert done.returncode == 0, done
