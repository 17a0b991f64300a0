"""Every command and every name of the runbook, the original's and docs/RUNBOOK.md's,
tried on one stack on which everything that it is about has happened."""
import re

import psycopg
import pytest

from support.program import CHECKOUT, run
from support.roles import as_role
from support.runbook import act_rows, acts, asides, heading, modes
from support.runbook_stack import everything_happened
from support.waiting import eventually

WHOLE = (CHECKOUT / "docs/RUNBOOK.md").read_text()
TEXT = WHOLE.replace("\n".join(act_rows()), "")  # its table of short names is deploy/runbook.toml's
TOOLS = r"(?:docker|personaworlds|curl|psql|jq|rg|git|export)"
PLACEHOLDERS = {"api": "http://localhost:8080", "worker": "http://localhost:9091", "type": "generate_reply",
                "pid": "$BLOCKER", "tighter": "30/1m", "longer": "2m", "name": "public_read", "tokens": "2000000",
                "key": "job.retry_base",
                "address": "203.0.113.7"}
FINE, FINDINGS, WARNINGS = 0, 1, 2
API, WORKER = "curl -sS http://localhost:8080", "curl -sS http://localhost:9091"
PSQL = 'psql "$DATABASE_URL" -c '
OWNERS_PSQL = 'psql "${DATABASE_OWNER_URL:-$DATABASE_URL}" -c '
CREATE_THE_INDEX = (r"""psql "${DATABASE_OWNER_URL:-$DATABASE_URL}" -c 'CREATE INDEX CONCURRENTLY posts_newest """
                    r"""ON posts (created_at DESC, id DESC) WHERE status = '\''PUBLISHED'\'''""")
ERRORS = r'"level": "error"'

# The original's commands: as it has them, and the signal that they promise. `docker compose logs`
# puts the service's name before each line, which jq can't read; so what goes to jq is tried with
# --no-log-prefix.
ORIGINAL = {
    f"{API}/healthz": r'"ok"|true', f"{API}/readyz": r'"ok"|true', f"{WORKER}/healthz": r'"ok"|true',
    f'{API}/metrics | rg '
    '"http_requests_total|http_request_duration_seconds|db_query_duration_seconds|queue_depth|rate_limit_events_total"':
        [r'^http_requests_total\{.*route="/readyz".*status="503"', r"^http_request_duration_seconds_bucket\{",
         r"^db_query_duration_seconds_bucket\{",
         r'^queue_depth\{type="generate_reply"\}', r'^rate_limit_events_total\{scope="ip",endpoint="public_read"\} '
                                                   r'[1-9]|^rate_limit_events_total\{.*public_read.*\} [1-9]'],
    f'{WORKER}/metrics | rg "jobs_processed_total|job_retries_total|job_duration_seconds|db_query_duration_seconds"':
        [r'^jobs_processed_total\{type="generate_reply",status="failed"\} 1',
         r'^job_retries_total\{type="generate_reply"\} 1',
         r"^job_duration_seconds_bucket\{", r"^db_query_duration_seconds_bucket\{"],
    "docker compose logs --since=15m backend worker": [r"^backend-1 +\| \{", r"^worker-1 +\| \{"],
    "docker compose logs backend | jq 'select(.level==\"error\")'": [ERRORS, r'"route": "/personas"'],
    "docker compose logs worker | jq 'select(.level==\"error\" or .msg==\"job_failed_retrying\" or "
    ".msg==\"job_failed_permanently\")'":
        [r'"msg": "job_failed_retrying"', r'"msg": "job_failed_permanently"'],
    'docker compose logs backend | rg "database ping failed|migrations pending|startup_failed"': [
        "database ping failed", "migrations pending", "startup_failed"],
    PSQL + '"select count(*) from schema_migrations;"': r"^ +\d\d$",
}
"""Its names: metrics with their labels, log messages and fields,
tables, settings with their defaults."""
ORIGINAL_METRICS = {
    "http_requests_total": ["status"], "http_request_duration_seconds": ["route"], "db_query_duration_seconds": [],
    "rate_limit_events_total": ["scope", "endpoint"], "queue_depth": ["type"], "job_retries_total": ["type"],
    "jobs_processed_total": ["status"], "job_duration_seconds": ["type"]}
