"""script/package in a tree of its own, and a folder that dpkg takes for a machine."""
import os
import shutil
import subprocess

from support.program import CHECKOUT, binary, environment, release_binary

PROGRAM = release_binary() or binary()
# One commit, wherever and whenever it is made.
COMMIT = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
          for what, value in (("NAME", "x"), ("EMAIL", "x@example.com"), ("DATE", "2026-03-01T12:00:00+02:00"))}


def git(tree, *words, **settings):
    return subprocess.run(["git", "-C", tree, *words], env=environment(**settings), capture_output=True, text=True,
                          check=True).stdout


def new_tree(place):
    """What script/package reads, committed, beside the program as it is: script/build has nothing to do."""
    for folder in ("backend/src", "deploy", "docs"):
        shutil.copytree(CHECKOUT / folder, place / folder, ignore=shutil.ignore_patterns("screens", "__pycache__"))
    (place / "script").mkdir()
    (place / "build").mkdir()
    for name in ("backend/meson.build", "script/package", "script/help", "LICENSE", ".gitignore"):
        shutil.copy(CHECKOUT / name, place / name)
    for path in CHECKOUT.glob("*.md"):
        shutil.copy(path, place)
    (place / "build/personaworlds").symlink_to(PROGRAM)
    (place / "script/build").write_text("#!/bin/sh\n")
    (place / "script/build").chmod(0o755)
    git(place, "init", "-q")
    return commit(place)


def commit(tree):
    git(tree, "add", "-A")
    git(tree, "commit", "-q", "-m", "x", **COMMIT)
    return tree


def package(tree, *words, cwd=None, **settings):
    return subprocess.run([tree / "script/package", *words], cwd=cwd or tree, env=environment(**settings),
                          capture_output=True, text=True, timeout=900)


def only_package(folder):
    (found,) = folder.glob("personaworlds_*.deb")
    return found


def repacked(deb, folder, version, changes):
    """The package as another version of it would be, with other texts of some files."""
    stage = folder / "stage"
    subprocess.run(["dpkg-deb", "-R", deb, stage], check=True)
    control = stage / "DEBIAN/control"
    control.write_text("\n".join(f"Version: {version}" if line.startswith("Version:") else line
                                 for line in control.read_text().splitlines()) + "\n")
    for name, text in changes.items():
        (stage / name).write_text(text)
    made = folder / f"personaworlds_{version}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", stage, made], check=True, capture_output=True)
    return made


# systemctl as Debian's deb-systemd-invoke asks it: a unit is enabled where something wants it, runs
# where `active` lists it, and with `fails` no migration succeeds. What changes something is written
# down.
SYSTEMCTL = """#!/bin/sh
for unit; do :; done
case "$*" in
  *is-enabled*) ls {root}/etc/systemd/system/*.wants/"$unit" >/dev/null 2>&1 && echo enabled || echo static; exit ;;
  *is-active*) grep -qx "$unit" {folder}/active; exit ;;
esac
echo "$*" | sed 's/--[a-z-]* *//g' >>{folder}/asked
case "$*" in
  *restart*migrate*)
    if [ -e {folder}/fails ]; then sed -i /migrate/d {folder}/active; exit 1; fi
    echo "$unit" >>{folder}/active ;;
esac
"""


class Machine:
    """dpkg itself installs into the folder, and the package's scripts know it as DPKG_ROOT: no chroot, no root."""

    def __init__(self, folder, has_systemd=True):
        self.folder, self.root = folder, folder / "root"
        for place in ("root/var/lib/dpkg/info", "root/var/lib/dpkg/updates", "root/etc", "bin"):
            (folder / place).mkdir(parents=True)
        (self.root / "var/lib/dpkg/status").touch()
        self.runs()
        if has_systemd:
            (self.root / "run/systemd/system").mkdir(parents=True)
        (folder / "bin/systemctl").write_text(SYSTEMCTL.format(folder=folder, root=self.root))
        (folder / "bin/systemctl").chmod(0o755)

    def runs(self, *units):
        (self.folder / "active").write_text("".join(f"personaworlds-{unit}.service\n" for unit in units))

    def dpkg(self, *words):
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}:/usr/sbin:/sbin"
        return subprocess.run(
            ["fakeroot", "dpkg", f"--root={self.root}", f"--log={self.folder / 'log'}", "--force-script-chrootless",
             "--force-depends", "--force-confdef", "--force-confold", *words],
            env=environment(PATH=path), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

    def does(self, *words):
        done = self.dpkg(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def asked(self):
        """Of systemd since the last look."""
        place = self.folder / "asked"
        lines = place.read_text().splitlines() if place.exists() else []
        place.unlink(missing_ok=True)
        return lines

    def status(self):
        return subprocess.run(["dpkg-query", f"--admindir={self.root}/var/lib/dpkg", "-W", "-f=${db:Status-Abbrev}",
                               "personaworlds"], capture_output=True, text=True).stdout.strip()

    def files(self):
        """All but dpkg's own, links included."""
        return {str(path.relative_to(self.root)) for path in self.root.rglob("*")
                if path.is_symlink() or path.is_file()} - {
            str(path.relative_to(self.root)) for path in (self.root / "var/lib/dpkg").rglob("*")}
