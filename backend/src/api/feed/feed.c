#include "api/feed/feed.h"

#include <string.h>

#include "api/feed/shared.h"
#include "api/http/answer.h"
#include "base/buf.h"
#include "base/clock.h"
#include "domain/feed.h"
#include "sys/db/json.h"

/* A request on its way. */
struct feed {
    const struct feed_shared *shared;
    struct feed_sources sources;
};

static const char *const reason_names[] = {
    [FEED_FOLLOWED] = "\"followed_persona\"",
    [FEED_TRENDING] = "\"trending_battle\"",
    [FEED_TEMPLATE] = "\"new_template\"",
};

/* ---- the answer ---- */

enum { ITEM_SIZE = 900 }; /* most are shorter: one reservation, or the text is copied while it grows */

/* A template, with what its owner alone is told; the rest is the same for all. */
static void add_template(struct buf *json, const struct feed_entry *entry, const char *caller)
{
    bool is_mine = entry->owner && strcmp(entry->owner, caller) == 0;
    buf_add(json, entry->json, strlen(entry->json) - 1);
    buf_str(json, is_mine ? ",\"mine\":true}" : ",\"mine\":false}");
}

/* Hundredths with two decimals: a feed has 50 scores, and printf takes a microsecond for each. */
static void add_score(struct buf *json, int64_t score)
{
    enum { LONGEST = 24 };
    char digits[LONGEST], *at = digits + sizeof digits;
    uint64_t left = score < 0 ? -(uint64_t)score : (uint64_t)score;
    for (int n = 0; n < 3 || left; n++, left /= 10) {
        if (n == 2)
            *--at = '.';
        *--at = (char)('0' + left % 10);
    }
    if (score < 0)
        *--at = '-';
    buf_add(json, at, (size_t)(digits + sizeof digits - at));
}

static void add_item(struct buf *json, const struct feed_item *item, const char *caller)
{
    bool is_template = item->has_reason[FEED_TEMPLATE];
    const char *comma = "";
    buf_str(json, is_template ? "{\"id\":\"template:" : "{\"id\":\"battle:");
    buf_str(json, item->entry->id);
    buf_str(json, is_template ? "\",\"kind\":\"template\",\"reason\":" : "\",\"kind\":\"battle\",\"reason\":");
    buf_str(json, reason_names[item->reason]);
    buf_str(json, ",\"reasons\":[");
    for (int reason = 0; reason < FEED_REASONS; reason++) {
        if (!item->has_reason[reason])
            continue;
        buf_str(json, comma);
        buf_str(json, reason_names[reason]);
        comma = ",";
    }
    buf_str(json, "],\"score\":");
    add_score(json, item->score);
    buf_str(json, is_template ? ",\"template\":" : ",\"battle\":");
    if (is_template)
        add_template(json, item->entry, caller);
    else
        buf_str(json, item->entry->json);
    buf_str(json, "}");
}

static void answer_ranked(struct call *call)
{
    const struct feed *feed = call->state;
    struct feed_item items[FEED_MAX];
    int count = feed_rank(&feed->sources, clock_unix_us(), items);
    struct buf json = buf_new(call->arena);
    buf_reserve(&json, (size_t)count * ITEM_SIZE);
    buf_str(&json, "{\"items\":[");
    for (int i = 0; i < count; i++) {
        buf_str(&json, i ? "," : "");
        add_item(&json, &items[i], call->user_id);
    }
    buf_str(&json, "]");
    if (feed->shared->highlight) {
        buf_str(&json, ",\"highlight_template\":");
        add_template(&json, feed->shared->highlight, call->user_id);
    }
    buf_str(&json, "}");
    call_answer_tagged(call, json.text, json.len);
}

/* ---- the caller's rows ---- */

static void on_trending(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    struct feed *feed = call->state;
    if (!call_has_rows(call, outcome, rows, false))
        return;
    feed->sources.trending = feed_entries_read(rows, "trending", call->arena);
    answer_ranked(call);
}

/* A caller who owns most of what trends needs battles that the shared list ends before. */
static bool needs_more_trending(const struct feed *feed)
{
    return feed->shared->has_more_trending && feed_trending_of_others(&feed->sources) < FEED_TRENDING_MAX;
}

static void on_followed(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    struct feed *feed = call->state;
    if (!call_has_rows(call, outcome, rows, false))
        return;
    if (db_answer_status(rows) != 200) {
        call_answer_row(call, rows);
        return;
    }
    feed->sources = (struct feed_sources){.followed = feed_entries_read(rows, "followed", call->arena),
                                          .trending = feed->shared->trending,
                                          .templates = feed->shared->templates,
                                          .caller = call->user_id};
    if (needs_more_trending(feed))
        call_query(call, SQL_FEED_PUBLIC, on_trending);
    else
        answer_ranked(call);
}

/* ---- what all feeds share ---- */

static void drop_wait(void *wait)
{
    feed_shared_drop(wait);
}

static void on_shared_known(struct call *call, const struct feed_shared *shared)
{
    struct feed *feed = call->state = arena_alloc(call->arena, sizeof *feed);
    feed->shared = shared;
    call_query(call, SQL_FEED_FOLLOWED, on_followed);
}

static void on_shared_read(void *ctx, enum db_outcome outcome, struct db_rows *rows, const struct feed_shared *shared)
{
    struct call *call = ctx;
    call_got(call, drop_wait);
    if (call_has_rows(call, outcome, rows, false))
        on_shared_known(call, shared);
}

void feed_show(struct call *call)
{
    const struct feed_shared *shared = feed_shared_known(call->api->feed, call->arena);
    if (shared)
        on_shared_known(call, shared);
    else
        call_wait(call, drop_wait, feed_shared_ask(call->api->feed, call->arena, on_shared_read, call));
}
