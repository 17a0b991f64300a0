#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "config/setting.h"
#include "ops/shared/objectives.h"
#include "ops/shared/screen.h"
#include "ops/shared/settings_source.h"
#include "ops/shared/times.h"
#include "ops/shared/traffic.h"
#include "ops/triage/report.h"

enum { WIDTH = 100 };

/* The sum of a metric's series; NaN where nobody has it. */
static double sum_of(const struct page *page, const char *name, const struct matcher *where)
{
    return page_has(page, name, where) ? page_sum(page, name, where) : (double)NAN;
}

static const char *count_of(const struct look *look, double value)
{
    return isnan(value) ? "-" : arena_printf(look->arena, "%.0f", value);
}

static const char *change_of(const struct look *look, double value)
{
    return isnan(value) ? "-" : arena_printf(look->arena, "%+.0f", value);
}

static const char *took(const struct look *look, double seconds)
{
    return times_measured(look->arena, seconds);
}

static void title(const char *text)
{
    screen_line(TONE_PLAIN, "%s", "");
    screen_line(TONE_STRONG, "%s", text);
}

/* ---- findings ---- */

static void print_finding(const struct look *look, int number, const struct runbook_check *check,
                          const struct verdict *verdict)
{
    const struct runbook_mode *mode = &runbook_modes[check->mode];
    screen_line(TONE_PLAIN, "%s", "");
    bool is_warning = verdict->weight == WEIGHT_WARNING;
    screen_line(is_warning ? TONE_WARNING : TONE_BAD, "%d. %s", number, check->finding);
    screen_line(TONE_FAINT, "   %s; mode %d: %s%s", check->id, mode->id, mode->title, is_warning ? "; a warning" : "");
    screen_text(TONE_PLAIN, 3, WIDTH, verdict->evidence);
    for (const char *const *command = triage_commands(look, check, verdict); *command; command++)
        screen_line(TONE_STRONG, "   $ %s", *command); /* never broken: it is there to be copied */
}

static void print_findings(const struct look *look, const struct verdict *verdicts)
{
    int order[RUNBOOK_CHECKS], findings = triage_findings(verdicts, order);
    if (findings)
        screen_line(TONE_BAD, "%d FINDING%s, most likely cause first", findings, findings > 1 ? "S" : "");
    else
        screen_line(TONE_GOOD, "NO FINDING");
    if (findings)
        screen_line(TONE_FAINT, "commands for %s: %s; others by --as", deployment_names[look->options->deployment],
                    look->options->deployment_why);
    for (int i = 0; i < findings; i++)
        print_finding(look, i + 1, &runbook_checks[order[i]], &verdicts[order[i]]);
}

/* All checks from `first` on that are unknown for the same reason, as one line. */
static void print_reason(const struct look *look, const struct verdict *verdicts, int first)
{
    struct buf line = buf_new(look->arena);
    buf_str(&line, runbook_checks[first].id);
    for (int i = first + 1; i < RUNBOOK_CHECKS; i++)
        if (verdicts[i].status == CHECK_UNKNOWN && strcmp(verdicts[i].evidence, verdicts[first].evidence) == 0)
            buf_printf(&line, ", %s", runbook_checks[i].id);
    buf_printf(&line, ": %s", verdicts[first].evidence);
    screen_text(TONE_WARNING, 2, WIDTH, line.text);
}

static bool is_said(const struct verdict *verdicts, int index)
{
    for (int i = 0; i < index; i++)
        if (verdicts[i].status == CHECK_UNKNOWN && strcmp(verdicts[i].evidence, verdicts[index].evidence) == 0)
            return true;
    return false;
}

/* What couldn't be told is no all-clear. */
static void print_unknown(const struct look *look, const struct verdict *verdicts)
{
    int count = 0;
    for (int i = 0; i < RUNBOOK_CHECKS; i++)
        count += verdicts[i].status == CHECK_UNKNOWN;
    if (!count)
        return;
    title(arena_printf(look->arena, "UNKNOWN: %d of %d checks", count, RUNBOOK_CHECKS));
    for (int i = 0; i < RUNBOOK_CHECKS; i++)
        if (verdicts[i].status == CHECK_UNKNOWN && !is_said(verdicts, i))
            print_reason(look, verdicts, i);
}

/* ---- what was seen ---- */

/* Why a service isn't live or ready; NULL where it is both. */
static const char *trouble_of(const struct service *service)
{
    if (!service->is_live)
        return service->health.error ? service->health.error : "/healthz says no";
    return service->is_ready ? NULL : service->reason;
}