ORIGINAL_MESSAGES = ["rate_limited", "job_failed_retrying", "job_failed_permanently"]
ORIGINAL_FIELDS = {"http_request": ["latency_ms", "route", "status", "msg", "error"]}
ORIGINAL_TABLES = ["persona_digests", "weekly_digests", "notifications", "schema_migrations"]
ORIGINAL_DEFAULTS = {"API_REQUEST_TIMEOUT": "15s", "DB_QUERY_TIMEOUT": "5s", "WORKER_POLL_EVERY": "3s",
                     "WORKER_TASK_TIMEOUT": "15s", "JOB_MAX_ATTEMPTS": "5",
                     "LLM_PROVIDER": "mock"}


def section_of(mode):
    """The text below its heading."""
    return TEXT.split(f"## {heading(mode)}\n")[1].split("\n## ")[0]


def commands_of(text):
    """Of its code blocks, a line each, and of its inline code, as they come."""
    found = []
    for block, inline in re.findall(r"```sh\n(.*?)```|(?<!`)`([^`\n]+)`(?!`)", text, re.DOTALL):
        found += block.strip().splitlines() if block else [inline] if re.match(rf"{TOOLS} ", inline) else []
    return list(dict.fromkeys(found))


def names_of(text):
    """Inline code that is no command."""
    inline = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return sorted({name for name in inline if not re.match(rf"{TOOLS} ", name)})


@pytest.fixture(scope="module")
def happened(tmp_path_factory):
    with everything_happened(tmp_path_factory.mktemp("runbook")) as happened:
        yield happened


def tried(happened, command, code=FINE, signal=(), **variables):
    done = happened.compose.run(f'eval "$(personaworlds runbook)"\n{command}', **variables)
    codes = code if isinstance(code, tuple) else (code,)
    assert done.returncode in codes, f"{command}: {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    for pattern in [signal] if isinstance(signal, str) else signal:
        assert re.search(pattern, done.stdout,
                         re.MULTILINE), f"{command}: no {pattern} in\n{done.stdout[-6000:]}{done.stderr[-1000:]}"
    return done


# ---- the original ----


@pytest.mark.parametrize("command", ORIGINAL)
def test_a_command_of_the_original_shows_what_it_promises(happened, command):
    tried(happened, re.sub(r"logs (?=.*\| jq)", "logs --no-log-prefix ", command), signal=ORIGINAL[command])


def test_the_originals_names_exist(happened):
    shown = happened.api.metrics() + happened.worker.metrics()
    for name, labels in ORIGINAL_METRICS.items():
        assert all(re.search(rf'^{name}(_bucket)?\{{.*\b{label}="', shown, re.MULTILINE)
                   for label in labels) and f"# TYPE {name} " in shown, name
    logged = [line for service in (happened.api, happened.worker) for line in service.log.lines]
    assert [message for message in ORIGINAL_MESSAGES if not any(line["msg"] == message for line in logged)] == []
    assert any(set(ORIGINAL_FIELDS["http_request"]) <= line.keys() for line in logged if line["msg"] == "http_request")
    assert [table
            for table in ORIGINAL_TABLES if happened.database.value("SELECT to_regclass(%s) IS NULL", table)] == []
    listed = dict(re.findall(r"^\| `(\w+)` \| `(.*?)` \|", run("config").stdout, re.MULTILINE))
    assert ORIGINAL_DEFAULTS.items() <= listed.items()
    assert (CHECKOUT / "docs/SCALING.md").exists() and list((CHECKOUT / "backend/migrations").glob("*.sql"))


# ---- docs/RUNBOOK.md ----


def lever(key, value, time="30m"):
    return {f"personaworlds settings set {key} {value} --for {time}": (FINE, rf"^{key} = {value} until ")}


