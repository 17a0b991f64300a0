"""deploy/runbook.toml, and what else names the failure modes."""
import re
import tomllib

from support.program import CHECKOUT


def table():
    return tomllib.loads((CHECKOUT / "deploy/runbook.toml").read_text())


def modes():
    return table()["mode"]


def asides():
    """What is watched beside the modes."""
    return table()["aside"]


def mode(id):
    return next(mode for mode in modes() if str(mode["id"]) == str(id))


def heading(mode):
    """Its section of docs/RUNBOOK.md."""
    return f"{mode['id']}) {mode['title']}"


def anchor(heading):
    """Where a link into docs/RUNBOOK.md leads, as GitHub makes it of the heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def section_of_alert(labels, name):
    """The heading of docs/RUNBOOK.md that an alert leads to."""
    if "mode" in labels:
        return heading(mode(labels["mode"]))
    return next(aside["section"] for aside in asides() if aside["alert"] == name)
