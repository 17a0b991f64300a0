#include <stdlib.h>
#include <string.h>

#include "api/live/hub_parts.h"
#include "base/buf.h"

enum column {
    USER_ID,
    IS_THERE,
    NOW_US,
    UNREAD_COUNT,
    WEEKLY_US,
    DIGESTS,
    NOTIFICATION,
    NOTIFICATION_US,
    NOTIFICATION_JSON
};

enum { NOTIFICATIONS_MAX = 50 }; /* of a look */

static void tell_notification(struct live_hub *hub, struct tracked *t, const struct db_rows *rows, int row)
{
    struct arena *arena = arena_new();
    hub_tell(hub, LIVE_NOTIFICATION, t,
             arena_printf(arena, "{\"notification\":%s,\"unread_count\":%lld}", db_text(rows, row, NOTIFICATION_JSON),
                          (long long)db_number(rows, row, UNREAD_COUNT)));
    arena_free(arena);
}

/* Returns how many there were. */
static int take_notifications(struct live_hub *hub, struct tracked *t, const struct db_rows *rows, int first, int count)
{
    int found = 0;
    for (int row = first; row < first + count && db_text(rows, row, NOTIFICATION); row++) {
        if (!seen_add(&t->seen, db_text(rows, row, NOTIFICATION), db_number(rows, row, NOTIFICATION_US)))
            continue;
        found++;
        if (t->is_known)
            tell_notification(hub, t, rows, row);
    }
    return found;
}

static void take_digest(struct live_hub *hub, struct tracked *t, const char *item, size_t len)
{
    struct arena *arena = arena_new();
    const char *id = arena_copy(arena, item, len), *blank = strchr(id, ' ');
    if (blank && seen_add(&t->seen, id, strtoll(blank, NULL, 10)) && t->is_known)
        hub_tell(hub, LIVE_DIGEST, t,
                 arena_printf(arena, "{\"kind\":\"persona\",\"persona_id\":\"%.*s\"}", (int)(blank - id), id));
    arena_free(arena);
}

static void take_digests(struct live_hub *hub, struct tracked *t, const char *list)
{
    for (const char *at = list ? list : ""; *at; at += strspn(at, ",")) {
        size_t len = strcspn(at, ",");
        take_digest(hub, t, at, len);
        at += len;
    }
}

static void tell_unread(struct live_hub *hub, struct tracked *t, int64_t unread)
{
    struct arena *arena = arena_new();
    hub_tell(hub, LIVE_UNREAD, t, arena_printf(arena, "{\"unread_count\":%lld}", (long long)unread));
    arena_free(arena);
}

static void take_numbers(struct live_hub *hub, struct tracked *t, int64_t unread, int64_t weekly_us, bool has_new)
{
    struct user_state *state = &t->state.user;
    if (t->is_known && state->unread != unread && !has_new)
        tell_unread(hub, t, unread);
    if (t->is_known && state->weekly_us != weekly_us && weekly_us)
        hub_tell(hub, LIVE_DIGEST, t, "{\"kind\":\"weekly\"}");
    state->unread = unread;
    state->weekly_us = weekly_us;
}

bool user_take(struct live_hub *hub, struct tracked *t, const struct db_rows *rows, int first, int count)
{
    int found = take_notifications(hub, t, rows, first, count);
    take_digests(hub, t, db_text(rows, first, DIGESTS));
    take_numbers(hub, t, db_number(rows, first, UNREAD_COUNT), db_number(rows, first, WEEKLY_US), found > 0);
    t->state.user.is_gone = !db_is_true(rows, first, IS_THERE);
    t->looked_us = db_number(rows, first, NOW_US);
    seen_forget(&t->seen, t->looked_us - hub->slack_us);
    if (!t->is_known && found < NOTIFICATIONS_MAX) {
        t->is_known = true;
        t->since_n = ++hub->n; /* ids of before know nothing of it */
        t->state.user.known_us = t->looked_us;
    }
    return found == NOTIFICATIONS_MAX;
}