DOCUMENTED = {
    "personaworlds triage": (FINDINGS, [r"^1\. Jobs fail for good$", r"^BLAST RADIUS", r"^QUEUE"]),
    "export DATABASE_URL='postgres://personaworlds_ops:ops@localhost:5432/personaworlds?sslmode=disable'": (FINE, ()),
    "export DATABASE_OWNER_URL='postgres://personaworlds_owner:owner@localhost:5432/personaworlds?sslmode=disable'": (
        FINE, ()),
    "docker compose run --rm --no-deps -T ops triage --api http://backend:8080 --worker http://worker:9091": (
        FINDINGS, r"^1\. Jobs fail for good$"),
    "docker compose ps worker": (FINE, r"^personaworlds-worker-1 .*Up"),
    'eval "$(personaworlds runbook)"': (FINE, ()),
    "personaworlds runbook": (FINE, r"^logs_api\(\) \{$"),
    "personaworlds seed": (FINE, ()),
    "personaworlds admin list": (FINE, ()),
    "personaworlds roles": (FINE, "personaworlds_ops"),
    "personaworlds healthcheck": (FINE, ()),
    "logs": (FINE, [r'"service": "api"', r'"service": "worker"']),
    "state": (FINE, [r"-backend-1 ", r"-worker-1 ", r"-postgres-1 "]),
    "personaworlds settings list": (FINE, r"LEVER|no lever is set"),
    "personaworlds queue status": (FINE, [r"^TYPE .*DUE", r"^generate_reply "]),
    "personaworlds digest rebuild --stale --dry-run": (FINE, r"\d"),
    "personaworlds digest rebuild --stale": (FINE, r"\d"),
    'personaworlds digest rebuild --persona "$PERSONA"': (FINE, r"\d"),
    'personaworlds digest rebuild --user "$USER_ID"': (FINE, r"\d"),
    "personaworlds verify": (FINE, [r"readyz", r"freshness"]),
    **{command: (FINE, signal) for command, signal in ORIGINAL.items() if command in commands_of(TEXT)},
    "logs_api | jq -R 'fromjson? | select(.level==\"error\")'": (FINE, [ERRORS, r'"route": "/personas"']),
    "logs_worker | jq -R 'fromjson? | select(.level==\"error\" or .msg==\"job_failed_retrying\" or "
    ".msg==\"job_failed_permanently\")'":
        (FINE, [r'"msg": "job_failed_retrying"', r'"msg": "job_failed_permanently"']),
    "logs | jq -cR --arg id \"$REQUEST_ID\" 'fromjson? | select(.request_id == $id)'": (
        FINE, [r'"service":"api"', r'"service":"worker".*"job_id"']),
    "logs_api | rg 'database ping failed|migrations pending|startup_failed'":
        (FINE, ["database ping failed", "migrations pending", "startup_failed"]),
    "personaworlds doctor database": (FINE, r"^database +ok "),
    "personaworlds doctor mail": ((FINE, WARNINGS), r"^mail +(ok|warning) "),
    "personaworlds doctor provider": ((FINE, WARNINGS), r"^provider +(ok|warning) "),
    "personaworlds doctor redis": (FINE, r"^redis +ok "),
    "personaworlds doctor": ((FINE, WARNINGS), [r"^database +ok ", r"^migrations +ok ", r"^secrets +ok "]),
    "personaworlds migrate --status": (FINE, r"001_accounts\.sql"),
    "personaworlds migrate": (FINE, "nothing to apply"),
    "logs_postgres": (FINE, ()),
    "start_postgres": (FINE, ()),
    "read_settings": (FINE, ()),
    "start_api": (FINE, ()),
    "start_worker": (FINE, ()),
    "restart_api": (FINE, ()),
    "restart_worker": (FINE, ()),
    "logs_worker | jq -R 'fromjson? | select(.level==\"error\")'": (FINE, ()),
    f"logs_api | jq -cR 'fromjson? | select(.latency_ms > 1000) | {{route, status, latency_ms}}'": (
        FINE, r'"route":"/rooms/\{id\}/posts/draft"'),
    f"{API}/metrics | rg 'db_query_duration_seconds_(sum|count)'": (FINE, r'_sum\{query="posts/approve"\}'),
    PSQL + "\"SELECT pid, state, wait_event, now() - query_start AS since FROM pg_stat_activity "
           "WHERE state <> 'idle' ORDER BY query_start\"": (FINE, "active"),
    OWNERS_PSQL + '"SELECT application_name, state, count(*), max(now() - state_change) AS for_up_to FROM '
                  'pg_stat_activity GROUP BY 1, 2 ORDER BY 3 DESC"': (FINE, "personaworlds api"),
    OWNERS_PSQL + "\"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle' AND "
                  "datname = current_database() AND application_name NOT LIKE 'personaworlds%' AND "
                  "backend_type = 'client backend'\"  # as a superuser: nobody else sees who idles": (
                      FINE, "pg_terminate_backend"),
    PSQL + '"SELECT application_name, state, sync_state, replay_lag, now() - reply_time AS silent_for '
           'FROM pg_stat_replication"': (FINE, r"\(0 rows\)"),
    OWNERS_PSQL + '"ALTER SYSTEM SET synchronous_standby_names = \'\'" -c \'SELECT pg_reload_conf()\''
        "  # as a superuser, where no standby comes back soon: what is written from then on is on one "
        "machine alone; not under Patroni": (FINE, r"^ t$"),
    PSQL + '"SELECT inet_server_addr(), inet_server_port(), pg_is_in_recovery() AS is_standby, timeline_id '
           'FROM pg_control_checkpoint()"': (FINE, r"\| f +\| +1$"),
    PSQL + '"SELECT slot_name, active, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) AS kept '
           'FROM pg_replication_slots"': (FINE, r"\(0 rows\)"),
    PSQL + "\"SELECT pg_is_in_recovery() AS is_standby, setting, source FROM pg_settings "
           "WHERE name = 'default_transaction_read_only'\"": (FINE, r"f +\| off"),
    OWNERS_PSQL + "'ALTER SYSTEM RESET default_transaction_read_only' -c 'SELECT pg_reload_conf()'"
        "  # as a superuser; not on a standby, nor where a provider locked a full disk": (FINE, r"^ t$"),
    PSQL + "\"SELECT coalesce(pg_partition_root(oid), oid)::regclass AS name, "
           "pg_size_pretty(sum(pg_total_relation_size(oid))) FROM pg_class WHERE relkind = 'r' "
           "GROUP BY 1 ORDER BY sum(pg_total_relation_size(oid)) DESC LIMIT 10\"": (FINE, "kB"),
    'DATABASE_URL="${DATABASE_OWNER_URL:-$DATABASE_URL}" personaworlds roles --apply': (FINE, ()),
    "logs | jq -cR 'fromjson? | select(.level==\"error\" or .level==\"warn\") | {msg, route, error}' | "
    "sort | uniq -c | sort -rn": (FINE, '"msg":"not_ready"'),
    f"{WORKER}/readyz": (FINE, r'\{"ok":true'),
    "logs_worker | jq -R 'fromjson? | select(.level==\"error\" or .level==\"warn\")'": (FINE, r'"level": "warn"'),
    CREATE_THE_INDEX: (FINE, "CREATE INDEX"),
    PSQL + '"SELECT pid, application_name, pg_blocking_pids(pid), left(query, 60) FROM pg_stat_activity '
           'WHERE cardinality(pg_blocking_pids(pid)) > 0"':
        (FINE, r"pg_blocking_pids"),
    PSQL + '"SELECT pg_cancel_backend($BLOCKER)"': (FINE, r"^ t$"),
    PSQL + '"SELECT pg_terminate_backend($BLOCKER)"': (FINE, r"^ t$"),
    "personaworlds doctor secrets": ((FINE, WARNINGS), r"^secrets +(ok|warning) "),
    "personaworlds doctor clock": (FINE, r"^clock +ok "),
    PSQL + "\"UPDATE jobs SET lease_until = now() WHERE status = 'PROCESSING' AND lease_until > now() + "
           "interval '61 minutes'\" -c \"UPDATE jobs SET available_at = now() WHERE status = 'PENDING' AND "
           "available_at > now() + interval '8 days'\"": (FINE, r"UPDATE 0\nUPDATE 0"),
    **lever("rate_limit.public_read", "30/1m"), **lever("rate_limit.public_read", "30/1m", "1h"),
    **lever("rate_limit.llm", "7/1m"),
    **lever("llm.provider", "mock"),
    **{f"{command}  # twice the bound: it costs money, so look first who uses so much": signal
       for command, signal in lever("llm.daily_tokens", "2000000", "12h").items()},
    **lever("job.retry_base", "2m"),
    "personaworlds settings unset job.retry_base": (FINE, "job.retry_base is as configured again"),
    "logs_api | jq -cR 'fromjson? | select(.level==\"error\") | {route, status, error}' | sort | uniq -c | sort -rn":
        (FINE, r' \d+ \{"route":"/personas","status":503,"error":"database away'),
    "logs | jq -cR 'fromjson? | select(.msg==\"setting_changed\" or .msg==\"api_listening\" or "
    ".msg==\"worker_started\") | "
    "{ts, service, msg, key, new}'": (FINE, [r'"api_listening"', r'"worker_started"',
                                             r'"setting_changed","key":"llm.provider","new":"mock"']),
    "roll_back": (FINE, ()),
    PSQL + r"'\dt'": (FINE, r"persona_digests"),
    "personaworlds queue pause generate_reply": (FINE, r"^generate_reply is paused"),
    "personaworlds queue resume generate_reply": (FINE, r"^generate_reply "),
    "more_workers": (FINE, ()),
    "personaworlds queue drain --type generate_reply": (FINE, ()),
    "logs_worker | jq -rR 'fromjson? | select(.msg==\"job_failed_retrying\" or .msg==\"job_failed_permanently\") | "
    ".error' | sort | uniq -c | sort -rn | head":
        (FINE, r"\d llm: provider answered 500: scripted 500 \(scripted\)$"),
    'personaworlds queue cancel --type generate_reply --error "provider" --dry-run': (
        FINE, r"no waiting or running job matches"),
    'personaworlds queue retry --type generate_reply --error "provider" --dry-run': (FINE, r"would be due again: 1$"),
    "personaworlds queue retry --type generate_reply": (FINE, r"due again: 1$"),
    "personaworlds queue retry --type reset_mail": (FINE, r"no failed job matches"),
    "logs_api | jq -rR 'fromjson? | select(.msg==\"rate_limited\") | .client' | sort | uniq -c | sort -rn | head": (
        FINE, r" [1-9]\d* 127\.0\.0\.1$"),
    f"{API}/metrics | rg 'rate_limit_events_total\\{{.*public_'": (FINE, r'endpoint="public_read"\} \d'),
    "personaworlds block add 203.0.113.7 --for 1h  # one of those above, with the most lines":
        (FINE, r"203\.0\.113\.7"),
    "personaworlds block list": (FINE, r"203\.0\.113\.7"),
    "personaworlds block remove 203.0.113.7": (FINE, r"203\.0\.113\.7"),
    "share_limits": (FINE, ()),
    f"{WORKER}/metrics | rg 'jobs_processed_total\\{{.*digest|digest_age_seconds|notification_lag_seconds'":
        (FINE, [r'^jobs_processed_total\{type="persona_digest",status="done"\} \d', r"^digest_age_seconds\{",
                r"^notification_lag_seconds 0"]),
    PSQL + '"SELECT date, count(*), max(updated_at) FROM persona_digests GROUP BY 1 ORDER BY 1 DESC LIMIT 3"': (
        FINE, r"\(1 row\)"),
    PSQL + '"SELECT week_start, count(*), max(updated_at) FROM weekly_digests GROUP BY 1 ORDER BY 1 DESC LIMIT 3"': (
        FINE, r"week_start"),
    PSQL + '"SELECT type, count(*), max(created_at) FROM notifications GROUP BY 1"': (FINE, "persona_followed"),
    "logs | rg 'digest_failed|notification_failed|notification_created'": (
        FINE, "notification_created"),
    "logs_api | rg notification_failed": (1, ()),  # rg: there is none
    'personaworlds incident open "Replies are late"': (FINE, r"^incident \d+ is open: Replies are late$"),
    'personaworlds incident note "began with the deploy of 14:05, says Ada"': (FINE, r"^noted$"),
    "personaworlds incident close": (FINE, r"^incident \d+ is closed after "),
    "personaworlds incident report": (FINE, [r"^# Incident \d+: ", r"^\| 20.*\| worker@.* \| readiness \| ready \|$",
                                             r"^## Root cause$", r"^## Preventive action$"]),
    "personaworlds incident list": (FINE, r"^\d+ +20.* Replies are late$"),
    "personaworlds incident report --since 2h": (FINE, r"^## Timeline$"),
}


