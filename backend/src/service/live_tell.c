#include "service/live_tell.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum {
    PAYLOAD_MAX = 7900, /* Postgres takes 7,999 bytes */
    ITEM_MAX = 1 + UUID_SIZE,
    PAYLOADS_MAX = 64, /* of a statement; a sweep finds what is beyond */
    EVERY_MS = 10,     /* a notification takes a global lock: a busy worker gathers */
};

struct live_tell {
    struct db *db;
    struct timer *pause; /* set: the next statement waits for its end, which makes a turn */
    struct arena *arena; /* NULL: nothing to tell */
    struct buf payloads[PAYLOADS_MAX];
    int count;
    bool has_published;
};

/* ---- telling ---- */

/* Of what is told again and again most is in the newest payload. */
static bool is_told(const struct live_tell *tell, const char *item)
{
    return tell->count > 0 && strstr(tell->payloads[tell->count - 1].text, item);
}

static struct buf *payload_with_room(struct live_tell *tell)
{
    if (tell->count > 0 && tell->payloads[tell->count - 1].len + ITEM_MAX <= PAYLOAD_MAX)
        return &tell->payloads[tell->count - 1];
    if (tell->count == PAYLOADS_MAX)
        return NULL;
    if (!tell->arena)
        tell->arena = arena_new();
    tell->payloads[tell->count] = buf_new(tell->arena);
    return &tell->payloads[tell->count++];
}

static void tell_item(struct live_tell *tell, const char *item)
{
    struct buf *payload = is_told(tell, item) ? NULL : payload_with_room(tell);
    if (!payload)
        return;
    if (payload->len > 0)
        buf_str(payload, " ");
    buf_str(payload, item);
}

static void tell_id(struct live_tell *tell, char kind, const char *id)
{
    char item[ITEM_MAX] = {kind};
    if (!id || strlen(id) != UUID_SIZE - 1)
        return;
    memcpy(item + 1, id, UUID_SIZE);
    tell_item(tell, item);
}

void live_tell_post(struct live_tell *tell, const char *post_id)
{
    tell_id(tell, 'p', post_id);
}

void live_tell_user(struct live_tell *tell, const char *user_id)
{
    tell_id(tell, 'u', user_id);
}

void live_tell_digest(struct live_tell *tell, const char *persona_id)
{
    tell_id(tell, 'd', persona_id);
}

void live_tell_published(struct live_tell *tell)
{
    tell->has_published = true;
}

static void add_published(struct live_tell *tell)
{
    struct buf *payload = tell->has_published ? payload_with_room(tell) : NULL;
    if (payload)
        buf_str(payload, payload->len > 0 ? " f" : "f");
    tell->has_published = false;
}

/* At the end of a turn: what it wrote is one statement. */
static void send_told(void *ctx)
{
    struct live_tell *tell = ctx;
    const char *payloads[PAYLOADS_MAX];
    if (timer_is_set(tell->pause))
        return;
    add_published(tell);
    if (tell->count == 0)
        return;
    timer_set(tell->pause, EVERY_MS);
    for (int i = 0; i < tell->count; i++)
        payloads[i] = tell->payloads[i].text;
    db_tell(tell->db, SQL_LIVE_NOTIFY, (const char *[]){db_array(tell->arena, payloads, tell->count)});
    arena_free(tell->arena);
    tell->arena = NULL;
    tell->count = 0;
}

static void pause_is_over(void *ctx)
{
    (void)ctx;
}

struct live_tell *live_tell_open(struct loop *loop, struct db *db)
{
    struct live_tell *tell = must_calloc(1, sizeof *tell);
    tell->db = db;
    tell->pause = timer_new(loop, pause_is_over, tell);
    loop_each_turn(loop, TURN_ANSWER, send_told, tell);
    return tell;
}

void live_tell_close(struct live_tell *tell)
{
    arena_free(tell->arena);
    timer_free(tell->pause);
    free(tell);
}

/* ---- reading ---- */

static bool read_item(const char *text, size_t len, struct live_item *item)
{
    *item = (struct live_item){.kind = *text};
    if (len == 1)
        return *text == 'f';
    if (len != UUID_SIZE || !strchr("pud", *text) || !uuid_valid(text + 1, len - 1))
        return false;
    memcpy(item->id, text + 1, len - 1);
    return true;
}

bool live_item_read(const char **at, struct live_item *item)
{
    while (**at) {
        size_t len = strcspn(*at, " ");
        bool found = len > 0 && read_item(*at, len, item);
        *at += len + ((*at)[len] == ' ');
        if (found)
            return true;
    }
    return false;
}
