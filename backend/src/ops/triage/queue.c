/* Modes 4 and 5: whether jobs are done. */
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "ops/shared/times.h"
#include "ops/triage/judge.h"

enum queue_column { TYPE, UNFINISHED, RUNNING, DUE, OLDEST_DUE, RETRYING, PAUSED };
enum failure_column { FAILURE_TYPE, FAILURE_STATUS, FAILURE_ERROR, FAILURE_JOBS, FAILURE_TOTAL };

/* ---- the worker ---- */

static void worker_down(struct judge *judge, struct verdict *verdict)
{
    say_down(judge, verdict, SERVICE_WORKER);
}

static void worker_not_ready(struct judge *judge, struct verdict *verdict)
{
    say_not_ready(judge, verdict, SERVICE_WORKER);
}

/* ---- failures ---- */

static bool is_failed(const struct look *look, int row)
{
    return strcmp(look_cell(look, ASK_FAILURES, row, FAILURE_STATUS), "FAILED") == 0;
}

/* How a job may end because of what its user did meanwhile: the job is right to fail. */
static bool is_expected(const char *error)
{
    static const char *const expected[] = {"persona not found", "post not found", "post is not published",
                                           "daily reply quota reached"};
    for (size_t i = 0; i < COUNT(expected); i++)
        if (strcmp(error, expected[i]) == 0)
            return true;
    return false;
}

struct failures {
    double jobs, most; /* of one type and error */
};

/* Of those that failed for good, or of those that are tried again, with the lines "12
 * generate_reply: provider answered 503". */
static struct failures failures(struct judge *judge, bool failed, struct buf *lines, struct verdict *verdict)
{
    struct failures count = {0};
    for (int row = 0; row < look_rows(judge->look, ASK_FAILURES); row++) {
        const char *type = look_cell(judge->look, ASK_FAILURES, row, FAILURE_TYPE),
                   *error = look_cell(judge->look, ASK_FAILURES, row, FAILURE_ERROR);
        if (is_failed(judge->look, row) != failed || (failed && is_expected(error)))
            continue;
        double jobs = look_number(judge->look, ASK_FAILURES, row, FAILURE_JOBS);
        count.jobs += jobs;
        count.most = fmax(count.most, jobs);
        buf_printf(lines, "%s%s %s: %s", lines->len ? "; " : "",
                   look_cell(judge->look, ASK_FAILURES, row, FAILURE_JOBS), type, error);
        add_word(verdict, "type", type);
    }
    return count;
}

static void jobs_failing(struct judge *judge, struct verdict *verdict)
{
    struct buf lines = buf_new(judge->arena);
    if (could_not_ask(judge, verdict, ASK_FAILURES) || could_not_ask(judge, verdict, ASK_FINISHED))
        return;
    struct failures failed = failures(judge, true, &lines, verdict);
    double done = look_number(judge->look, ASK_FINISHED, 0, 0);
    const char *since = times_measured(judge->arena, (double)judge->look->options->since_ms / 1000);
    if (failed.jobs > FAILED_SHARE * (failed.jobs + done) || failed.most >= FAILED_ALIKE)
        say_found(judge, verdict, "within %s %.0f failed, %.0f done: %s", since, failed.jobs, done, lines.text);
    else
        say_ok(judge, verdict, "within %s %.0f failed, %.0f done", since, failed.jobs, done);
}

static double retrying(const struct look *look)
{
    double count = 0;
    for (int row = 0; row < look_rows(look, ASK_QUEUE); row++)
        count += look_number(look, ASK_QUEUE, row, RETRYING);
    return count;
}