def stop(happened, service):
    happened.compose.run(f"docker compose stop {service}")


def drop_the_index(happened):
    happened.database.execute("DROP INDEX posts_newest")


def wait_for_the_lever(happened):
    """Every process obeys it, and says so, within a second."""
    happened.compose.run("personaworlds settings set llm.provider mock --for 30m")
    eventually(lambda: any('"setting_changed"' in line and '"llm.provider"' in line
                           for line in happened.compose.replicas["backend"][0].lines()), within=2)


def close_the_incident(happened):
    happened.compose.run("personaworlds incident close")  # which fails where none is open


def open_an_incident(happened):
    close_the_incident(happened)
    happened.compose.run('personaworlds incident open "Replies are late"')


# What a command is there for, made before it is tried.
BEFORE = {
    'personaworlds incident open "Replies are late"': close_the_incident,
    **dict.fromkeys(["personaworlds incident close", "personaworlds incident report", "personaworlds incident list"],
                    open_an_incident),
    "start_api": lambda happened: stop(happened, "backend"),
    "start_worker": lambda happened: stop(happened, "worker"),
    "personaworlds settings unset job.retry_base": lambda happened: happened.compose.run(
        "personaworlds settings set job.retry_base 2m"),
    "personaworlds block list": lambda happened: happened.compose.run("personaworlds block add 203.0.113.7"),
    CREATE_THE_INDEX: drop_the_index,
}
BEFORE |= {command: wait_for_the_lever for command in DOCUMENTED if '"setting_changed"' in command}