static void add_service(const struct look *look, struct grid *grid, const struct service *service)
{
    double started = page_max(&service->now, "process_start_time_seconds", NULL);
    const char *cells[] = {
        service->kind == SERVICE_API ? "api" : "worker",
        service->url,
        service->is_live ? "live" : "NOT LIVE",
        service->is_ready  ? "ready"
        : service->is_live ? "NOT READY"
                           : "",
        started > 0 ? arena_printf(look->arena, "up %s", took(look, (double)clock_unix_us() / 1e6 - started)) : "",
    };
    grid_row(grid, trouble_of(service) ? TONE_BAD : TONE_GOOD, cells);
}

static void print_services(const struct look *look)
{
    struct grid *grid = grid_new(look->arena, 5);
    for (int i = 0; i < look->service_count; i++)
        add_service(look, grid, &look->services[i]);
    title("SERVICES");
    grid_print(grid, 2);
    for (int i = 0; i < look->service_count; i++)
        if (trouble_of(&look->services[i]))
            screen_text(TONE_BAD, 2, WIDTH,
                        arena_printf(look->arena, "%s: %s", look->services[i].url, trouble_of(&look->services[i])));
}

static bool is_hit(enum route_class class, const struct traffic_figures *figures)
{
    return (figures->errors >= ERRORS_AT_LEAST && figures->errors > ERROR_SHARE * figures->requests) ||
           figures->p95 > (class == CLASS_MODEL ? OBJECTIVE_MODEL_LATENCY_S : OBJECTIVE_LATENCY_S);
}

static const char *worst_route(const struct look *look, const struct traffic *traffic, enum route_class class)
{
    for (int i = 0; i < traffic->route_count; i++) {
        const struct route_traffic *route = &traffic->routes[i];
        if (route->class == class)
            return arena_printf(
                look->arena, "%s %s%s%s", route->method, route->route, route->figures.errors > 0 ? ", 5xx " : ", p95 ",
                route->figures.errors > 0 ? count_of(look, route->figures.errors) : took(look, route->figures.p95));
    }
    return "";
}

static const char *share_of(const struct look *look, double part, double all)
{
    return all > 0 ? arena_printf(look->arena, "%.1f %%", 100 * part / all) : "-";
}

static void print_traffic(const struct look *look)
{
    if (!page_has(&look->gained, "http_requests_total", NULL)) {
        title("BLAST RADIUS");
        screen_line(TONE_WARNING, "  unknown: no metrics of an API");
        return;
    }
    struct traffic traffic = traffic_of(look->arena, &look->now, &look->gained);
    struct grid *grid = grid_new(look->arena, 6);
    grid_row(grid, TONE_FAINT, (const char *[]){"routes", "requests/s", "5xx", "4xx", "p95", "worst"});
    for (int column = 1; column <= 4; column++)
        grid_align_right(grid, column);
    for (enum route_class c = 0; c < ROUTE_CLASSES; c++) {
        const struct traffic_figures *figures = &traffic.classes[c];
        if (c == CLASS_OTHER && !(figures->requests > 0))
            continue;
        grid_row(grid, is_hit(c, figures) ? TONE_BAD : TONE_PLAIN,
                 (const char *[]){route_class_names[c],
                                  arena_printf(look->arena, "%.1f", figures->requests / look->gained_s),
                                  share_of(look, figures->errors, figures->requests),
                                  share_of(look, figures->refused, figures->requests), took(look, figures->p95),
                                  worst_route(look, &traffic, c)});
    }
    title(arena_printf(look->arena, "BLAST RADIUS within %s%s", took(look, look->gained_s),
                       look->options->prometheus && !look->prometheus_error ? " (Prometheus)" : ""));
    grid_print(grid, 2);
}

/* The runbook's metrics: since the processes' start, or now, and what they did within the
 * sample. */
