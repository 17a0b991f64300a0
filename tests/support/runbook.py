"""deploy/runbook.toml, and what else names the failure modes."""
import re
import tomllib

from support.program import CHECKOUT


def modes():
    return tomllib.loads((CHECKOUT / "deploy/runbook.toml").read_text())["mode"]


def mode(id):
    return next(mode for mode in modes() if str(mode["id"]) == str(id))


def heading(mode):
    """Its section of docs/RUNBOOK.md."""
    return f"{mode['id']}) {mode['title']}"


def anchor(mode):
    """Where a link into docs/RUNBOOK.md leads, as GitHub makes it of the heading."""
    return re.sub(r"[^\w\- ]", "", heading(mode).lower()).replace(" ", "-")
