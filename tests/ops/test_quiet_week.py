"""Days in which little is asked and now and then something odd happens: nobody is woken. Half a day
of it in each run; `PERSONAWORLDS_LONG=1` (script/test --long) makes it the whole week."""
import itertools
import os

import yaml

from support.prometheus import PROMETHEUS, promtool

HOURS = 7 * 24 if os.environ.get("PERSONAWORLDS_LONG") == "1" else 12
MINUTES = HOURS * 60
EVERY = 2  # minutes between samples and evaluations
FEED = 'job="backend",instance="a:8080",route="/feed",method="GET"'
DRAFT = 'job="backend",instance="a:8080",route="/rooms/{id}/posts/draft",method="POST"'
LLM = 'job="worker",instance="w:9091",operation="reply",provider="openai"'
JOB = 'job="worker",instance="w:9091",type="generate_reply"'
DATABASE = 'job="backend",instance="a:8080"'
AN_HOUR = {  # a good hour: how much each counter grows, evenly
    f'http_requests_total{{{FEED},status="200"}}': 108, f'http_requests_total{{{DRAFT},status="201"}}': 12,
    f'http_request_duration_seconds_bucket{{{FEED},le="0.75"}}': 108,
    f'http_request_duration_seconds_bucket{{{FEED},le="1.2"}}': 108,
    f'http_request_duration_seconds_bucket{{{FEED},le="+Inf"}}': 108,
    f'http_request_duration_seconds_count{{{FEED}}}': 108,
    f'http_request_duration_seconds_bucket{{{DRAFT},le="8"}}': 12,
    f'http_request_duration_seconds_bucket{{{DRAFT},le="15"}}': 12,
    f'http_request_duration_seconds_bucket{{{DRAFT},le="+Inf"}}': 12,
    f'http_request_duration_seconds_count{{{DRAFT}}}': 12,
    f'llm_requests_total{{{LLM},status="ok"}}': 12, f'jobs_processed_total{{{JOB},status="done"}}': 60}
ODD = [  # one an hour, in turn: what grows once, by how much; below zero: what doesn't grow as usual
    {f'http_requests_total{{{FEED},status="500"}}': 1},
    {f'http_requests_total{{{DRAFT},status="502"}}': 1, f'llm_requests_total{{{LLM},status="error"}}': 3},
    {f'http_request_duration_seconds_bucket{{{FEED},le="0.75"}}': -2},
    {f'http_request_duration_seconds_bucket{{{DRAFT},le="8"}}': -1},
    {f'jobs_processed_total{{{JOB},status="failed"}}': 1, f'job_retries_total{{{JOB}}}': 4},
    {f'http_requests_total{{{FEED},status="503"}}': 1, f'db_errors_total{{{DATABASE},sqlstate_class="53"}}': 1},
    {f'rate_limit_events_total{{job="backend",instance="a:8080",scope="ip",endpoint="public_read"}}': 40},
]
GAUGES = {'up{job="backend",instance="a:8080"}': 1, 'service_ready{job="backend",instance="a:8080"}': 1,
          'up{job="worker",instance="w:9091"}': 1, 'service_ready{job="worker",instance="w:9091"}': 1,
          f'db_server_connections{{{DATABASE}}}': 40, f'db_server_connections_limit{{{DATABASE}}}': 197,
          f'db_standbys{{{DATABASE}}}': 2, f'db_replica_lag_seconds{{{DATABASE}}}': 0, f'db_timeline{{{DATABASE}}}': 3,
          f'queue_depth{{{JOB}}}': 1, f'queue_oldest_age_seconds{{{JOB}}}': 5,
          'digest_age_seconds{job="worker",instance="w:9091",kind="persona"}': 60,
          'notification_lag_seconds{job="worker",instance="w:9091"}': 0}


def counter(name):
    """Its values over the week, as promtool reads them: a run for each hour, the odd thing at its begin."""
    pace, value, runs = AN_HOUR.get(name, 0) / 60 * EVERY, 0.0, []
    for hour in range(HOURS):
        value = max(value + ODD[hour % len(ODD)].get(name, 0), 0)
        runs.append(f"{value:.3f}+{pace:.4f}x{60 // EVERY - 1}")
        value += pace * (60 // EVERY - 1)
    return " ".join(runs)


def week():
    names = dict.fromkeys(itertools.chain(AN_HOUR, *ODD))
    series = [{"series": name, "values": counter(name)} for name in names]
    return series + [{"series": name, "values": f"{value}x{MINUTES // EVERY}"} for name, value in GAUGES.items()]


def odd_errors():
    """How many requests have failed by then."""
    return sum(grown for hour in range(HOURS) for name, grown in ODD[hour % len(ODD)].items() if 'status="50' in name)


def asked(expression, samples):
    return {"expr": expression, "eval_time": f"{MINUTES - EVERY}m", "exp_samples": samples}


def test_quiet_days_wake_nobody(tmp_path):
    pages = f'max_over_time(ALERTS{{alertstate="firing",severity="page"}}[{HOURS}h])'
    errors = 'sum(http_requests_total{status=~"5.."})'
    case = {"name": "quiet days", "interval": f"{EVERY}m", "input_series": week(),
            "promql_expr_test": [asked(pages, []), asked(errors, [{"labels": "{}", "value": odd_errors()}])]}
    everything = {"rule_files": [str(PROMETHEUS / "rules.yml")], "evaluation_interval": f"{EVERY}m", "tests": [case]}
    (tmp_path / "week.yml").write_text(yaml.safe_dump(everything))
    done = promtool("test", "rules", str(tmp_path / "week.yml"))
    assert done.returncode == 0, done.stdout + done.stderr
