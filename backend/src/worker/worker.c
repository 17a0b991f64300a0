#include "worker/worker.h"

#include <stdio.h>

#include "base/clock.h"
#include "llm/llm.h"
#include "service/budget_keeper.h"
#include "service/database.h"
#include "service/journal.h"
#include "service/lever_watch.h"
#include "service/live_tell.h"
#include "service/readiness.h"
#include "service/state_watch.h"
#include "sys/db/db.h"
#include "sys/log.h"
#include "worker/erasure.h"
#include "worker/job/batch.h"
#include "worker/observability.h"
#include "worker/post_office.h"
#include "worker/queue.h"
#include "worker/scheduler.h"

/* one for each job that WORKER_CONCURRENCY may allow, and some beside */
enum { STATEMENTS_MAX = 4096 + 64 };

struct worker {
    struct job_env env;
    struct db *db;
    struct queue *queue;
    struct scheduler *scheduler;
    struct state_watch *state;
    struct lever_watch *levers;
    struct budget_keeper *budget;
    struct erasure *erasure;
    struct timer *stop_timer;
    uint64_t stop_by;
    struct observability *observability;
    struct readiness *readiness;
    struct journal *journal;
    uint64_t heard_at, up_at; /* when a look of readiness last found it listening, and connected */
    bool stopping;
};

static void stop_when_told(void *ctx)
{
    enum { CHECK_MS = 20 };
    struct worker *worker = ctx;
    bool is_done = budget_keeper_gave_back(worker->budget) && journal_finish(worker->journal);
    if (is_done || loop_now(worker->env.loop) >= worker->stop_by)
        loop_stop(worker->env.loop);
    else
        timer_set(worker->stop_timer, CHECK_MS);
}

/* What is free of the model's budget goes back; without an answer it is lost for the day. */
static void on_drained(void *ctx)
{
    enum { GIVE_BACK_MS = 1000 };
    struct worker *worker = ctx;
    worker->stop_by = loop_now(worker->env.loop) + GIVE_BACK_MS * NS_PER_MS;
    stop_when_told(worker);
}

static void wake_queue(void *ctx)
{
    struct worker *worker = ctx;
    queue_wake(worker->queue);
}

static void worker_on_stop_signal(void *ctx)
{
    struct worker *worker = ctx;
    if (worker->stopping) {
        queue_hand_back(worker->queue);
        return;
    }
    worker->stopping = true;
    log_info("worker_stopping");
    journal_note(JOURNAL_PROCESS, "stopping, as it was told");
    readiness_shut_down();
    observability_leave(worker->observability);
    scheduler_stop(worker->scheduler);
    queue_drain(worker->queue, on_drained, worker);
}

/* For readiness. A listening session that breaks is back within a moment, and the polls find what
 * it would have told. */
static void worker_lacks(void *ctx, char why[static READY_WHY_SIZE])
{
    enum { DEAF_MS = 1000 };
    struct worker *worker = ctx;
    uint64_t now = loop_now(worker->env.loop);
    const char *unclaimed = queue_why_not_claiming(worker->queue);
    if (db_hears(worker->db))
        worker->heard_at = now;
    if (db_is_up(worker->db))
        worker->up_at = now;
    else if (now > worker->up_at + DEAF_MS * NS_PER_MS)
        unclaimed = db_why_down(worker->db); /* it claims when all its connections are there */
    if (unclaimed)
        snprintf(why, READY_WHY_SIZE, "queue can't be claimed: %s", unclaimed);
    else if (now > worker->heard_at + DEAF_MS * NS_PER_MS)
        snprintf(why, READY_WHY_SIZE, "not listening: jobs start by the poll alone");
}

static bool open_parts(struct worker *worker, const char **step, struct err *err)
{
    const struct config *config = worker->env.config;
    *step = "config";
    worker->env.llm = llm_open(worker->env.loop, config, (int)config->llm_max_concurrency, err);
    worker->env.post = worker->env.llm ? post_office_open(worker->env.loop, config, err) : NULL;
    if (!worker->env.post)
        return false;
    *step = "listen";
    worker->observability = observability_start(config, worker->env.loop, err);
    return worker->observability != NULL;
}

static struct db_config worker_database(const struct config *config)
{
    return database_of(config, "personaworlds worker", STATEMENTS_MAX);
}

static void worker_watch_readiness(struct worker *worker, const char *versions, int version_count)
{
    const struct readiness_needs needs = {.database = worker_database(worker->env.config),
                                          .versions = versions,
                                          .version_count = version_count,
                                          .rights = RIGHTS_OF_WORKER,
                                          .lacks = worker_lacks,
                                          .ctx = worker};
    worker->heard_at = worker->up_at = loop_now(worker->env.loop);
    worker->readiness = readiness_start(worker->env.loop, worker->db, &needs);
}

static void worker_work(struct worker *worker, const char *versions, int version_count)
{
    const struct config *config = worker->env.config;
    const struct db_config database = worker_database(config);
    worker->db = db_open(worker->env.loop, &database);
    worker->env.batches = batches_new(worker->env.loop, worker->db);
    worker->env.live = live_tell_open(worker->env.loop, worker->db);
    worker->state = state_watch_start(worker->env.loop, worker->db);
    worker->queue = queue_start(&worker->env, worker->db, worker->state);
    worker->scheduler = scheduler_start(worker->env.loop, worker->db, config);
    worker->levers = lever_watch_start(worker->env.loop, worker->state, config, wake_queue, worker);
    worker->budget = budget_keeper_start(worker->env.loop, worker->db, worker->state, config, wake_queue, worker);
    worker->erasure = erasure_start(worker->env.loop, worker->db, worker->state);
    worker_watch_readiness(worker, versions, version_count);
    worker->journal =
        journal_start(worker->env.loop, worker->db, "worker", config->worker_port, readiness_found_schema);
    worker->stop_timer = timer_new(worker->env.loop, stop_when_told, worker);
    loop_on_stop(worker->env.loop, worker_on_stop_signal, worker);
    log_info("worker_started", log_int("port", config->worker_port), log_int("concurrency", config->worker_concurrency),
             log_int("poll_ms", config->worker_poll_every));
    loop_run(worker->env.loop);
    journal_stop(worker->journal);
    readiness_stop(worker->readiness);
    state_watch_stop(worker->state);
    scheduler_free(worker->scheduler);
    lever_watch_stop(worker->levers);
    budget_keeper_stop(worker->budget);
    erasure_stop(worker->erasure);
    timer_free(worker->stop_timer);
    queue_free(worker->queue);
    batches_free(worker->env.batches);
    live_tell_close(worker->env.live);
    db_close(worker->db);
}

int worker_run(const struct config *config, const char *versions, int version_count)
{
    struct err err;
    const char *step;
    struct worker worker = {.env = {.loop = loop_new(), .config = config}};
    bool opened = open_parts(&worker, &step, &err);
    if (opened)
        worker_work(&worker, versions, version_count);
    else
        log_error("startup_failed", log_str("step", step), log_str("error", err.text));
    observability_stop(worker.observability);
    post_office_close(worker.env.post);
    llm_close(worker.env.llm);
    loop_free(worker.env.loop);
    arena_drain_spares();
    if (opened)
        log_info("worker_stopped");
    return opened ? 0 : 1;
}
