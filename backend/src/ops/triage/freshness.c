/* Modes 7 and 6: what users miss, and what clients are refused. */
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "ops/shared/times.h"
#include "ops/triage/judge.h"

/* ---- freshness ---- */

enum lease { LEASE_TYPE, LEASE_JOBS, LEASE_SECONDS };

static void lease_stuck(struct judge *judge, struct verdict *verdict)
{
    const struct look *look = judge->look;
    struct buf lines = buf_new(judge->arena);
    if (could_not_ask(judge, verdict, ASK_LEASES))
        return;
    for (int row = 0; row < look_rows(look, ASK_LEASES); row++)
        buf_printf(&lines, "%s%s %s, their leases over for up to %s", lines.len ? "; " : "",
                   look_cell(look, ASK_LEASES, row, LEASE_JOBS), look_cell(look, ASK_LEASES, row, LEASE_TYPE),
                   times_measured(judge->arena, look_number(look, ASK_LEASES, row, LEASE_SECONDS)));
    if (lines.len)
        say_found(judge, verdict, "%s", lines.text);
    else
        say_ok(judge, verdict, "none");
}

enum times { TIMES_LEASES, TIMES_LEASE_SECONDS, TIMES_DUE, TIMES_DUE_SECONDS, TIMES_MADE };

static void times_impossible(struct judge *judge, struct verdict *verdict)
{
    const struct look *look = judge->look;
    if (could_not_ask(judge, verdict, ASK_TIMES))
        return;
    double leases = look_number(look, ASK_TIMES, 0, TIMES_LEASES), due = look_number(look, ASK_TIMES, 0, TIMES_DUE),
           made = look_number(look, ASK_TIMES, 0, TIMES_MADE);
    const char *text =
        arena_printf(judge->arena,
                     "%.0f leases that no worker could give (for another %s), %.0f jobs due later than any is (in %s), "
                     "%.0f made in the future",
                     leases, times_measured(judge->arena, look_number(look, ASK_TIMES, 0, TIMES_LEASE_SECONDS)), due,
                     times_measured(judge->arena, look_number(look, ASK_TIMES, 0, TIMES_DUE_SECONDS)), made);
    if (leases + due + made > 0)
        say_found(judge, verdict, "%s: the database's clock was set back, or somebody wrote them", text);
    else
        say_ok(judge, verdict, "none");
}

/* Its services' clocks against the database's: times in logs and metrics are theirs, those of jobs
 * the database's. */
static void clocks_apart(struct judge *judge, struct verdict *verdict)
{
    const struct look *look = judge->look;
    struct buf apart = buf_new(judge->arena);
    int compared = 0;
    for (int i = 0; i < look->service_count; i++) {
        double skew = look->services[i].health.clock_ahead_s - look->database.clock_ahead_s;
        compared += !isnan(skew);
        if (fabs(skew) > CLOCK_SKEW)
            buf_printf(&apart, "%s%s is %s %s the database", apart.len ? "; " : "", look->services[i].url,
                       times_measured(judge->arena, fabs(skew)), skew > 0 ? "ahead of" : "behind");
    }
    if (apart.len)
        say_lesser(judge, verdict, "%s", apart.text);
    else if (compared)
        say_ok(judge, verdict, "%d services agree with the database", compared);
    else
        say_unknown(judge, verdict, "no service says what time it has");
}

static void digests_missing(struct judge *judge, struct verdict *verdict)
{
    if (could_not_ask(judge, verdict, ASK_DIGESTS))
        return;
    double missing = look_number(judge->look, ASK_DIGESTS, 0, 0);
    if (missing > 0)
        say_found(judge, verdict, "%.0f personas, the first since %s, for example %s", missing,
                  times_measured(judge->arena, look_number(judge->look, ASK_DIGESTS, 0, 1)),
                  look_cell(judge->look, ASK_DIGESTS, 0, 2));
    else
        say_ok(judge, verdict, "every persona with activity of today or yesterday has its digest, or a job for it");
}

static void digests_stale(struct judge *judge, struct verdict *verdict)
{
    if (could_not_ask(judge, verdict, ASK_FRESHNESS))
        return;
    double persona = look_number(judge->look, ASK_FRESHNESS, 0, 0),
           weekly = look_number(judge->look, ASK_FRESHNESS, 0, 1);
    const char *text = arena_printf(judge->arena, "oldest activity not digested yet %s, oldest weekly digest due %s",
                                    times_measured(judge->arena, persona), times_measured(judge->arena, weekly));
    if (fmax(persona, weekly) > STALE_AGE)
        say_found(judge, verdict, "%s", text);
    else
        say_ok(judge, verdict, "%s", text);
}

