"""The documents say what is so: their commands run, their tables are the program's,
their links lead somewhere."""
import re
import subprocess

import pytest

from support.program import CHECKOUT, Worker, environment, run

DOCUMENTS = sorted([*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/*.md"), *CHECKOUT.glob("backend/**/*.md")])


def read(name):
    return (CHECKOUT / name).read_text()


def test_the_readmes_session_works_as_written(api, database, start):
    start(Worker)
    session = next(block for block in re.findall(r"```sh\n(.*?)```", read("README.md"), re.DOTALL)
                   if block.startswith("API="))
    session = session.replace("API=http://localhost:8080", f"API=http://127.0.0.1:{api.port}", 1)
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", session], env=environment(), capture_output=True,
                          text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"status": "PUBLISHED"' in done.stdout
    assert '{"enqueued":1,"skipped":0}' in done.stdout
    assert '"summary": "Deniz' in done.stdout


def test_the_settings_page_has_the_programs_table():
    rows = [line for line in read("docs/CONFIG.md").splitlines() if line.startswith("| `")]
    assert rows == run("config").stdout.splitlines()


def test_the_levers_page_has_the_programs_table():
    rows = re.findall(r"^\| `(\S+)` \| (.*?) \| (.*) \|$", read("docs/LEVERS.md"), re.MULTILINE)
    assert rows == re.findall(r"^  (\S+)  +(\S.*?)  +(\S.*)$", run("settings", "--help").stdout, re.MULTILINE)


def test_the_example_environment_has_every_setting():
    first, _, rest = read(".env.example").partition("\n\n")
    assert first.startswith("#")
    assert rest == run("config", "--env").stdout


def test_every_setting_that_the_code_reads_is_in_the_table():
    listed = set(re.findall(r"^\| `(\w+)`", run("config").stdout, re.MULTILINE))
    sources = "".join(path.read_text() for path in CHECKOUT.glob("backend/src/**/*.c"))
    of_the_system = {"PATH", "TERM", "NO_COLOR", "HOME", "XDG_STATE_HOME"}
    assert set(re.findall(r'getenv\("(\w+)"\)', sources)) - of_the_system <= listed


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_links_lead_somewhere(document):
    targets = [target for target in re.findall(r"\]\(([^)#\s]+)", document.read_text()) if "://" not in target]
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_the_readme_names_folders_and_commands_that_exist():
    text = read("README.md")
    folders = re.findall(r"^\| `([\w/]+/)` \|", text, re.MULTILINE)
    assert folders and [folder for folder in folders if not (CHECKOUT / folder).is_dir()] == []
    known = set(re.findall(r"^  (\w+) ", run("--help").stdout, re.MULTILINE))
    assert set(re.findall(r"build/personaworlds (\w+)", text)) <= known
    scripts = re.findall(r"`script/(\w+)`", text + read("CONTRIBUTING.md"))
    assert scripts and [name for name in scripts if not (CHECKOUT / "script" / name).exists()] == []