# What it has done, where it says nothing.
STARTS = {
    "read_settings": {"backend", "worker"},
    "restart_api": {"backend"},
    "restart_worker": {"worker"}, "start_api": {"backend"},
    "start_worker": {"worker"},
    "roll_back": {"backend", "worker"},
    "more_workers": {"worker"},
    "share_limits": {"backend", "worker"},
}


def processes(happened):
    """{(service, pid)}"""
    return {(name, replica.service.process.pid) for name, replicas in happened.compose.replicas.items()
            for replica in replicas}


@pytest.fixture
def variables(happened):
    with psycopg.connect(as_role(happened.database.url, "worker")) as blocker:
        yield {"PERSONA": happened.persona.id, "USER_ID": happened.owner.id, "REQUEST_ID": happened.request_id,
               "BLOCKER": blocker.info.backend_pid}


def test_the_table_of_short_names_is_the_tables():
    assert "\n".join(act_rows()) in WHOLE
    first = min(WHOLE.index(f"\n{name}\n") for name in acts() if f"\n{name}\n" in WHOLE)
    assert WHOLE.index("## Short names") < first


def test_every_command_of_the_document_is_tried_and_no_other():
    documented = commands_of(TEXT)
    assert len(documented) > 60
    assert [command for command in documented if command not in DOCUMENTED] == []
    assert [command for command in DOCUMENTED if command not in documented] == []


