#include "api/model/generation.h"

#include <ctype.h>
#include <string.h>

#include "api/http/answer.h"
#include "api/http/event_stream.h"
#include "api/model/shown.h"
#include "api/model/unit.h"
#include "base/clock.h"
#include "domain/written.h"
#include "llm/llm.h"

enum { STORE_AGAIN_MS = 200 };

/* The way of a call; the file tells it from the end:
 *
 *   reserve the unit ── refused ──> the statement's answer
 *        │
 *        v
 *   ask for every text <── fails the check for the first time
 *        │         │       (the stream begins when the model is asked for all of them)
 *        │         │
 *        │         └── fails for good ──> give the unit back ──> 429, 502, 503, 504
 *        v
 *   store <── STORE_AGAIN_MS, while the database is away and the request lasts
 *        │
 *        └──> the statement's answer; the unit goes back unless a text was stored with it
 */
struct text {
    struct call *call;
    struct brief brief;
    struct llm_call *model; /* under way; NULL: none is */
    int written;            /* texts so far */
    bool is_counted;        /* the last call is among the unit's */
    bool has_begun;         /* the model was asked */
    uint64_t begun, asked;  /* loop time: when the first text was asked for, and the last one */
    const char *content;    /* NULL until it passed the check */
    struct shown shown;
};

struct generation {
    const struct generation_kind *kind;
    struct generation_wish wish;
    struct unit unit;
    int64_t units_used, unit_limit;
    struct llm_about about;
    struct text texts[MAX_GENERATIONS];

    bool is_followed;    /* the client wants the words as they come */
    struct timer *clock; /* of a stream: when its time is over; NULL: there is none yet */
    bool is_behind;      /* the client is too slow for it */

    /* the answer to a failure, while the unit goes back */
    int status;
    const char *sentence;
    uint64_t retry_after_ms;
};

/* ---- the end ---- */

static void drop_texts(void *ctx)
{
    struct generation *generation = ctx;
    for (int i = 0; i < generation->kind->texts; i++)
        if (generation->texts[i].model)
            llm_drop(generation->texts[i].model);
}

static void on_given_back(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    (void)rows;
    struct generation *generation = call->state;
    if (outcome == DB_OK)
        unit_let_go(&generation->unit);
    if (generation->status == 503 || generation->status == 429)
        call_fail_until(call, generation->status, generation->sentence, generation->retry_after_ms);
    else
        call_fail(call, generation->status, generation->sentence);
}

/* The unit is back before the client hears of the failure: its next request may be the same
 * again. */
static void fail_generation(struct call *call, int status, const char *why, uint64_t retry_after_ms)
{
    struct generation *generation = call->state;
    generation->status = status;
    generation->sentence = status == 504 ? "request timed out"
                           : status == 429
                               ? why
                               : arena_printf(call->arena, "llm %s failed: %s", generation->kind->quota, why);
    generation->retry_after_ms = retry_after_ms;
    call->error = arena_strdup(call->arena, why);
    call_got(call, drop_texts);
    drop_texts(generation); /* the others */
    unit_give_back(&generation->unit, on_given_back);
}

static void generation_store(struct call *call);

static void generation_store_again(void *ctx)
{
    generation_store(ctx);
}

/* The texts are paid for, so storing them is tried again while the request lasts. A statement that
 * wasn't sent or was rolled back has stored nothing; a lost one may have, and is not repeated. */
static bool try_again_later(struct call *call, enum db_outcome outcome, const struct db_rows *rows)
{
    bool passing =
        outcome == DB_AWAY || outcome == DB_BUSY || (outcome == DB_FAILED && db_is_passing(db_sqlstate(rows)));
    if (!passing || loop_now(call->api->loop) + 2 * STORE_AGAIN_MS * NS_PER_MS > call->http->deadline)
        return false;
    call_after(call, STORE_AGAIN_MS, generation_store_again);
    return true;
}

/* From here on a unit that is given back is none that a text was stored with: the statement for it
 * tells them apart, so it is sent even where nobody knows what became of this one. */
static void on_stored(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    struct generation *generation = call->state;
    if (try_again_later(call, outcome, rows) || !call_has_rows(call, outcome, rows, true))
        return;
    if (db_number(rows, 0, 0) < 400)
        unit_let_go(&generation->unit);
    call_answer_row(call, rows);
}

