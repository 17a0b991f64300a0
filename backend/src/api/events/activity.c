#include "api/events/activity.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { SLOTS = 4096, BATCH_MAX = 256 };
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

/* Those of the batch that weren't recorded: all of a user's, or, with NULL, everybody's. */
static void activity_forget_unrecorded(struct activity *a, const char *user_id)
{
    for (int i = 0; i < a->under_way_count; i++)
        if (!user_id || strcmp(a->under_way[i].user_id, user_id) == 0)
            activity_forget(a, &a->under_way[i]);
}

static void activity_on_recorded(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct activity *a = ctx;
    a->batch = NULL;
    if (outcome != DB_OK)
        activity_forget_unrecorded(a, NULL);
    for (int row = 0; outcome == DB_OK && row < db_count(rows); row++)
        activity_forget_unrecorded(a, db_text(rows, row, 0));
}

/* Sends a batch, once per turn; while one is under way the next one fills. */
static void activity_record(void *ctx)
{
    struct activity *a = ctx;
    if (a->batch || a->waiting_count == 0)
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
    loop_each_turn(loop, TURN_ANSWER, activity_record, a);
    return a;
}

void activity_close(struct activity *a)
{
    if (a->batch)
        db_drop(a->batch);
    free(a);
}