/* By the metrics where a worker has some, by the rows in any case. */
static void retry_storm(struct judge *judge, struct verdict *verdict)
{
    const struct look *look = judge->look;
    struct buf lines = buf_new(judge->arena);
    double retries = page_sum(&look->sample, "job_retries_total", NULL);
    double done = page_sum(&look->sample, "jobs_processed_total", WHERE(IS("status", "done"))),
           waiting = retrying(look);
    if (!look->database.asks[ASK_FAILURES].ok && !(look->sample_s > 0)) {
        say_unknown(judge, verdict, "neither the database nor a worker could be asked");
        return;
    }
    failures(judge, false, &lines, verdict);
    const char *text = arena_printf(judge->arena, "%.0f retries and %.0f done within %s; %.0f wait for another try",
                                    retries, done, times_measured(judge->arena, look->sample_s), waiting);
    if (retries > fmax(RETRIES_AT_LEAST, done) || waiting > RETRYING_AT_LEAST)
        say_found(judge, verdict, "%s: %s", text, lines.text);
    else
        say_ok(judge, verdict, "%s", text);
}

/* ---- backlog ---- */

static bool is_paused(const struct look *look, int row)
{
    return *look_cell(look, ASK_QUEUE, row, PAUSED) == 't';
}

static void queue_paused(struct judge *judge, struct verdict *verdict)
{
    struct buf lines = buf_new(judge->arena);
    if (could_not_ask(judge, verdict, ASK_QUEUE))
        return;
    for (int row = 0; row < look_rows(judge->look, ASK_QUEUE); row++) {
        if (!is_paused(judge->look, row) || !(look_number(judge->look, ASK_QUEUE, row, DUE) > 0))
            continue;
        buf_printf(&lines, "%s%s %s, the oldest due for %s", lines.len ? "; " : "",
                   look_cell(judge->look, ASK_QUEUE, row, DUE), look_cell(judge->look, ASK_QUEUE, row, TYPE),
                   times_measured(judge->arena, look_number(judge->look, ASK_QUEUE, row, OLDEST_DUE)));
        add_word(verdict, "type", look_cell(judge->look, ASK_QUEUE, row, TYPE));
    }
    if (lines.len)
        say_found(judge, verdict, "%s", lines.text);
    else
        say_ok(judge, verdict, "no type that is paused has jobs due");
}

/* Only what is due counts, and isn't paused: digests wait for their minute in great numbers. */
static void queue_backlog(struct judge *judge, struct verdict *verdict)
{
    const struct look *look = judge->look;
    double due = 0, oldest = 0, growth = look->depth - look->depth_before;
    if (could_not_ask(judge, verdict, ASK_QUEUE))
        return;
    for (int row = 0; row < look_rows(look, ASK_QUEUE); row++) {
        if (is_paused(look, row))
            continue;
        due += look_number(look, ASK_QUEUE, row, DUE);
        if (look_number(look, ASK_QUEUE, row, DUE) > 0)
            add_word(verdict, "type", look_cell(look, ASK_QUEUE, row, TYPE));
        oldest = fmax(oldest, look_number(look, ASK_QUEUE, row, OLDEST_DUE));
    }
    bool grew = growth > fmax(BACKLOG_GROWTH, 0.05 * look->depth_before);
    const char *text = arena_printf(judge->arena, "%.0f due, the oldest for %s; unfinished %.0f, %+.0f within %s", due,
                                    times_measured(judge->arena, oldest), look->depth, growth,
                                    times_measured(judge->arena, look->sample_s));
    bool is_found = due > BACKLOG_AT_LEAST && (oldest > BACKLOG_AGE || grew);
    if (is_found && budget_is_used_up(look))
        say_unknown(judge, verdict, "follows from model_budget: %s", text);
    else if (is_found)
        say_found(judge, verdict, "%s", text);
    else
        say_ok(judge, verdict, "%s", text);
}

const struct check queue_checks[] = {
    {"worker_down", NEED_NOTHING, worker_down, {NULL}},
    {"worker_not_ready", NEED_NOTHING, worker_not_ready, {NULL}},
    {"jobs_failing", NEED_DATABASE, jobs_failing, {"schema_damaged", "statements_refused"}},
    {"retry_storm", NEED_NOTHING, retry_storm, {NO_DATABASE, NO_STATEMENTS, "model_failing", "model_slow"}},
    {"queue_paused", NEED_DATABASE, queue_paused, {NULL}},
    {"queue_backlog",
     NEED_DATABASE,
     queue_backlog,
     {NO_STATEMENTS, "worker_down", "worker_not_ready", "locks_waiting", "model_slow", "model_failing", "retry_storm"}},
    {0},
};
