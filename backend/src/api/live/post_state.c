#include <stdio.h>
#include <string.h>

#include "api/live/hub_parts.h"
#include "base/buf.h"
#include "base/text.h"
#include "domain/error_code.h"

enum column {
    POST,
    STATUS,
    NOW_US,
    CHANGED_US,
    REPLIES,
    VERSION,
    QUEUED,
    RUNNING,
    NAMES,
    FAILED_US,
    FAILED_NAME,
    FAILED_ERROR,
    SUMMARY_US,
    SUMMARY,
    SUMMARY_IS_FRESH,
    REPLY,
    REPLY_US,
    REPLY_JSON
};

enum { REPLIES_MAX = 50 }; /* of a look */

/* A look's rows about one post. */
struct finding {
    struct live_hub *hub;
    struct tracked *t;
    const struct db_rows *rows;
    int first, count;
    struct arena *arena;
};

static const char *finding_text(const struct finding *f, enum column column)
{
    return db_text(f->rows, f->first, (int)column);
}

static int64_t finding_number(const struct finding *f, enum column column)
{
    return db_number(f->rows, f->first, (int)column);
}

static struct buf begin_json(const struct finding *f)
{
    struct buf json = buf_new(f->arena);
    buf_printf(&json, "{\"post_id\":\"%s\"", finding_text(f, POST));
    return json;
}

static void add_member(struct buf *json, const char *name, const char *text)
{
    buf_printf(json, ",\"%s\":", name);
    buf_json(json, text);
}

static void tell(const struct finding *f, enum live_kind kind, struct buf *json)
{
    buf_str(json, "}");
    hub_tell(f->hub, kind, f->t, json->text);
}

/* ---- replies ---- */

static void tell_reply(const struct finding *f, int row)
{
    struct buf json = begin_json(f);
    buf_printf(&json, ",\"reply\":%s", db_text(f->rows, row, REPLY_JSON));
    add_member(&json, "version", finding_text(f, VERSION));
    buf_printf(&json, ",\"replies_count\":%lld", (long long)finding_number(f, REPLIES));
    tell(f, LIVE_REPLY, &json);
}

/* Returns how many there were. */
static int take_replies(const struct finding *f, bool are_told)
{
    int found = 0;
    for (int row = f->first; row < f->first + f->count && db_text(f->rows, row, REPLY); row++) {
        if (!seen_add(&f->t->seen, db_text(f->rows, row, REPLY), db_number(f->rows, row, REPLY_US)))
            continue;
        found++;
        if (are_told)
            tell_reply(f, row);
    }
    return found;
}

/* ---- the rest ---- */

static void tell_thread(const struct finding *f)
{
    struct buf json = begin_json(f);
    add_member(&json, "version", finding_text(f, VERSION));
    tell(f, LIVE_THREAD, &json);
}

/* The code has no word of a provider or of the database: error_code stops at the first colon. */
static void add_failure(const struct finding *f, struct buf *json)
{
    const char *name = finding_text(f, FAILED_NAME), *error = finding_text(f, FAILED_ERROR);
    buf_str(json, ",\"failed\":{\"persona_name\":");
    buf_json(json, name ? name : "");
    add_member(json, "code", error_code(f->arena, error ? error : ""));
    buf_str(json, "}");
}

static void tell_pending(const struct finding *f, bool has_failure)
{
    struct buf json = begin_json(f);
    buf_printf(&json, ",\"queued\":%lld,\"running\":%lld,\"names\":%s", (long long)finding_number(f, QUEUED),
               (long long)finding_number(f, RUNNING), finding_text(f, NAMES));
    if (has_failure)
        add_failure(f, &json);
    tell(f, LIVE_PENDING, &json);
}

static const char *summary_status(const struct post_state *state)
{
    return !state->summary_us ? "unavailable" : state->summary_is_fresh ? "fresh" : "stale";
}

