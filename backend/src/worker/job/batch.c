#include "worker/job/batch.h"

#include <stdlib.h>
#include <string.h>

#include "worker/job/job.h"

/* Writes share a commit, so a batch of them is large. Reads share little, and jobs whose briefs
 * come together also end together: small batches of briefs keep database, model and store busy at
 * the same time. */
enum { BATCH_MAX = 128, READS_MAX = 16, UNDER_WAY_MAX = 2, READS_UNDER_WAY_MAX = 4, KINDS_MAX = 16 };

TAILQ_HEAD(job_list, job);

struct batch_queue { /* of one statement */
    const struct job_statement *statement;
    struct job_list waiting;
    int under_way;
};

struct batch { /* under way */
    LIST_ENTRY(batch) link;
    struct batch_queue *queue;
    struct db_call *call;
    int count;
    struct job *jobs[BATCH_MAX]; /* NULL: dropped */
};

struct batches {
    struct db *db;
    struct batch_queue queues[KINDS_MAX];
    int kinds;
    LIST_HEAD(, batch) under_way;
};

static struct batch_queue *queue_of(struct batches *batches, const struct job_statement *statement)
{
    for (int i = 0; i < batches->kinds; i++)
        if (batches->queues[i].statement == statement)
            return &batches->queues[i];
    if (batches->kinds == KINDS_MAX)
        abort(); /* more kinds of statements than the tables have */
    struct batch_queue *queue = &batches->queues[batches->kinds++];
    queue->statement = statement;
    TAILQ_INIT(&queue->waiting);
    return queue;
}

static void wait_in(struct batch_queue *queue, struct job *job)
{
    job->place.queue = queue;
    TAILQ_INSERT_TAIL(&queue->waiting, job, place.link);
}

void batch_add(struct batches *batches, struct job *job, const struct job_statement *statement, batch_done *done)
{
    job->place.alone = false;
    job->place.done = done;
    wait_in(queue_of(batches, statement), job);
}

void batch_drop(struct job *job)
{
    struct batch_place *place = &job->place;
    if (place->queue) {
        INVARIANT_LINKED(job, place.link);
        TAILQ_REMOVE(&place->queue->waiting, job, place.link);
    }
    if (place->batch)
        place->batch->jobs[place->index] = NULL;
    place->queue = NULL;
    place->batch = NULL;
}

/* ---- the answer ---- */

/* The row of the job with this id, or -1. Rows mostly come in the order of the jobs, so the search
 * begins at `from`. */
static int row_of_job(const struct db_rows *rows, int from, int64_t id)
{
    int count = db_count(rows);
    for (int i = 0; i < count; i++) {
        int row = (from + i) % count;
        if (db_number(rows, row, 0) == id)
            return row;
    }
    return -1;
}

/* One job may be why the statement failed, so each job is sent again alone. */
static bool is_to_be_split(const struct batch *batch, enum db_outcome outcome)
{
    return batch->count > 1 && (outcome == DB_FAILED || outcome == DB_TIMED_OUT);
}

static void send_alone(struct batch *batch, struct job *job)
{
    job->place.alone = true;
    wait_in(batch->queue, job);
}

static void on_batch(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct batch *batch = ctx;
    bool split = is_to_be_split(batch, outcome);
    int row = -1;
    LIST_REMOVE(batch, link);
    batch->queue->under_way--;
    for (int i = 0; i < batch->count; i++) {
        struct job *job = batch->jobs[i];
        if (!job)
            continue;
        job->place.batch = NULL;
        if (split) {
            send_alone(batch, job);
            continue;
        }
        int found = outcome == DB_OK ? row_of_job(rows, row + 1, job->facts.id) : -1;
        row = found < 0 ? row : found;
        job->place.done(job, outcome, rows, found);
    }
    free(batch);
}

/* ---- sending ---- */

static void batch_take(struct batch *batch, struct job *job)
{
    INVARIANT_LINKED(job, place.link);
    TAILQ_REMOVE(&batch->queue->waiting, job, place.link);
    job->place.queue = NULL;
    job->place.batch = batch;
    job->place.index = batch->count;
    batch->jobs[batch->count++] = job;
}

static bool writes(const struct batch_queue *queue)
{
    return sql_statements[queue->statement->sql].writes;
}

static void batch_gather(struct batch *batch)
{
    struct job *job = TAILQ_FIRST(&batch->queue->waiting);
    int most = job->place.alone ? 1 : writes(batch->queue) ? BATCH_MAX : READS_MAX;
    batch_take(batch, job);
    while (batch->count < most && (job = TAILQ_FIRST(&batch->queue->waiting)) && !job->place.alone)
        batch_take(batch, job);
}

static const char *parameter(const struct batch *batch, enum job_value value, struct arena *arena)
{
    const char *items[BATCH_MAX];
    for (int i = 0; i < batch->count; i++)
        items[i] = batch->jobs[i]->values[value];
    return db_array(arena, items, batch->count);
}

static void batch_send(struct batches *batches, struct batch_queue *queue)
{
    struct arena *arena = arena_new();
    struct batch *batch = must_calloc(1, sizeof *batch);
    const char *params[JOB_PARAMS_MAX] = {NULL};
    batch->queue = queue;
    batch_gather(batch);
    for (int i = 0; i < sql_statements[queue->statement->sql].params; i++)
        params[i] = parameter(batch, queue->statement->params[i], arena);
    LIST_INSERT_HEAD(&batches->under_way, batch, link);
    queue->under_way++;
    batch->call = db_query(batches->db, queue->statement->sql, params, on_batch, batch);
    arena_free(arena);
}

/* Once per turn, so that statements which the turn's callbacks asked for share a batch. */
static void send_waiting(void *ctx)
{
    struct batches *batches = ctx;
    for (int i = 0; i < batches->kinds; i++) {
        struct batch_queue *queue = &batches->queues[i];
        int most = writes(queue) ? UNDER_WAY_MAX : READS_UNDER_WAY_MAX;
        while (!TAILQ_EMPTY(&queue->waiting) && queue->under_way < most)
            batch_send(batches, queue);
    }
}

struct batches *batches_new(struct loop *loop, struct db *db)
{
    struct batches *batches = must_calloc(1, sizeof *batches);
    batches->db = db;
    LIST_INIT(&batches->under_way);
    loop_each_turn(loop, TURN_ANSWER, send_waiting, batches);
    return batches;
}

void batches_free(struct batches *batches)
{
    for (struct batch *batch; (batch = LIST_FIRST(&batches->under_way));) {
        LIST_REMOVE(batch, link);
        db_drop(batch->call);
        free(batch);
    }
    free(batches);
}