static void notifications_late(struct judge *judge, struct verdict *verdict)
{
    double lag = page_max(&judge->look->now, "notification_lag_seconds", NULL);
    if (lag > NOTIFICATION_LAG)
        say_found(judge, verdict, "the oldest act without its notification: %s", times_measured(judge->arena, lag));
    else
        say_ok(judge, verdict, "lag %s", times_measured(judge->arena, lag));
}

/* ---- rate limits ---- */

#define REFUSALS "rate_limit_events_total"

/* "public_read 512, auth 3"; the names become placeholders. */
static const char *refusals_by_limit(struct judge *judge, struct verdict *verdict)
{
    const struct page *gained = &judge->look->gained;
    struct buf out = buf_new(judge->arena);
    const struct label_values names = page_label_values(judge->arena, gained, REFUSALS, "endpoint", NULL);
    for (int i = 0; i < names.count; i++) {
        const char *name = names.texts[i];
        double refused = page_sum(gained, REFUSALS, WHERE(IS("endpoint", name)));
        if (!(refused > 0))
            continue;
        buf_printf(&out, "%s%s %.0f", out.len ? ", " : "", name, refused);
        add_word(verdict, "name", name);
    }
    return out.text;
}

static void rate_limit_spike(struct judge *judge, struct verdict *verdict)
{
    const struct look *look = judge->look;
    double refused = page_sum(&look->gained, REFUSALS, NULL), rate = refused / look->gained_s;
    if (rate > REFUSALS_PER_SECOND || page_sum(&look->sample, REFUSALS, NULL) > REFUSALS_IN_SAMPLE)
        say_found(judge, verdict, "%.0f refused within %s (%.1f/s): %s", refused,
                  times_measured(judge->arena, look->gained_s), rate, refusals_by_limit(judge, verdict));
    else
        say_ok(judge, verdict, "%.0f refused within %s", refused, times_measured(judge->arena, look->gained_s));
}

static void redis_down(struct judge *judge, struct verdict *verdict)
{
    struct buf away = buf_new(judge->arena);
    for (int i = 0; i < judge->look->service_count; i++) {
        const struct service *service = &judge->look->services[i];
        if (service->has_metrics && page_max(&service->now, "rate_limit_redis_away", NULL) > 0) {
            buf_printf(&away, "%s%s", away.len ? ", " : "", service->url);
        }
    }
    if (away.len)
        say_lesser(judge, verdict, "%s can't ask it: each API counts its rate limits by itself", away.text);
    else
        say_ok(judge, verdict, "nobody misses it");
}

static void limits_not_shared(struct judge *judge, struct verdict *verdict)
{
    int apart = 0, apis = 0;
    for (int i = 0; i < judge->look->service_count; i++) {
        const struct service *service = &judge->look->services[i];
        if (service->kind != SERVICE_API || !service->has_metrics)
            continue;
        apis++;
        apart += page_has(&service->now, "rate_limit_shared", NULL) &&
                 !(page_sum(&service->now, "rate_limit_shared", NULL) > 0);
    }
    double refused = page_sum(&judge->look->gained, REFUSALS, NULL);
    if (apis > 1 && apart && refused > 0)
        say_found(judge, verdict,
                  "%d of %d APIs count by themselves, so a client has each limit %d times; %.0f refused within %s",
                  apart, apis, apis, refused, times_measured(judge->arena, judge->look->gained_s));
    else
        say_ok(judge, verdict, "of %d APIs %d count by themselves; %.0f refused", apis, apart, refused);
}

const struct check freshness_checks[] = {
    {"lease_stuck", NEED_DATABASE, lease_stuck, {NO_STATEMENTS, "worker_down", "worker_not_ready"}},
    {"times_impossible", NEED_DATABASE, times_impossible, {"schema_damaged"}},
    {"clocks_apart", NEED_DATABASE, clocks_apart, {NULL}},
    {"digests_missing", NEED_DATABASE, digests_missing, {"schema_damaged"}},
    {"digests_stale",
     NEED_DATABASE,
     digests_stale,
     {NO_STATEMENTS, "worker_down", "worker_not_ready", "queue_paused", "queue_backlog", "retry_storm", "model_failing",
      "model_slow", "lease_stuck"}},
    {"notifications_late", NEED_METRICS, notifications_late, {NO_DATABASE, NO_STATEMENTS}},
    {"rate_limit_spike", NEED_API_SAMPLE, rate_limit_spike, {NULL}},
    {"limits_not_shared", NEED_API_SAMPLE, limits_not_shared, {"redis_down"}},
    {"redis_down", NEED_METRICS, redis_down, {NULL}},
    {0},
};