static void print_metrics(const struct look *look)
{
    static const struct {
        const char *name, *label, *prefix;
    } counters[] = {
        {"http_requests_total", NULL, NULL},        {"http_requests_total", "status", "5"},
        {"rate_limit_events_total", NULL, NULL},    {"db_errors_total", NULL, NULL},
        {"jobs_processed_total", "status", "done"}, {"jobs_processed_total", "status", "failed"},
        {"job_retries_total", NULL, NULL},
    };
    struct grid *grid = grid_new(look->arena, 3);
    grid_row(grid, TONE_FAINT, (const char *[]){"", "since start", "change"});
    grid_align_right(grid, 1);
    grid_align_right(grid, 2);
    for (size_t i = 0; i < COUNT(counters); i++) {
        const struct matcher *where = counters[i].label ? WHERE(BEGINS(counters[i].label, counters[i].prefix)) : NULL;
        const char *name = counters[i].label
                               ? arena_printf(look->arena, "%s{%s=\"%s%s\"}", counters[i].name, counters[i].label,
                                              counters[i].prefix, strlen(counters[i].prefix) == 1 ? ".." : "")
                               : counters[i].name;
        grid_row(grid, TONE_PLAIN,
                 (const char *[]){name, count_of(look, sum_of(&look->now, counters[i].name, where)),
                                  change_of(look, sum_of(&look->sample, counters[i].name, where))});
    }
    grid_row(grid, TONE_PLAIN,
             (const char *[]){"queue_depth", count_of(look, look->depth),
                              change_of(look, look->depth - look->depth_before)});
    title(arena_printf(look->arena, "METRICS, change within %s", took(look, look->sample_s)));
    grid_print(grid, 2);
    screen_line(TONE_PLAIN, "  p95: db_query_duration_seconds %s, job_duration_seconds %s",
                took(look, page_quantile(&look->gained, 0.95, "db_query_duration_seconds", NULL)),
                took(look, page_quantile(&look->gained, 0.95, "job_duration_seconds", NULL)));
}

static const char *connections(const struct look *look)
{
    struct buf out = buf_new(look->arena);
    double all = 0;
    for (int row = 0; row < look_rows(look, ASK_CONNECTIONS); row++) {
        all += look_number(look, ASK_CONNECTIONS, row, 1);
        buf_printf(&out, "%s%s %s", row ? ", " : "", look_cell(look, ASK_CONNECTIONS, row, 1),
                   look_cell(look, ASK_CONNECTIONS, row, 0));
    }
    const char *max = look_cell(look, ASK_CONNECTIONS, 0, 2);
    return max ? arena_printf(look->arena, "%.0f of %s: %s", all, max, out.text) : "unknown";
}

static void print_statements(const struct look *look)
{
    for (int row = 0; row < look_rows(look, ASK_RUNNING); row++)
        screen_text(TONE_WARNING, 2, WIDTH,
                    arena_printf(look->arena, "pid %s %s for %s%s%s: %s", look_cell(look, ASK_RUNNING, row, 0),
                                 look_cell(look, ASK_RUNNING, row, 2),
                                 took(look, look_number(look, ASK_RUNNING, row, 1)),
                                 *look_cell(look, ASK_RUNNING, row, 3) ? ", waits for " : "",
                                 look_cell(look, ASK_RUNNING, row, 3), look_cell(look, ASK_RUNNING, row, 4)));
    for (int row = 0; row < look_rows(look, ASK_LOCKS); row++)
        screen_text(TONE_BAD, 2, WIDTH,
                    arena_printf(look->arena, "pid %s waits %s for the lock of pid %s (%s)",
                                 look_cell(look, ASK_LOCKS, row, 0), took(look, look_number(look, ASK_LOCKS, row, 1)),
                                 look_cell(look, ASK_LOCKS, row, 2), look_cell(look, ASK_LOCKS, row, 4)));
}

/* What a check says, for the parts of the screen that it sums up. */
static const struct verdict *find_verdict(const struct verdict *verdicts, const char *id)
{
    for (int i = 0; i < RUNBOOK_CHECKS; i++)
        if (strcmp(runbook_checks[i].id, id) == 0)
            return &verdicts[i];
    return NULL;
}

static void print_checked(const struct verdict *verdicts, const char *what, const char *id)
{
    static const enum tone tones[] = {
        [CHECK_OK] = TONE_PLAIN, [CHECK_FINDING] = TONE_BAD, [CHECK_UNKNOWN] = TONE_WARNING};
    const struct verdict *verdict = find_verdict(verdicts, id);
    char line[512];
    snprintf(line, sizeof line, "%s: %s", what, verdict->evidence);
    screen_text(tones[verdict->status], 2, WIDTH, line);
}

