#include "api/events/activity.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { SLOTS = 4096, BATCH_MAX = 256 };
#define RECORD_EVERY_NS (3600 * NS_PER_S)

/* Ids are random, so their first digits are a hash. Users who share a slot replace each other,
 * which costs statements, but loses no record. */
struct slot {
    char user_id[UUID_SIZE];
    uint64_t until; /* loop time: the user needs no recording before; 0: never recorded */
};

struct activity {
    struct loop *loop;
    struct db *db;
    int waiting_count;
    char waiting[BATCH_MAX][UUID_SIZE];
    int under_way_count;
    char under_way[BATCH_MAX][UUID_SIZE];
    struct db_call *batch; /* NULL: none is under way */
    struct slot slots[SLOTS];
};

static struct slot *slot_of(struct activity *a, const char *user_id)
{
    char digits[] = {user_id[0], user_id[1], user_id[2], '\0'};
    return &a->slots[strtoul(digits, NULL, 16) % SLOTS];
}

static void activity_forget(struct activity *a, const char *user_id)
{
    struct slot *slot = slot_of(a, user_id);
    if (strcmp(slot->user_id, user_id) == 0)
        slot->until = 0;
}

static void activity_on_recorded(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct activity *a = ctx;
    a->batch = NULL;
    for (int i = 0; i < a->under_way_count && outcome != DB_OK; i++)
        activity_forget(a, a->under_way[i]);
    for (int row = 0; outcome == DB_OK && row < db_count(rows); row++)
        activity_forget(a, db_text(rows, row, 0));
}

static const char *array_of(struct activity *a, struct arena *arena)
{
    const char *ids[BATCH_MAX];
    for (int i = 0; i < a->under_way_count; i++)
        ids[i] = a->under_way[i];
    return db_array(arena, ids, a->under_way_count);
}

/* Sends a batch, once per turn; while one is under way the next one fills. */
static void activity_record(void *ctx)
{
    struct activity *a = ctx;
    if (a->batch || a->waiting_count == 0)
        return;
    struct arena *arena = arena_new();
    a->under_way_count = a->waiting_count;
    memcpy(a->under_way, a->waiting, sizeof a->waiting);
    a->waiting_count = 0;
    a->batch = db_query(a->db, SQL_USERS_ACTIVE, (const char *[]){array_of(a, arena)}, activity_on_recorded, a);
    arena_free(arena);
}

void activity_note(struct activity *a, const char user_id[static UUID_SIZE])
{
    uint64_t now = loop_now(a->loop);
    struct slot *slot = slot_of(a, user_id);
    bool is_known = strcmp(slot->user_id, user_id) == 0 && now < slot->until;
    if (is_known || a->waiting_count == BATCH_MAX)
        return;
    memcpy(slot->user_id, user_id, UUID_SIZE);
    slot->until = now + RECORD_EVERY_NS;
    memcpy(a->waiting[a->waiting_count++], user_id, UUID_SIZE);
}

struct activity *activity_open(struct loop *loop, struct db *db)
{
    struct activity *a = must_calloc(1, sizeof *a);
    a->loop = loop;
    a->db = db;
    loop_each_turn(loop, TURN_ANSWER, activity_record, a);
    return a;
}

void activity_close(struct activity *a)
{
    if (a->batch)
        db_drop(a->batch);
    free(a);
}
