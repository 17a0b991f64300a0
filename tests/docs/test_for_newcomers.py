"""What someone who is new finds: the index of the documents, the scripts' own help,
documents that fit a screen, and what runs for a change."""
import re
import subprocess

import pytest
import yaml

from support.program import CHECKOUT, environment

DOCUMENTS = sorted([*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/*.md"), *CHECKOUT.glob("backend/**/*.md")])
SCRIPTS = sorted(path.name for path in (CHECKOUT / "script").iterdir())
INDEX = CHECKOUT / "docs/README.md"


def name(path):
    return str(path.relative_to(CHECKOUT))


def linked_from(document):
    targets = re.findall(r"\]\(([^)#\s]+)", document.read_text())
    return {(document.parent / target).resolve() for target in targets if "://" not in target}


def anchors(document):
    """Where links into it may lead, as GitHub makes them of the headings."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", document.read_text(), flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def script(*arguments):
    return subprocess.run([CHECKOUT / "script" / arguments[0], *arguments[1:]], env=environment(), capture_output=True,
                          text=True, timeout=20)


def test_the_index_has_every_document():
    others = {*DOCUMENTS, CHECKOUT / "LICENSE"} - {INDEX}
    assert sorted(map(name, others - linked_from(INDEX))) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_a_link_into_a_document_leads_to_a_heading(document):
    links = re.findall(r"\]\(([^)#\s:]*)#([^)\s]+)\)", document.read_text())
    assert [(target, anchor) for target, anchor in links
            if anchor not in anchors((document.parent / target).resolve() if target else document)] == []


def test_the_first_questions_name_files_that_exist():
    paths = re.findall(r"`((?:backend|ops|tests|script)/[\w./]+)`", INDEX.read_text())
    assert len(paths) > 5 and [path for path in paths if not (CHECKOUT / path).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_prose_is_at_most_100_columns_wide(document):
    prose = re.sub(r"^```.*?^```$", "", document.read_text(), flags=re.DOTALL | re.MULTILINE)
    assert [line for line in prose.splitlines() if len(line) > 100 and not line.startswith("|")] == []


def test_help_lists_every_script_with_its_purpose():
    done = script("help")
    listed = dict(re.findall(r"^script/([\w-]+) +(\S.*)$", done.stdout, re.MULTILINE))
    assert done.returncode == 0 and sorted(listed) == SCRIPTS
    assert len(done.stdout.splitlines()) <= 24 and max(map(len, done.stdout.splitlines())) <= 100


@pytest.mark.parametrize("of", SCRIPTS)
def test_a_script_answers_help_with_its_first_lines(of):
    done = script(of, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].startswith(f"script/{of}: ") and done.stdout.splitlines()[0] in (
        CHECKOUT / "script" / of).read_text()


def test_help_knows_no_other_script():
    done = script("help", "nobody")
    assert (done.returncode, done.stdout) == (3, "") and "nobody" in done.stderr


def test_the_quick_core_has_files_that_exist():
    (core,) = re.findall(r"^core=\((.*?)^\)", (CHECKOUT / "script/test").read_text(), re.DOTALL | re.MULTILINE)
    assert core.split() and [path for path in core.split() if not (CHECKOUT / "tests" / path).is_file()] == []


def test_a_change_is_tried_on_both_releases_of_debian():
    (job,) = yaml.safe_load((CHECKOUT / ".github/workflows/ci.yml").read_text())["jobs"].values()
    assert job["strategy"]["matrix"] == {"debian": ["12", "13"]} and job["container"][
        "image"] == "debian:${{ matrix.debian }}"
    assert ".ci/run" in [step.get("run")
                         for step in job["steps"]] and "script/test" in (CHECKOUT / ".ci/run").read_text()
