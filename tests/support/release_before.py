"""The program of the release before: what serves while a database is migrated."""
import contextlib
import subprocess

from support.program import CHECKOUT


def git(*arguments):
    return subprocess.run(["git", "-C", CHECKOUT, *arguments], check=True, capture_output=True, text=True).stdout


def _commit():
    """The newest commit that lacks a migration, and whose own nobody has changed since."""
    for commit in git("log", "--format=%H", "--", "backend/migrations").split():
        older = f"{commit}^"
        if git("diff", "--diff-filter=A", "--name-only", older, "HEAD", "--", "backend/migrations") and not git(
                "diff", "--diff-filter=a", "--name-only", older, "HEAD", "--", "backend/migrations"):
            return older
    raise AssertionError("no commit has the migrations of a release before")


@contextlib.contextmanager
def release_before(folder):
    """Built there, without its pages; given is the program."""
    git("worktree", "add", "--detach", str(folder / "source"), _commit())
    try:
        subprocess.run(["meson", "setup", folder / "build", folder / "source/backend", "--buildtype=release",
                        "-Dweb=false"], check=True, capture_output=True)
        subprocess.run(["ninja", "-C", folder / "build", "personaworlds"], check=True, capture_output=True)
        yield folder / "build/personaworlds"
    finally:
        git("worktree", "remove", "--force", str(folder / "source"))