@pytest.mark.parametrize("command", commands_of(TEXT))
def test_a_command_of_the_document_shows_what_it_promises(happened, variables, command):
    BEFORE.get(command, lambda happened: None)(happened)
    before = processes(happened)
    code, signal = DOCUMENTED[command]
    tried(happened, command, code, signal, **variables)
    assert {name for name, _ in processes(happened) - before} == STARTS.get(command, set())
    assert eventually(lambda: all(replica.service.is_ready() for replicas in happened.compose.replicas.values()
                                  for replica in replicas), within=10)


def unquoted(command):
    """A variable of the shell needs other quotes than triage's number."""
    return command.replace("'", '"')


@pytest.mark.parametrize("mode", modes(), ids=lambda mode: f"mode {mode['id']}")
def test_a_modes_section_has_the_commands_and_the_findings_of_the_table(mode):
    commands, names = commands_of(section_of(mode)), names_of(section_of(mode))
    for check in mode["check"]:
        assert check["id"] in names
        for command in check["commands"]:
            command = command.replace("rate_limit.llm {tighter}", "rate_limit.llm 7/1m")
            wanted = re.sub(r"\{(\w+)\}", lambda found: PLACEHOLDERS.get(found[1], found[1] if found[1] in acts()
                                                                         else found[0]), command)
            known = [have for have in commands if unquoted(have) == unquoted(wanted) or "{index}" in wanted
                     and have.startswith(wanted.split("{index}")[0])]
            assert known, f"{check['id']}: {wanted}"
    assert [alert for alert in mode["alerts"] if alert not in names] == []
    assert [part for part in ("Symptoms", "Findings", "Check", "Remedy", "Verify", "Not lost")
            if f"**{part}.**" not in section_of(mode)] == []