static void generation_store(struct call *call)
{
    const struct generation *generation = call->state;
    const char *params[5 + MAX_GENERATIONS] = {call->user_id, generation->wish.persona, generation->wish.room,
                                               generation->unit.reservation};
    int count = 4;
    for (int i = 0; i < generation->kind->texts; i++)
        params[count++] = generation->texts[i].content;
    params[count] = generation->wish.units_a_day;
    call_query_with(call, generation->kind->store, params, on_stored);
}

/* ---- what a stream shows ---- */

/* From inside llm_words the call can't end: the clock ends it. */
static void generation_tell(struct call *call, const struct buf *events)
{
    struct generation *generation = call->state;
    if (!call->end_stream || generation->is_behind || events->len == 0)
        return;
    generation->is_behind = !call_events_text(call, events->text, events->len);
    if (generation->is_behind)
        timer_set(generation->clock, 0);
}

static void drop_clock(void *clock)
{
    timer_free(clock);
}

static void on_time_over(void *ctx)
{
    struct call *call = ctx;
    const struct generation *generation = call->state;
    if (generation->is_behind) {
        call_events_end(call, "client is too slow");
        return;
    }
    call->error = "deadline passed";
    call_fail(call, 504, "request timed out");
}

/* A stream's time isn't the server's matter, but it is as long as a request's. */
static void start_clock(struct call *call)
{
    struct generation *generation = call->state;
    uint64_t now = loop_now(call->api->loop), deadline = call->http->deadline;
    generation->clock = timer_new(call->api->loop, on_time_over, call);
    call_wait(call, drop_clock, generation->clock);
    timer_set(generation->clock, deadline > now ? (deadline - now) / NS_PER_MS : 0);
}

static void add_start(const struct generation *generation, struct buf *events)
{
    char *persona = arena_strdup(events->arena, generation->wish.persona);
    for (char *c = persona; *c; c++)
        *c = (char)tolower((unsigned char)*c); /* a path's id comes in either case */
    event_write(events, "start", NULL,
                arena_printf(events->arena, "{\"persona_id\":\"%s\",\"quota\":{\"used\":%lld,\"limit\":%lld}}", persona,
                             (long long)generation->units_used, (long long)generation->unit_limit));
}

/* All calls are under way, so what could be refused at once wasn't. */
static void generation_begin_stream(struct call *call)
{
    const struct generation *generation = call->state;
    struct buf events = buf_new(call->arena);
    if (!call_events_begin(call, generation->kind->status))
        return;
    start_clock(call);
    add_start(generation, &events);
    for (int i = 0; i < generation->kind->texts; i++)
        shown_so_far(&generation->texts[i].shown, &events);
    generation_tell(call, &events);
}

static void on_begun(void *ctx)
{
    struct text *text = ctx;
    const struct generation *generation = text->call->state;
    int begun = 0;
    if (text->has_begun)
        return; /* the stream has begun with the first call for the text, or waits for another one's */
    text->has_begun = true;
    for (int i = 0; i < generation->kind->texts; i++)
        begun += generation->texts[i].has_begun;
    if (begun == generation->kind->texts)
        generation_begin_stream(text->call);
}

/* ---- the model ---- */

static int status_for(enum llm_status status)
{
    return status == LLM_LATE ? 504 : status == LLM_BUSY ? 503 : status == LLM_USED_UP ? 429 : 502;
}

static bool has_all_texts(const struct generation *generation)
{
    int ready = 0;
    for (int i = 0; i < generation->kind->texts; i++)
        ready += generation->texts[i].content != NULL;
    return ready == generation->kind->texts;
}

static uint64_t generation_deadline(const struct call *call)
{
    return call->http->deadline - written_reserve_ms((uint64_t)call->api->config->request_timeout) * NS_PER_MS;
}

/* What the model has answered, or begun to, is paid for, whatever becomes of it. */
static void count_call(struct text *text)
{
    struct generation *generation = text->call->state;
    generation->unit.calls += !text->is_counted;
    text->is_counted = true;
}

static void on_words(void *ctx, const char *words)
{
    struct text *text = ctx;
    struct arena *arena = arena_new(); /* the call's would grow with each word */
    struct buf events = buf_new(arena);
    count_call(text);
    shown_words(&text->shown, words, &events);
    generation_tell(text->call, &events);
    arena_free(arena);
}

static void generation_ask(struct text *text);

