"""The database's roles: whatever the tests start logs in as the one that it has in an installation,
so that a right that is missing fails somewhere."""
import re

ROLES = ["personaworlds_owner", "personaworlds_api", "personaworlds_worker", "personaworlds_ops"]
# Not `migrate`, `seed` and `roles`, which are the owner's; `up` sees to it by itself.
OF_COMMANDS = {"api": "api", "worker": "worker"} | dict.fromkeys(
    ["triage", "doctor", "verify", "queue", "settings", "digest", "block", "admin", "incident"], "ops")
URLS = ("DATABASE_URL", "DATABASE_DIRECT_URL")


def as_role(url, role):
    """The URL of a test's cluster, whose superuser is `postgres`, as this role's; another stays."""
    return re.sub(r"^(postgres(?:ql)?://)postgres(?=[:@])", rf"\1personaworlds_{role}", str(url))


def settings_of(command, settings):
    """The settings of a process with the URLs of its role. Migrations at a service's start are the
    owner's."""
    role = OF_COMMANDS.get(command)
    found = {name: as_role(settings[name], role) for name in URLS if role and settings.get(name)}
    owner = settings.get("DATABASE_DIRECT_URL") or (None if settings.get("DB_POOLER") else settings.get("DATABASE_URL"))
    if role and owner and as_role(owner, role) != owner:
        found["DATABASE_OWNER_URL"] = owner
    return found | {name: value for name, value in settings.items() if name not in found or name not in URLS}
