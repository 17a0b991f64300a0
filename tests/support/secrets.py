"""What must never be said: the secrets that the tests plant,
searched in all that the program logs, measures and prints.

Every service and every command that tests start is searched,
so a leak anywhere fails the test in which it came."""
import json
import re

DATABASE_PASSWORD = "planted-database-password"
API_KEY = "sk-planted-api-key"
PASSWORD = "correct horse battery"
CATCHPHRASE = "Show me the numbers"
SAMPLES = ["Small steps beat big plans.", "Measure first, then cut.", "Ship it and listen."]
BIO = "Builds quiet systems."
MAIL = "@example.org"

PLANTED = [DATABASE_PASSWORD, API_KEY, PASSWORD[:13], CATCHPHRASE, *SAMPLES, BIO, MAIL, "$argon2"]
TOKEN = re.compile(rb"eyJ[\w-]{8,}\.[\w-]+|[Bb]earer [\w.-]{8,}")
URL_PASSWORD = re.compile(r"\w+://[^:/@]*:([^/@]+)@")
SHORTEST = 8  # what is shorter, or a default that `config` lists, would be found everywhere
DEFAULTS = {"postgres"}
RECENT = 100

_texts = {}


def note(text):
    """What somebody is about to publish: from now on no service may say it.
    Texts of one word, and all but the last hundred, are let go."""
    if text and len(text) >= 12 and " " in text.strip():
        _texts[text] = None
        while len(_texts) > RECENT:
            del _texts[next(iter(_texts))]


def _of_setting(name, value):
    if name in ("JWT_SECRET", "JWT_SECRET_PREVIOUS", "METRICS_TOKEN", "OPENAI_API_KEY"):
        return value
    password = URL_PASSWORD.match(value) if name.endswith("_URL") else None
    return password[1] if password else ""


def of_environment(settings):
    """The secrets among a process's settings."""
    found = [_of_setting(name, str(value)) for name, value in settings.items()]
    return [secret for secret in found if len(secret) >= SHORTEST and secret not in DEFAULTS]


def _forms(secret):
    """As it is, and as JSON strings have it."""
    quoted = {secret, json.dumps(secret, ensure_ascii=False)[1:-1], json.dumps(secret)[1:-1]}
    return [form.encode("utf-8", "replace") for form in quoted]


def leaks(said, settings):
    """The secrets that these bytes have, each with the beginning of the line that has it."""
    wanted = {*PLANTED, *of_environment(settings), *_texts}
    places = {secret: said.find(form) for secret in wanted for form in _forms(secret) if form in said}
    if b"eyJ" in said or b"earer " in said:
        places |= {found[0].decode(): found.start() for found in TOKEN.finditer(said)}
    return {secret: said[said.rfind(b"\n", 0, at) + 1 : at + 100].decode(errors="replace")
            for secret, at in places.items()}


def search(said, settings, who):
    found = leaks(said, settings)
    assert not found, f"{who} said what must not be said: {found}"
