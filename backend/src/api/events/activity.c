#include "api/events/activity.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { SLOTS = 4096, BATCH_MAX = 256, AGAIN_MS = 250 };
#define RECORD_EVERY_NS (3600 * NS_PER_S)

/* Who made a request: where. */
struct presence {
    char user_id[UUID_SIZE], session_id[UUID_SIZE];
};

/* Ids are random, so their first digits are a hash. Those who share a slot replace each other,
 * which costs statements, but loses no record. */
struct slot {
    struct presence last;
    uint64_t until; /* loop time: it needs no recording before; 0: never recorded */
};

struct activity {
    struct loop *loop;
    struct db *db;
    int waiting_count;
    struct presence waiting[BATCH_MAX];
    int under_way_count;
    struct presence under_way[BATCH_MAX];
    struct db_call *batch; /* NULL: none is under way */
    struct timer *again;   /* until it ends no batch begins */
    bool is_resting;
    struct slot slots[SLOTS];
};

static struct slot *slot_of(struct activity *a, const struct presence *presence)
{
    const char *id = *presence->session_id ? presence->session_id : presence->user_id;
    char digits[] = {id[0], id[1], id[2], '\0'};
    return &a->slots[strtoul(digits, NULL, 16) % SLOTS];
}

static bool is_same(const struct presence *one, const struct presence *other)
{
    return strcmp(one->user_id, other->user_id) == 0 && strcmp(one->session_id, other->session_id) == 0;
}

static void activity_forget(struct activity *a, const struct presence *presence)
{
    struct slot *slot = slot_of(a, presence);
    if (is_same(&slot->last, presence))
        slot->until = 0;
}

static void activity_forget_batch(struct activity *a)
{
    for (int i = 0; i < a->under_way_count; i++)
        activity_forget(a, &a->under_way[i]);
}

/* Most likely by the very request that was noted: it is over soon. */
static void activity_send_again(struct activity *a, const char *locked_user_id)
{
    for (int i = 0; i < a->under_way_count; i++) {
        const struct presence *presence = &a->under_way[i];
        if (strcmp(presence->user_id, locked_user_id) != 0)
            continue;
        if (a->waiting_count < BATCH_MAX)
            a->waiting[a->waiting_count++] = *presence;
        else
            activity_forget(a, presence);
    }
    a->is_resting = true;
    timer_set(a->again, AGAIN_MS);
}

static void activity_on_recorded(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct activity *a = ctx;
    a->batch = NULL;
    if (outcome != DB_OK)
        activity_forget_batch(a);
    for (int row = 0; outcome == DB_OK && row < db_count(rows); row++)
        activity_send_again(a, db_text(rows, row, 0));
}

/* Sends a batch, once per turn; while one is under way, or waits for locks, the next one fills. */
static void activity_record(void *ctx)
{
    struct activity *a = ctx;
    if (a->batch || a->is_resting || a->waiting_count == 0)
        return;
    struct arena *arena = arena_new();
    const char *users[BATCH_MAX], *sessions[BATCH_MAX];
    a->under_way_count = a->waiting_count;
    memcpy(a->under_way, a->waiting, sizeof a->waiting);
    a->waiting_count = 0;
    for (int i = 0; i < a->under_way_count; i++) {
        users[i] = a->under_way[i].user_id;
        sessions[i] = *a->under_way[i].session_id ? a->under_way[i].session_id : NULL;
    }
    const char *const params[] = {db_array(arena, users, a->under_way_count),
                                  db_array(arena, sessions, a->under_way_count)};
    a->batch = db_query(a->db, SQL_USERS_ACTIVE, params, activity_on_recorded, a);
    arena_free(arena);
}

static void activity_rested(void *ctx)
{
    struct activity *a = ctx;
    a->is_resting = false;
    activity_record(a);
}

void activity_note(struct activity *a, const char user_id[static UUID_SIZE], const char session_id[static UUID_SIZE])
{
    struct presence presence;
    uint64_t now = loop_now(a->loop);
    memcpy(presence.user_id, user_id, UUID_SIZE);
    memcpy(presence.session_id, session_id, UUID_SIZE);
    struct slot *slot = slot_of(a, &presence);
    bool is_known = is_same(&slot->last, &presence) && now < slot->until;
    if (is_known || a->waiting_count == BATCH_MAX)
        return;
    slot->last = presence;
    slot->until = now + RECORD_EVERY_NS;
    a->waiting[a->waiting_count++] = presence;
}

struct activity *activity_open(struct loop *loop, struct db *db)
{
    struct activity *a = must_calloc(1, sizeof *a);
    a->loop = loop;
    a->db = db;
    a->again = timer_new(loop, activity_rested, a);
    loop_each_turn(loop, TURN_ANSWER, activity_record, a);
    return a;
}

void activity_close(struct activity *a)
{
    if (a->batch)
        db_drop(a->batch);
    timer_free(a->again);
    free(a);
}
