/* Mode 1's part that is the standbys': who waits for one, which are gone or late, and whether all
 * services have the same primary. */
#include "base/buf.h"
#include "ops/shared/times.h"
#include "ops/triage/judge.h"

/* the columns of triage/replication */
enum { WAITING, WAITING_SECONDS, WANTED, STANDBYS, IS_COVERED, LEFT, BEHIND, BEHIND_SECONDS, BEHIND_BYTES };

static const char *cell(struct judge *judge, int column)
{
    return look_cell(judge->look, ASK_REPLICATION, 0, column);
}

static double number(struct judge *judge, int column)
{
    return look_number(judge->look, ASK_REPLICATION, 0, column);
}

static const char *connected(struct judge *judge)
{
    const char *standbys = cell(judge, STANDBYS);
    return standbys ? standbys : "none";
}

/* A commit passes through the wait for a standby; one that stays there for a second has none. */
static void commits_waiting(struct judge *judge, struct verdict *verdict)
{
    if (could_not_ask(judge, verdict, ASK_REPLICATION))
        return;
    if (number(judge, WAITING) > 0)
        say_found(judge, verdict,
                  "%.0f commits have waited up to %s for a standby (synchronous_standby_names: %s; connected: %s)",
                  number(judge, WAITING), times_measured(judge->arena, number(judge, WAITING_SECONDS)),
                  *cell(judge, WANTED) ? cell(judge, WANTED) : "empty by now", connected(judge));
    else
        say_ok(judge, verdict, "no commit waits for a standby");
}

/* Each service has its server's time line at hand for up to five seconds. */
static void timelines_differ(struct judge *judge, struct verdict *verdict)
{
    const struct look *look = judge->look;
    struct buf said = buf_new(judge->arena);
    double first = 0;
    bool differ = false;
    for (int i = 0; i < look->service_count; i++) {
        const struct service *service = &look->services[i];
        double timeline = service->has_metrics ? page_max(&service->now, "db_timeline", NULL) : 0;
        if (timeline <= 0)
            continue;
        differ |= first > 0 && timeline != first;
        first = timeline;
        buf_printf(&said, "%s%s has %.0f", said.len ? ", " : "", service->url, timeline);
    }
    if (differ)
        say_warning(judge, verdict, "%s: one was promoted, which shows within five seconds, or there are two primaries",
                    said.text);
    else if (first > 0)
        say_ok(judge, verdict, "all services have a server of time line %.0f", first);
    else
        say_unknown(judge, verdict, "no service says it");
}

static void standby_missing(struct judge *judge, struct verdict *verdict)
{
    if (could_not_ask(judge, verdict, ASK_REPLICATION))
        return;
    if (*cell(judge, IS_COVERED) != 't')
        say_warning(judge, verdict, "commits are to wait for %s, and none of these is: %s", cell(judge, WANTED),
                    connected(judge));
    else if (cell(judge, LEFT))
        say_warning(judge, verdict, "away, with so much of the log kept for it on this disk: %s; connected: %s",
                    cell(judge, LEFT), connected(judge));
    else
        say_ok(judge, verdict, "connected: %s", connected(judge));
}

static void standby_behind(struct judge *judge, struct verdict *verdict)
{
    if (could_not_ask(judge, verdict, ASK_REPLICATION))
        return;
    const char *behind = times_measured(judge->arena, number(judge, BEHIND_SECONDS));
    double mib = number(judge, BEHIND_BYTES) / (1 << 20);
    if (number(judge, BEHIND_SECONDS) > STANDBY_LAG || mib > STANDBY_LAG_MIB)
        say_warning(judge, verdict, "%s is furthest behind: %s, and %.0f MiB of the log not applied",
                    cell(judge, BEHIND), behind, mib);
    else if (cell(judge, BEHIND))
        say_ok(judge, verdict, "%s and %.0f MiB behind at most", behind, mib);
    else
        say_ok(judge, verdict, "there is no standby");
}

const struct check replication_checks[] = {
    {"commits_waiting", NEED_DATABASE, commits_waiting, {NULL}},
    {"timelines_differ", NEED_METRICS, timelines_differ, {NULL}},
    {"standby_missing", NEED_DATABASE, standby_missing, {"commits_waiting"}},
    {"standby_behind", NEED_DATABASE, standby_behind, {"commits_waiting", "standby_missing"}},
    {0},
};