static void tell_summary(const struct finding *f, const struct post_state *state)
{
    struct buf json = begin_json(f);
    add_member(&json, "ai_summary", finding_text(f, SUMMARY));
    add_member(&json, "ai_summary_status", summary_status(state));
    tell(f, LIVE_SUMMARY, &json);
}

static struct post_state state_found(const struct finding *f)
{
    struct post_state state = {
        .is_published = true,
        .summary_is_fresh = db_is_true(f->rows, f->first, SUMMARY_IS_FRESH),
        .changed_us = finding_number(f, CHANGED_US),
        .replies = finding_number(f, REPLIES),
        .queued = finding_number(f, QUEUED),
        .running = finding_number(f, RUNNING),
        .failed_us = finding_number(f, FAILED_US),
        .summary_us = finding_number(f, SUMMARY_US),
        .names = text_hash(finding_text(f, NAMES)),
    };
    snprintf(state.version, sizeof state.version, "%s", finding_text(f, VERSION));
    return state;
}

/* Whether the thread changed by more than the replies that were found. */
static bool changed_otherwise(const struct post_state *old, const struct post_state *new, int found)
{
    return strcmp(old->version, new->version) != 0 &&
           (found == 0 || old->changed_us != new->changed_us || old->replies + found != new->replies);
}

static bool pends_otherwise(const struct post_state *old, const struct post_state *new)
{
    return old->queued != new->queued || old->running != new->running || old->names != new->names;
}

static void tell_differences(const struct finding *f, const struct post_state *old, struct post_state *new, int found)
{
    if (found == REPLIES_MAX)
        new->replies = old->replies + found; /* the next look finds the others */
    if (changed_otherwise(old, new, found))
        tell_thread(f);
    if (pends_otherwise(old, new) || old->failed_us < new->failed_us)
        tell_pending(f, old->failed_us < new->failed_us);
    if (old->summary_us != new->summary_us && new->summary_us)
        tell_summary(f, new);
}

/* ---- what a stream begins with ---- */

void post_add_state(struct buf *json, const struct tracked *t)
{
    const struct post_state *state = &t->state.post;
    char id[UUID_SIZE];
    if (t->topic.key.kind != KEY_POST || !state->is_published)
        return;
    live_key_write(id, &t->topic.key);
    buf_printf(json, "%s\"%s\":{\"version\":\"%s\",\"queued\":%lld,\"running\":%lld,\"ai_summary_status\":\"%s\"}",
               json->len > 1 ? "," : "", id, state->version, (long long)state->queued, (long long)state->running,
               summary_status(state));
}

/* ---- a look ---- */

static bool take_published(const struct finding *f)
{
    struct tracked *t = f->t;
    struct post_state old = t->state.post, new = state_found(f);
    bool was_there = t->is_known && old.is_published;
    int found = take_replies(f, was_there);
    if (was_there)
        tell_differences(f, &old, &new, found);
    else if (t->is_known)
        tell_thread(f); /* somebody waited for its publication */
    t->state.post = new;
    return found == REPLIES_MAX;
}

/* A draft is nobody's business: it is watched in silence until it is published. */
static void take_unpublished(const struct finding *f)
{
    struct buf json = begin_json(f);
    if (f->t->state.post.is_published)
        tell(f, LIVE_GONE, &json);
    f->t->state.post = (struct post_state){0};
}

bool post_take(struct live_hub *hub, struct tracked *t, const struct db_rows *rows, int first, int count)
{
    const struct finding f = {hub, t, rows, first, count, arena_new()};
    const char *status = finding_text(&f, STATUS);
    bool has_more = false;
    if (status && *status == 'P')
        has_more = take_published(&f);
    else
        take_unpublished(&f);
    t->looked_us = finding_number(&f, NOW_US);
    seen_forget(&t->seen, t->looked_us - hub->slack_us);
    if (!t->is_known && !has_more) {
        t->is_known = true;
        t->since_n = ++hub->n; /* ids of before know nothing of it */
    }
    arena_free(f.arena);
    return has_more;
}
