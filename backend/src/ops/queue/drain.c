#include <math.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/duration.h"
#include "ops/queue/actions.h"
#include "ops/shared/exit_codes.h"
#include "ops/shared/progress.h"
#include "ops/shared/times.h"

enum { LOOK_EVERY_MS = 500, LOOKS = 20 };

struct drain_seen {
    uint64_t at;
    long long jobs, paused;
};

/* The last ten seconds. */
struct drain_history {
    struct drain_seen looks[LOOKS];
    int count;
};

static bool drain_look(const struct queue_request *r, struct drain_history *h, struct drain_seen *now, struct err *err)
{
    struct table table;
    if (!database_ask(&r->database, SQL_QUEUE_LEFT, &r->type, &table, err))
        return false;
    *now = (struct drain_seen){clock_ns(), table_number(&table, 0, 0), table_number(&table, 0, 1)};
    h->looks[h->count++ % LOOKS] = *now;
    return true;
}

/* Jobs a second by which the queue falls. */
static double drain_rate(const struct drain_history *h, const struct drain_seen *now)
{
    const struct drain_seen *oldest = &h->looks[h->count > LOOKS ? h->count % LOOKS : 0];
    return now->at > oldest->at ? (double)(oldest->jobs - now->jobs) * (double)NS_PER_S / (double)(now->at - oldest->at)
                                : 0;
}

static void drain_show(const struct queue_request *r, const struct drain_history *h, const struct drain_seen *now)
{
    struct arena *arena = r->database.arena;
    double falls = drain_rate(h, now);
    const char *eta =
        falls > 0 ? times_seconds(arena, arena_printf(arena, "%.0f", ceil((double)now->jobs / falls)), "") : NULL;
    progress_show(arena_printf(arena, "jobs left: %lld, %s by %.1f/s%s%s", now->jobs, falls < 0 ? "rising" : "falling",
                               fabs(falls), eta ? ", empty in " : "", eta ? eta : ""));
}

static void drain_rest(void)
{
    nanosleep(&(struct timespec){.tv_nsec = LOOK_EVERY_MS * (long)NS_PER_MS}, NULL);
}

int drain_queue(void *request, struct err *err)
{
    const struct queue_request *r = request;
    struct drain_history history = {0};
    struct drain_seen now;
    char text[32];
    uint64_t end = clock_ns() + (uint64_t)r->timeout_ms * NS_PER_MS;
    bool ok;
    while ((ok = drain_look(r, &history, &now, err)) && now.jobs > 0 && clock_ns() < end) {
        drain_show(r, &history, &now);
        drain_rest();
    }
    progress_end();
    if (!ok)
        return EXIT_COULD_NOT_LOOK;
    if (now.jobs > 0) {
        duration_write(text, sizeof text, r->timeout_ms);
        printf("jobs left after %s: %lld\n", text, now.jobs);
        return EXIT_FAILED;
    }
    puts(now.paused ? arena_printf(r->database.arena, "the queue is empty but for what is paused: %lld", now.paused)
                    : "the queue is empty");
    return EXIT_FINE;
}
