"""script/package in a tree of its own, and a folder that dpkg takes for a machine."""
import os
import shutil
import subprocess

from support.program import CHECKOUT, binary, environment, release_binary

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
    (place / "build/personaworlds").symlink_to(release_binary() or binary())
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
                          capture_output=True, text=True, timeout=600)


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


# systemd's commands write down what they are asked. What `active` lists runs, and with `fails` no
# migration succeeds.
ASKED = """#!/bin/sh
echo "${{0##*/}} $*" >>{folder}/asked
for last; do :; done
case "$*" in
  *is-active*) grep -qx "$last" {folder}/active ;;
  *restart*migrate*) [ ! -e {folder}/fails ] ;;
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
        for name in ("systemctl", "deb-systemd-invoke"):
            (folder / "bin" / name).write_text(ASKED.format(folder=folder))
            (folder / "bin" / name).chmod(0o755)

    def runs(self, *services):
        self.active = {f"personaworlds-{service}.service" for service in services}
        (self.folder / "active").write_text("".join(f"{unit}\n" for unit in self.active))

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
        """Of systemd since the last look, but for the questions."""
        place = self.folder / "asked"
        lines = place.read_text().splitlines() if place.exists() else []
        place.unlink(missing_ok=True)
        return [line for line in lines if "is-active" not in line]

    def status(self):
        return subprocess.run(["dpkg-query", f"--admindir={self.root}/var/lib/dpkg", "-W", "-f=${db:Status-Abbrev}",
                               "personaworlds"], capture_output=True, text=True).stdout.strip()

    def files(self):
        """All but dpkg's own, links included."""
        return {str(path.relative_to(self.root)) for path in self.root.rglob("*")
                if path.is_symlink() or path.is_file()} - {
            str(path.relative_to(self.root)) for path in (self.root / "var/lib/dpkg").rglob("*")}