@pytest.fixture(scope="module")
def known(happened):
    """Every name that the document may use, by where it comes from."""
    sources = "\n".join(path.read_text() for pattern in ("src/**/*.[ch]", "sql/**/*.sql", "migrations/*.sql")
                        for path in (CHECKOUT / "backend").glob(pattern))
    shown = happened.api.metrics() + happened.worker.metrics()
    return {
        "metrics": set(re.findall(r"^# TYPE (\S+)", shown, re.MULTILINE)),
        "series": shown,
        "messages": set(re.findall(r'"([a-z]+(?:_[a-z]+)+)"', sources)),
        "settings": set(re.findall(r"^\| `(\w+)`", run("config").stdout, re.MULTILINE)),
        "levers": set(re.findall(r"^  ([a-z_]+\.[a-z_.]+) ", run("settings", "--help").stdout, re.MULTILINE)),
        "commands": set(re.findall(r"^  (\w+) ", run("--help").stdout, re.MULTILINE)),
        "findings and alerts": {name for mode in modes() for name in [*(check["id"] for check in mode["check"]),
                                                                      *mode["alerts"], *mode["verified_by"]]}
                               | {aside["alert"] for aside in asides()},
        "variables of compose": set(re.findall(r"\$\{(\w+):-", (CHECKOUT / "compose.yaml").read_text())),
        "short names": set(acts()) | {"fromjson?", "personaworlds-api", "personaworlds-worker", "--as",
                                          ".personaworlds/log", ".personaworlds/log.1", "--env-file .env",
                                          "--env-file FILE", "settings list", "ALTER ROLE", "PASSWORD"},
        "Postgres": {"ALTER SYSTEM RESET", "synchronous_standby_names", "pg_drop_replication_slot"},
        "the package's settings": {"/etc/personaworlds/"} | {
            path.name for path in (CHECKOUT / "deploy/debian/etc").iterdir()},
        "fields": {field for line in happened.api.log.lines + happened.worker.log.lines for field in line},
        "sources": sources,
    }


PLAIN = (r"https?://localhost:\d+|localhost:\d+|/(healthz|readyz|metrics)|\d+(s|m|h)|"
         r"--(error|dry-run|no-log-prefix|for( \d+m)?|prometheus http://localhost:9090)|"
         r"migrate --status|public_(read|write)|docker|curl|jq|rg|psql|\.env|backend|worker|postgres|personaworlds|"
         r"Retry-After|cancel")


def is_known(name, known):
    """One of the program's names, in any of the forms in which a document has them."""
    series = re.fullmatch(r'(\w+)\{([\w,]+)(?:=~?"[^"]*")?\}', name)
    if series:
        return all(re.search(rf'^{series[1]}(_bucket)?\{{(.*,)?{label}="', known["series"], re.MULTILINE)
                   for label in series[2].split(","))
    sentence = re.escape(re.sub(r"\d+", "%d", name))
    return (any(name in known[kind] for kind in known if kind not in ("sources", "series"))
            or re.fullmatch(PLAIN, name) is not None
            or (CHECKOUT / name).exists() or re.search(rf'["\']{sentence}["\':]', known["sources"]) is not None)


def test_every_name_in_the_document_is_one_of_the_programs(known):
    names = names_of(TEXT)
    assert len(names) > 80 and [name for name in names if not is_known(name, known)] == []


@pytest.mark.parametrize("wrong", ["http_request_total", "job_failed_for_good", "WORKER_POLL", "llm.providers",
                                   "lease_is_stuck", "provider replied 500", "/readiness", 'queue_depth{kind="x"}'])
def test_a_name_that_the_program_has_not_is_noticed(known, wrong):
    assert not is_known(wrong, known)


def test_defaults_in_it_are_the_programs():
    listed = dict(re.findall(r"^\| `(\w+)` \| `(.*?)` \|", run("config").stdout, re.MULTILINE))
    stated = re.findall(r"^\| `([A-Z_]+)` \| `(.*?)` \|", TEXT,
                        re.MULTILINE) + re.findall(r"`([A-Z_]+)` \(`(.*?)`\)", TEXT)
    assert len(stated) >= 8 and [(name, value) for name, value in stated if listed[name] != value] == []