static void print_database(const struct look *look, const struct verdict *verdicts)
{
    title("DATABASE");
    if (!look->database.answers) {
        screen_text(TONE_BAD, 2, WIDTH, look->database.err.text);
        return;
    }
    screen_line(look->database.ping_s > 0.1 ? TONE_BAD : TONE_PLAIN, "  ping %s; connections %s",
                took(look, look->database.ping_s), connections(look));
    print_checked(verdicts, "migrations", "migrations_pending");
    print_checked(verdicts, "tables", "schema_damaged");
    print_checked(verdicts, "indexes", "index_missing");
    print_checked(verdicts, "locks", "locks_waiting");
    print_statements(look);
}

static void print_queue(const struct look *look, const struct verdict *verdicts)
{
    title("QUEUE");
    if (!look->database.asks[ASK_QUEUE].ok) {
        screen_line(TONE_WARNING, "  unknown; by the metrics %.0f unfinished", look->depth);
        return;
    }
    struct grid *grid = grid_new(look->arena, 7);
    grid_row(grid, TONE_FAINT, (const char *[]){"type", "unfinished", "running", "due", "oldest due", "retrying", ""});
    for (int column = 1; column <= 5; column++)
        grid_align_right(grid, column);
    for (int row = 0; row < look_rows(look, ASK_QUEUE); row++) {
        bool is_paused = *look_cell(look, ASK_QUEUE, row, 6) == 't';
        const char *cells[7];
        for (int column = 0; column < 6; column++)
            cells[column] = look_cell(look, ASK_QUEUE, row, column);
        cells[4] = look_number(look, ASK_QUEUE, row, 4) > 0 ? took(look, look_number(look, ASK_QUEUE, row, 4)) : "-";
        cells[6] = is_paused ? "paused" : "";
        grid_row(grid, is_paused ? TONE_WARNING : TONE_PLAIN, cells);
    }
    if (look_rows(look, ASK_QUEUE))
        grid_print(grid, 2);
    else
        screen_line(TONE_PLAIN, "  empty");
    print_checked(verdicts, "ended", "jobs_failing");
    for (int row = 0; row < look_rows(look, ASK_FAILURES); row++)
        screen_text(
            TONE_WARNING, 2, WIDTH,
            arena_printf(look->arena, "%s %s %s: %s", look_cell(look, ASK_FAILURES, row, 3),
                         look_cell(look, ASK_FAILURES, row, 0),
                         strcmp(look_cell(look, ASK_FAILURES, row, 1), "FAILED") == 0 ? "failed" : "to be tried again",
                         look_cell(look, ASK_FAILURES, row, 2)));
}

static void print_levers(const struct look *look)
{
    for (int row = 0; row < look_rows(look, ASK_LEVERS); row++) {
        const char *left = look_cell(look, ASK_LEVERS, row, 3), *until = look_cell(look, ASK_LEVERS, row, 4);
        if (!left || strcmp(left, "0") != 0)
            screen_line(TONE_WARNING, "  lever %s = %s %s%s", look_cell(look, ASK_LEVERS, row, 0),
                        look_cell(look, ASK_LEVERS, row, 1), until ? "until " : "until it is unset",
                        until ? until : "");
    }
}

void triage_print_screen(const struct look *look, const struct verdict verdicts[static RUNBOOK_CHECKS])
{
    char now[RFC3339_SIZE], since[SETTING_SIZE];
    rfc3339_from_us(now, clock_unix_us());
    duration_write(since, sizeof since, look->options->since_ms);
    screen_line(TONE_FAINT, "personaworlds triage, %.19sZ; sample %s, jobs of the last %s", now,
                took(look, look->sample_s), since);
    screen_line(TONE_FAINT, "settings of %s", settings_source());
    if (look->prometheus_error)
        screen_text(
            TONE_WARNING, 0, WIDTH,
            arena_printf(look->arena, "rates are from the sample: Prometheus can't say, %s", look->prometheus_error));
    print_findings(look, verdicts);
    if (look->sample_s > 0)
        print_traffic(look);
    print_services(look);
    if (look->sample_s > 0)
        print_metrics(look);
    print_database(look, verdicts);
    if (look->database.answers)
        print_queue(look, verdicts);
    title("PROVIDER, FRESHNESS, LIMITS");
    print_checked(verdicts, "model", "model_failing");
    print_checked(verdicts, "model's time", "model_slow");
    print_checked(verdicts, "digests", "digests_stale");
    print_checked(verdicts, "notifications", "notifications_late");
    print_checked(verdicts, "rate limits", "rate_limit_spike");
    print_levers(look);
    print_unknown(look, verdicts);
}
