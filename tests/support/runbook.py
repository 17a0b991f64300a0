"""deploy/runbook.toml, and what else names the failure modes."""
import re
import tomllib

from support.program import CHECKOUT


def table():
    return tomllib.loads((CHECKOUT / "deploy/runbook.toml").read_text())


DEPLOYMENTS = ("compose", "systemd", "kubernetes", "up")


def acts():
    """What is done in another way in each deployment, by its short name."""
    return tomllib.loads((CHECKOUT / "deploy/runbook.toml").read_text())["act"]


def act_rows():
    """The rows that docs/RUNBOOK.md has of them."""
    def cell(text):
        return "`" + text.replace("|", "\\|") + "`"
    return [f"| `{name}`: {act['does']} | {' | '.join(cell(act[deployment]) for deployment in DEPLOYMENTS)} |"
            for name, act in acts().items()]


def commands_of_check(check, deployment="compose"):
    """As triage prints them there, but for what it fills in."""
    known = acts()
    return [re.sub(r"\{(\w+)\}", lambda found: known[found[1]][deployment] if found[1] in known else found[0], command)
            for command in check["commands"]]


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
