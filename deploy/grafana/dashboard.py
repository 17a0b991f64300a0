#!/usr/bin/env python3
"""deploy/grafana/dashboard.py [--write]: prints the dashboard, or writes
dashboards/personaworlds.json. A change is made here: a row per panel, a block per failure mode of
deploy/runbook.toml, which names the panels that an operator is sent to."""
import json
import pathlib
import sys

PROBES = "/healthz|/readyz|/metrics"
TARGET = pathlib.Path(__file__).parent / "dashboards/personaworlds.json"


def rate(metric, by, matchers=""):
    return f"sum by ({by}) (rate({metric}{matchers}[$__rate_interval]))"


def quantile(q, metric, by="", matchers=""):
    return (f"histogram_quantile({q}, sum by ({by + ', ' if by else ''}le) "
            f"(rate({metric}_bucket{matchers}[$__rate_interval])))")


# title, unit, [(expression, legend)], {"width": of 24, "above":
# red from here on, "below": red under it, "help": what to read in it}
ROWS = [
    ("Objectives (docs/SLO.md)", "stat", [
        ("Availability, 30 days", "percentunit",
         [('1 - avg_over_time(service:http_errors:rate5m{routes="all"}[30d]) / '
           'avg_over_time(service:http_requests:rate5m{routes="all"}[30d])', "")],
         {"below": 0.999, "help": "Promised: 99.9 % of the requests are answered without a 5xx."}),
        ("Error budget left", "percentunit",
         [('1 - (avg_over_time(service:http_errors:rate5m{routes="all"}[30d]) / '
           'avg_over_time(service:http_requests:rate5m{routes="all"}[30d])) / 0.001', "")],
         {"below": 0, "help": "Of what may fail in 30 days."}),
        ("Burn rate, last hour", "none", [('service:http_errors:ratio1h{routes="all"} / 0.001', "")],
         {"above": 14.4, "help": "1: the budget lasts the month. From 14.4 on it pages."}),
        ("Slowest route without a model (p95)", "s",
         [('max(route:http_request_duration_seconds:p95_5m{model="no"})', "")], {"above": 0.75}),
        ("Slowest route with a model (p95)", "s",
         [('max(route:http_request_duration_seconds:p95_5m{model="yes"})', "")], {"above": 8}),
        ("Jobs done, last day", "percentunit", [("1 - service:jobs_failed:ratio1d", "")],
         {"below": 0.985, "help": "Promised: 98.5 % of the jobs that end are done."}),
    ]),
    ("Now", "stat", [
        ("Firing alerts", "none", [('count(ALERTS{alertstate="firing",severity!="watchdog"}) or vector(0)', "")], {"above": 1}),
        ("APIs ready", "none", [('sum(service_ready{job="backend"}) or vector(0)', "")], {"below": 1}),
        ("Workers ready", "none", [('sum(service_ready{job="worker"}) or vector(0)', "")], {"below": 1}),
        ("Requests a second", "reqps", [('sum(service:http_requests:rate5m{routes="all"})', "")], {}),
        ("Jobs unfinished", "none", [("sum(max by (type) (queue_depth))", "")], {}),
        ("Build", "none", [("count by (version, commit) (build_info)", "{{version}} {{commit}}")],
         {"help": "More than one: a deploy is under way, or stuck."}),
    ]),
    ("1) /readyz returns 503", "timeseries", [
        ("Readiness", "none", [("service_ready", "{{job}} {{instance}}"), ("up", "{{job}} {{instance}} answers")],
         {"help": "1: it serves. /readyz says why not."}),
        ("Database connections", "none", [("sum by (job, state) (db_connections)", "{{job}} {{state}}")], {}),
        ("Connections of the server", "percentunit", [("service:db_server_connections:ratio", "taken")],
         {"above": 0.8, "help": "Everybody's, of max_connections. At 95 % it pages."}),
        ("Standbys", "none", [("max(db_standbys)", "connected"), ("max(db_commits_waiting)", "commits that wait for one"),
                              ("max(db_timeline) by (instance)", "time line of {{instance}}")],
         {"help": "Another time line: a standby was promoted. Two of them for long: two primaries."}),
        ("Standby lag", "s", [("max(db_replica_lag_seconds)", "furthest behind")], {"above": 30}),
        ("Database errors", "ops", [(rate("db_errors_total", "sqlstate_class"), "{{sqlstate_class}}"),
                                    (rate("db_reconnects_total", "job"), "{{job}} reconnects")],
         {"help": "By class of SQLSTATE: 28 credentials, 42 schema, 53 resources, 57 cancelled; none: no answer."}),
    ]),
    ("3) 5xx error rate spike", "timeseries", [
        ("Requests by status", "reqps",
         [(rate("http_requests_total", "status", f'{{route!~"{PROBES}"}}'), "{{status}}")], {}),
        ("Errors by route", "reqps",
         [('topk(10, '
           f'{rate("http_requests_total", "route, status", f"""{{status=~"5..",route!~"{PROBES}"}}""")} > 0)',
           "{{route}} {{status}}")], {}),
        ("Requests shed", "reqps",
         [(rate("http_requests_shed_total", "reason"), "{{reason}}"), ("sum(http_requests_in_flight)", "in flight")],
         {"help": "Refused because a queue was full."}),
        ("Failed statements", "ops", [(rate("db_errors_total", "sqlstate_class", '{job="backend"}'),
                                       "{{sqlstate_class}}")], {"help": "42: a table, column or function is missing."}),
    ]),
    ("2) API p95 latency spike, request timeouts", "timeseries", [
        ("Latency by route", "s", [("topk(10, route:http_request_duration_seconds:p95_5m)", "{{route}}")],
         {"above": 0.75, "help": "p95. Routes with a model may take up to 8 s."}),
        ("Database latency", "s", [(f'topk(10, {quantile(0.95, "db_query_duration_seconds", "query")})', "{{query}}"),
                                   (quantile(0.5, "db_query_duration_seconds"), "all (median)")],
         {"above": 0.25, "help": "p95 by statement: its file below backend/sql/."}),
        ("Model latency", "s", [(quantile(0.95, "llm_request_duration_seconds", "operation, provider"),
                                 "{{operation}} {{provider}}")], {"above": 8}),
        ("Model calls in flight", "none", [("sum by (provider) (llm_in_flight)", "{{provider}}")], {}),
    ]),
    ("5) Retry storm in the worker", "timeseries", [
        ("Retries by type", "ops", [(rate("job_retries_total", "type"), "{{type}}")], {}),
        ("Attempts by end", "ops", [(rate("jobs_processed_total", "status"), "{{status}}")], {}),
        ("Model calls by end", "ops", [(rate("llm_requests_total", "provider, status"), "{{provider}} {{status}}"),
                                       ("max by (provider) (llm_breaker_state)", "{{provider}} breaker")],
         {"help": "The breaker: 0 closed, 1 half-open, 2 open. Open, calls are rejected at once."}),
        ("Model tokens of the day", "none", [("max(llm_budget_used_tokens)", "used"),
                                             ("max(llm_budget_tokens)", "LLM_DAILY_TOKENS (0: no bound)")],
         {"help": "A UTC day, all processes together. Past the bound nothing is written until midnight."}),
    ]),
    ("4) Worker backlog, delayed replies", "timeseries", [
        ("Queue depth", "none", [("max by (type) (queue_depth)", "{{type}}")], {}),
        ("Oldest job", "s", [("max by (type) (queue_oldest_age_seconds)", "{{type}}")], {"above": 300}),
        ("Wait for a start", "s", [(quantile(0.95, "job_wait_seconds", "type"), "{{type}}")],
         {"help": "p95 from when a job is due to its start."}),
        ("Job duration", "s", [(quantile(0.95, "job_duration_seconds", "type"), "{{type}}")], {"help": "p95."}),
        ("Paused types", "none", [("max by (type) (queue_paused) == 1", "{{type}}")],
         {"help": "Nobody takes jobs of these: `personaworlds queue resume TYPE`."}),
        ("Jobs done", "ops", [(rate("jobs_processed_total", "type", '{status="done"}'), "{{type}}")], {}),
    ]),
    ("7) Digests or notifications are late", "timeseries", [
        ("Digest age", "s", [("max by (kind) (digest_age_seconds)", "{{kind}}")],
         {"above": 900, "help": "The oldest activity that is not digested yet."}),
        ("Notification lag", "s", [("max(notification_lag_seconds)", "lag")], {"above": 300}),
        ("Leases expired", "ops", [(rate("job_leases_expired_total", "type"), "{{type}}")],
         {"help": "Jobs taken back from workers that never ended them."}),
        ("Events lost", "ops", [("sum(rate(events_lost_total[$__rate_interval]))", "lost")], {}),
    ]),
    ("6) Abuse of public endpoints, rate-limit spikes", "timeseries", [
        ("Refused by rate limits", "reqps",
         [(rate("rate_limit_events_total", "endpoint, scope"), "{{endpoint}} by {{scope}}")], {"above": 5}),
        ("Limits shared by replicas", "none", [("min(rate_limit_shared)", "shared")],
         {"help": "1: all replicas count together, in Redis. With one replica 0 is as it should be."}),
        ("Redis away", "none", [("max(rate_limit_redis_away)", "away")],
         {"help": "1: REDIS_URL is set, and the Redis can't be asked."}),
        ("Requests by route", "reqps", [(f'topk(10, {rate("http_requests_total", "route")})', "{{route}}")], {}),
        ("Answers from memory", "reqps", [(f'topk(10, {rate("cache_requests_total", "route, result")})',
                                           "{{route}} {{result}}")],
         {"help": "What visitors read is kept for a second; bypass: with a token or a query."}),
    ]),
    ("The processes", "timeseries", [
        ("Processor time", "none", [("rate(process_cpu_seconds_total[$__rate_interval])", "{{job}} {{instance}}")],
         {"help": "Cores."}),
        ("Memory", "bytes", [("process_resident_memory_bytes", "{{job}} {{instance}}")], {}),
        ("Open files", "none", [("process_open_fds", "{{job}} {{instance}}")], {}),
        ("Levers in force", "none", [("max by (key) (lever_in_force) == 1", "{{key}}")],
         {"help": "What operators have set: `personaworlds settings list`."}),
        ("Log lines dropped", "ops", [(rate("log_lines_dropped_total", "job"), "{{job}}")],
         {"help": "Nobody reads the log fast enough."}),
    ]),
]

