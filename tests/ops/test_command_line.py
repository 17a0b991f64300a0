"""One reader for all command lines: --help in every place, and what is said of wrong words."""
import re

import pytest

from support.program import run

FINE, USAGE = 0, 3


def commands():
    """The program's own list."""
    return re.findall(r"^  (\w+) ", run("--help").stdout, re.MULTILINE)


def actions(command):
    """The command's own list; none for a command that does one thing."""
    said = run(command, "-x").stderr
    assert run(command, "-x").returncode == USAGE
    listed = re.search(r"what to do is missing; one of: (.*)", run(command).stderr) if is_divided(said) else None
    return listed[1].split(", ") if listed else []


def is_divided(usage):
    """Its usage has a word, and not an option, behind the command's name."""
    return re.search(r"^Usage: personaworlds \w+ (COMMAND|[a-z]+)\b", usage, re.MULTILINE) is not None


def options(command):
    usage = run(command, "--help").stdout
    return sorted(set(re.findall(r"--[a-z-]+", usage)) - {"--help", "--env-file"})


LINES = [(command, *action) for command in commands() for action in [[]] + [[name] for name in actions(command)]]
DIVIDED = {command: actions(command) for command in commands() if actions(command)}


def test_the_program_lists_its_commands_and_their_actions():
    assert {"up", "api", "worker", "migrate", "seed", "doctor", "verify", "settings", "triage", "queue", "digest",
            "block", "admin", "incident", "roles", "runbook", "healthcheck", "config"} == set(commands())
    assert DIVIDED == {"settings": ["list", "set", "unset"], "digest": ["rebuild"], "block": ["add", "list", "remove"],
                       "admin": ["grant", "revoke", "list"],
                       "incident": ["open", "note", "close", "list", "report"],
                       "queue": ["status", "pause", "resume", "retry", "cancel", "drain"]}


@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_help_wins_in_every_place(line):
    """Also between an option and its value, and beside words that nobody knows."""
    command, *rest = line
    usage = run(command, "--help")
    assert (usage.returncode, usage.stderr) == (FINE, "") and f"personaworlds {command}" in usage.stdout
    words = [*rest, "X", "1", *options(command), "--nope"]
    for place in {0, 1, len(rest), len(words) - 1, len(words)}:
        asked = run(command, *words[:place], "--help", *words[place:])
        assert (asked.returncode, asked.stdout, asked.stderr) == (FINE, usage.stdout, ""), place


@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_an_option_that_nobody_knows_is_named_with_the_usage(line):
    command, *rest = line
    for words in ([*rest, "--nope"], ["--nope", *rest], [*rest, "--nope=1"]):
        done = run(command, *words)
        assert (done.returncode, done.stdout) == (USAGE, "")
        reason, *usage = done.stderr.split("\n", 2)
        assert re.match(rf"personaworlds {command}: unknown flag --nope", reason)
        assert usage[-1] == run(command, "--help").stdout


@pytest.mark.parametrize("command", sorted(DIVIDED))
def test_an_action_that_nobody_knows_is_answered_with_those_that_are(command):
    done = run(command, "nonsense")
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert done.stderr.startswith(
        f"personaworlds {command}: unknown command nonsense; one of: {', '.join(DIVIDED[command])}\n")


@pytest.mark.parametrize("words, reason", [
    (["settings", "list", "--for", "30m"], "a flag of another command: --for"),
    (["block", "list", "--force"], "a flag of another command: --force"),
    (["triage", "--since", "1h", "--since", "2h"], "given twice: --since"),
    (["seed", "--demo=yes"], "no value belongs to --demo"),
    (["up", "--port"], "a value is missing for --port"), (["up", "extra"], "unknown word extra"),
    (["doctor", "--list", "clock"], "--list takes no check: clock"),
    (["queue", "retry", "one"], "an id is a whole number"), (["settings", "set", "x"], "wrong arguments for set")])
def test_a_wrong_word_is_answered_with_what_is_wrong(words, reason):
    done = run(*words)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert done.stderr.startswith(f"personaworlds {words[0]}: {reason}\n")


@pytest.mark.parametrize("words, reason", [
    (["triage", "--since=8000h"], "--since must be a duration like 15m, within 1s to 168h"),
    (["verify", "--for", "soon"], "--for must be a duration like 15m, within 1s to 24h"),
    (["verify", "--every=3s", "--for=2s"], "--every must not be longer than --for"),
    (["queue", "drain", "--timeout", "0s"], "--timeout must be a duration like 10m, within 1s to 720h"),
    (["triage", "--worker", "planted"], "--worker must be an address like http://localhost:9091, at most 16 of them"),
    (["triage", "--prometheus", "planted"], "--prometheus must be an address like http://localhost:9090")])
def test_a_wrong_value_is_answered_in_one_line(words, reason):
    done = run(*words)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert done.stderr == f"personaworlds {words[0]}: {reason}. Usage: personaworlds {words[0]} --help\n"


def test_a_switch_may_be_given_twice():
    assert run("config", "--env", "--env").stdout == run("config", "--env").stdout


def test_a_value_may_stand_behind_an_equals_sign(database):
    assert run("block", "add", "--reason=a = b", "203.0.113.77", "--for=1h",
               DATABASE_URL=database.url).returncode == FINE
    assert database.value("SELECT reason FROM blocked_addresses WHERE cidr = '203.0.113.77/32'") == "a = b"
