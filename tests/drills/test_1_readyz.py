"""Mode 1: /readyz returns 503. Postgres is stopped; a migration isn't applied;
a deploy has a wrong password."""
import re
import shutil

import pytest

from support.program import CHECKOUT
from support.roles import ROLES
from support.waiting import eventually


@pytest.fixture(scope="module")
def stack(make_stack):
    return make_stack()


def unready(stack, why):
    """What a probe, the log and the metrics say."""
    return (lambda: stack.api.readiness()[0] == 503 and why in stack.api.readiness()[1]["error"],
            lambda: [line for line in stack.api.log.find("not_ready") if why in line["error"]],
            stack.measured('service_ready{job="backend"} == 0'))


def test_postgres_is_stopped(stack):
    with stack.drill("database_unreachable", page="ApiNotReady") as drill:
        stack.cluster.stop("immediate")
        drill.seen(*unready(stack, "database ping failed"))
        drill.remedied()
        eventually(stack.api.is_ready)


def test_a_migration_is_not_applied(stack, tmp_path):
    """A release with a new migration was deployed before somebody applied it."""
    folder = tmp_path / "migrations"
    shutil.copytree(CHECKOUT / "backend/migrations", folder)
    (folder / "900_drill.sql").write_text("CREATE TABLE drilled (id int);\n")
    with stack.drill("migrations_pending", page="ApiNotReady") as drill:
        stack.compose.settings["MIGRATIONS_DIR"] = folder
        stack.deploy("backend", MIGRATIONS_DIR=folder, AUTO_MIGRATE="false")
        drill.seen(*unready(stack, "migrations pending"))
        drill.remedied()
        eventually(stack.api.is_ready)
        assert stack.database.count("drilled") == 0


def test_a_deploy_has_a_wrong_password(stack):
    hba = stack.cluster.data / "pg_hba.conf"
    password = re.search("//.*?:(.*?)@", stack.url)[1]
    for role in ("postgres", *ROLES):
        stack.database.execute(f"ALTER ROLE {role} PASSWORD '{password}'")
    hba.write_text(re.sub(r"\btrust$", "scram-sha-256", hba.read_text(), flags=re.MULTILINE))
    stack.database.execute("SELECT pg_reload_conf()")
    right = stack.api.settings["DATABASE_URL"]
    with stack.drill("database_credentials", page="ApiNotReady") as drill:
        stack.deploy("backend", DATABASE_URL=right.replace(password, "not-this-one"))
        drill.seen(*unready(stack, "password authentication failed"))
        stack.api.settings["DATABASE_URL"] = right  # what a person corrects between the two commands
        drill.remedied()
        eventually(stack.api.is_ready)