DATASOURCE = {"type": "prometheus", "uid": "prometheus"}
HEIGHT = {"stat": 4, "timeseries": 8}


def thresholds(options):
    red, green = {"color": "red", "value": options.get("above")}, {"color": "green", "value": None}
    if "above" in options:
        return [green, red]
    return [{"color": "red", "value": None},
            {"color": "green", "value": options["below"]}] if "below" in options else [green]


def drawing(kind, options):
    if kind == "stat":
        return ({"options": {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
                             "colorMode": "value", "graphMode": "area", "textMode": "auto"}}, {})
    line = {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 5, "showPoints": "never",
            "thresholdsStyle": {"mode": "line" if "above" in options else "off"}}
    return ({"options": {"legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
                         "tooltip": {"mode": "multi", "sort": "desc"}}}, line)


def panel(id, kind, place, title, unit, queries, options):
    drawn, custom = drawing(kind, options)
    return {"id": id, "type": kind, "title": title, "description": options.get("help", ""), "datasource": DATASOURCE,
            "gridPos": place,
            "fieldConfig": {"defaults": {"unit": unit, "min": 0 if kind == "timeseries" else None, "custom": custom,
                                         "thresholds": {"mode": "absolute", "steps": thresholds(options)}},
                            "overrides": []},
            "targets": [{"refId": chr(ord("A") + i), "datasource": DATASOURCE, "expr": expression,
                         "legendFormat": legend or "__auto", "range": kind != "stat", "instant": kind == "stat"}
                        for i, (expression, legend) in enumerate(queries)]} | drawn