static void take_text(struct text *text, const char *content)
{
    struct call *call = text->call;
    const struct generation *generation = call->state;
    struct buf events = buf_new(call->arena);
    const char *wrong;
    uint64_t now = loop_now(call->api->loop), deadline = generation_deadline(call);
    const struct writing writing = {
        .number = ++text->written, .took = now - text->asked, .left = deadline > now ? deadline - now : 0};
    switch (written_judge(&text->brief, content, &writing, &wrong)) {
    case WRITTEN_WELL:
        text->content = arena_strdup(call->arena, content);
        shown_whole(&text->shown, content, &events);
        generation_tell(call, &events);
        if (has_all_texts(generation)) {
            call_got(call, drop_texts);
            generation_store(call);
        }
        return;
    case WRITTEN_AGAIN:
        shown_failed(&text->shown, &events);
        generation_tell(call, &events);
        generation_ask(text);
        return;
    case WRITTEN_BADLY: fail_generation(call, 502, wrong, 0); return;
    }
}

static void on_text(void *ctx, const struct llm_result *result)
{
    struct text *text = ctx;
    struct call *call = text->call;
    text->model = NULL;
    if (result->status == LLM_OK || result->status == LLM_REFUSED)
        count_call(text);
    if (result->status == LLM_OK)
        take_text(text, result->text);
    else
        fail_generation(call, status_for(result->status), result->error, result->retry_after_ms);
}

static void generation_ask(struct text *text)
{
    struct call *call = text->call;
    const struct generation *generation = call->state;
    const struct llm_ask ask = {.brief = &text->brief,
                                .about = generation->about,
                                .deadline = generation_deadline(call),
                                .since = text->begun,
                                .done = on_text,
                                .begun = generation->is_followed ? on_begun : NULL,
                                .words = generation->is_followed ? on_words : NULL,
                                .ctx = text};
    text->is_counted = false;
    text->asked = loop_now(call->api->loop);
    text->model = llm_generate(call->api->llm, &ask);
}

/* ---- the beginning ---- */

static void generation_ask_all(struct call *call, const struct brief *brief)
{
    struct generation *generation = call->state;
    call_wait(call, drop_texts, generation);
    for (int i = 0; i < generation->kind->texts; i++) {
        generation->texts[i] = (struct text){.call = call, .brief = *brief, .begun = loop_now(call->api->loop)};
        generation->texts[i].brief.variant = i + 1;
        generation->texts[i].brief.max_chars = (int)call->api->config->draft_max_len;
        shown_begin(&generation->texts[i].shown, call->arena, generation->kind->labels[i]);
    }
    for (int i = 0; i < generation->kind->texts; i++)
        generation_ask(&generation->texts[i]);
}

static bool read_brief(const struct generation *generation, const char *json, struct arena *arena, struct brief *brief,
                       struct err *err)
{
    const struct generation_wish *wish = &generation->wish;
    bool ok = brief_read(brief, LLM_POST_DRAFT, json, arena, err) &&
              (!wish->voice || brief_speak_as(brief, wish->voice, arena, err));
    if (ok && wish->about)
        brief->about = wish->about;
    return ok;
}

enum { STATUS, BRIEF, RESERVATION, USED, LIMIT }; /* columns of quotas/reserve */

static void on_reserved(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    struct generation *generation = call->state;
    struct brief brief;
    struct err err;
    if (!call_has_rows(call, outcome, rows, false))
        return;
    if (db_number(rows, 0, STATUS) != 200) {
        call_answer_row(call, rows);
        return;
    }
    unit_hold(&generation->unit, call, db_text(rows, 0, RESERVATION));
    generation->units_used = db_number(rows, 0, USED);
    generation->unit_limit = db_number(rows, 0, LIMIT);
    if (!read_brief(generation, db_text(rows, 0, BRIEF), call->arena, &brief, &err)) {
        call->error = arena_strdup(call->arena, err.text);
        call_fail(call, 500, "internal server error");
        return;
    }
    generation_ask_all(call, &brief);
}

void generation_run(struct call *call, const struct generation_kind *kind, const struct generation_wish *wish)
{
    struct generation *generation = call->state = arena_alloc(call->arena, sizeof *generation);
    *generation = (struct generation){.kind = kind, .wish = *wish};
    generation->about.request_id = call->request_id;
    generation->is_followed = call_wants_events(call);
    const char *const params[] = {
        call->user_id,
        wish->persona,
        wish->room,
        kind->quota,
        wish->units_a_day,
        arena_printf(call->arena, "%lld", (long long)call->api->config->request_timeout / 1000 + 1),
        arena_printf(call->arena, "%d", kind->texts),
        arena_printf(call->arena, "%lld", (long long)call->api->config->user_daily_model_calls),
    };
    unit_ask(call, params, on_reserved);
}
