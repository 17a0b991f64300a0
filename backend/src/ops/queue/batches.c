/* What is done to many jobs: batch by batch, each a transaction of its own, so that no lock is
 * held for long. */
#include <stdio.h>

#include "ops/queue/actions.h"
#include "ops/shared/exit_codes.h"
#include "ops/shared/happened.h"
#include "sys/db/db.h"

struct batch_tally {
    long long found, chosen;
};

static bool run_batches(const struct queue_request *r, enum sql statement, struct batch_tally *tally, struct err *err)
{
    enum { FOUND, CHOSEN, CHANGED, LAST };
    static const char batch[] = "1000";
    const struct database *d = &r->database;
    struct table row;
    const char *last = "0", *ids = r->id_count ? db_array(d->arena, r->ids, r->id_count) : NULL;
    *tally = (struct batch_tally){0};
    do {
        const char *const params[] = {r->type, r->error, ids, last, batch, r->dry_run ? "false" : "true"};
        if (!database_change(d, statement, params, &row, err))
            return false;
        tally->found += table_number(&row, 0, FOUND);
        tally->chosen += table_number(&row, 0, CHOSEN);
        last = table_cell(&row, 0, LAST);
    } while (last);
    return true;
}

static void print_tally(const struct batch_tally *tally, const char *nothing, const char *done, const char *left)
{
    if (!tally->found)
        puts(nothing);
    else if (tally->found > tally->chosen)
        printf("%s: %lld; %s: %lld\n", done, tally->chosen, left, tally->found - tally->chosen);
    else
        printf("%s: %lld\n", done, tally->chosen);
}

static void record_jobs(const struct queue_request *r, const struct batch_tally *tally, const char *done)
{
    if (tally->chosen && !r->dry_run)
        happened(&r->database, JOURNAL_ACTION, "%lld jobs %s (type: %s; error: %s)", tally->chosen, done,
                 r->type ? r->type : "any", r->error ? r->error : "any");
}

int retry_jobs(void *request, struct err *err)
{
    const struct queue_request *r = request;
    struct batch_tally tally;
    if (!run_batches(r, SQL_QUEUE_RETRY, &tally, err) || !database_wake_workers(&r->database, err))
        return EXIT_COULD_NOT_LOOK;
    print_tally(&tally, "no failed job matches",
                r->dry_run ? "jobs that would be due again" : "jobs that are due again",
                "left, as an equal one waits or runs");
    record_jobs(r, &tally, "are due again");
    return EXIT_FINE;
}

int cancel_jobs(void *request, struct err *err)
{
    const struct queue_request *r = request;
    struct batch_tally tally;
    if (!run_batches(r, SQL_QUEUE_CANCEL, &tally, err))
        return EXIT_COULD_NOT_LOOK;
    print_tally(&tally, "no waiting or running job matches",
                r->dry_run ? "jobs that would be cancelled" : "jobs cancelled", "left, as they are running");
    record_jobs(r, &tally, "were cancelled");
    return EXIT_FINE;
}