def panels():
    made, y = [], 0
    for title, kind, row in ROWS:
        made.append({"id": len(made) + 1, "type": "row", "title": title, "collapsed": False,
                     "gridPos": {"x": 0, "y": y, "w": 24, "h": 1}, "panels": []})
        width = 24 // (6 if kind == "stat" else 4 if len(row) == 4 else 3)
        y += 1
        for i, (name, unit, queries, options) in enumerate(row):
            place = {"x": i * width % 24, "y": y + i * width // 24 * HEIGHT[kind], "w": width, "h": HEIGHT[kind]}
            made.append(panel(len(made) + 1, kind, place, name, unit, queries, options))
        y += -(-len(row) * width // 24) * HEIGHT[kind]
    return made


def dashboard():
    alerts = {"name": "Alerts", "datasource": DATASOURCE, "enable": True, "iconColor": "red",
              "expr": 'ALERTS{alertstate="firing",severity!="watchdog"}', "titleFormat": "{{alertname}}",
              "textFormat": "{{severity}}", "step": "60s"}
    return {"uid": "personaworlds", "title": "PersonaWorlds", "tags": ["personaworlds"], "schemaVersion": 38,
            "version": 1, "editable": False, "timezone": "utc",
            "time": {"from": "now-3h", "to": "now"}, "refresh": "30s", "graphTooltip": 1,
            "annotations": {"list": [alerts]}, "templating": {"list": []},
            "links": [], "panels": panels()}


if __name__ == "__main__":
    text = json.dumps(dashboard(), indent=1) + "\n"
    TARGET.write_text(text) if "--write" in sys.argv else sys.stdout.write(text)
