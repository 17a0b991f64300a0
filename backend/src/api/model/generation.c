#include "api/model/generation.h"

#include <string.h>

#include "api/http/answer.h"
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
 *        │         │
 *        │         └── fails for good ──> give the unit back ──> 502, 503, 504
 *        v
 *   store <── STORE_AGAIN_MS, while the database is away and the request lasts
 *        │
 *        └──> the statement's answer; the unit goes back if surely nothing was stored
 */
struct text {
    struct call *call;
    struct brief brief;
    struct llm_call *model; /* under way; NULL: none is */
    int written;            /* texts so far */
    int answered;           /* calls that the model has answered, with a text or a refusal */
    uint64_t begun, asked;  /* loop time: when the first text was asked for, and the last one */
    const char *content;    /* NULL until it passed the check */
};

struct generation {
    const struct generation_kind *kind;
    const char *persona, *room, *reservation, *units_a_day;
    struct llm_about about;
    struct text texts[MAX_GENERATIONS];

    /* the answer to a failure, while the unit goes back */
    int status;
    const char *sentence;
    uint64_t retry_after_ms;
};

/* ---- the end ---- */

/* What the model has answered is paid for, whatever became of it. */
static const char *calls_made(struct call *call)
{
    const struct generation *generation = call->state;
    int made = 0;
    for (int i = 0; i < generation->kind->texts; i++)
        made += generation->texts[i].answered;
    return arena_printf(call->arena, "%d", made);
}

/* The call doesn't wait for this statement, as another one has failed already. If this one fails,
 * too, the reservation expires. */
static void give_unit_back(struct call *call)
{
    const struct generation *generation = call->state;
    db_tell(call->api->db, SQL_QUOTAS_RELEASE, (const char *[]){generation->reservation, calls_made(call)});
}

static void on_given_back(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    (void)outcome, (void)rows;
    const struct generation *generation = call->state;
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
    call_stop_waiting(call); /* for the other texts */
    const char *const params[] = {generation->reservation, calls_made(call)};
    call_query_with(call, SQL_QUOTAS_RELEASE, params, on_given_back);
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

static void on_stored(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (try_again_later(call, outcome, rows))
        return;
    if (outcome != DB_OK) {
        if (outcome != DB_LOST) /* lost: it may be stored, and then the unit is used */
            give_unit_back(call);
        call_fail_db(call, outcome, rows, true);
        return;
    }
    if (db_number(rows, 0, 0) >= 400)
        give_unit_back(call);
    call_answer_row(call, rows);
}

static void generation_store(struct call *call)
{
    const struct generation *generation = call->state;
    const char *params[5 + MAX_GENERATIONS] = {call->user_id, generation->persona, generation->room,
                                               generation->reservation};
    int count = 4;
    for (int i = 0; i < generation->kind->texts; i++)
        params[count++] = generation->texts[i].content;
    params[count] = generation->units_a_day;
    call_query_with(call, generation->kind->store, params, on_stored);
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

static void drop_texts(void *ctx)
{
    struct generation *generation = ctx;
    for (int i = 0; i < generation->kind->texts; i++)
        if (generation->texts[i].model)
            llm_drop(generation->texts[i].model);
}

static uint64_t generation_deadline(const struct call *call)
{
    return call->http->deadline - written_reserve_ms((uint64_t)call->api->config->request_timeout) * NS_PER_MS;
}

static void generation_ask(struct text *text);

static void take_text(struct text *text, const char *content)
{
    struct call *call = text->call;
    const char *wrong;
    uint64_t now = loop_now(call->api->loop), deadline = generation_deadline(call);
    const struct writing writing = {
        .number = ++text->written, .took = now - text->asked, .left = deadline > now ? deadline - now : 0};
    switch (written_judge(&text->brief, content, &writing, &wrong)) {
    case WRITTEN_WELL:
        text->content = arena_strdup(call->arena, content);
        if (has_all_texts(call->state)) {
            call_got(call, drop_texts);
            generation_store(call);
        }
        return;
    case WRITTEN_AGAIN: generation_ask(text); return;
    case WRITTEN_BADLY: fail_generation(call, 502, wrong, 0); return;
    }
}

static void on_text(void *ctx, const struct llm_result *result)
{
    struct text *text = ctx;
    struct call *call = text->call;
    text->model = NULL;
    text->answered += result->status == LLM_OK || result->status == LLM_REFUSED;
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
                                .ctx = text};
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
        generation_ask(&generation->texts[i]);
    }
}

static void on_reserved(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    struct generation *generation = call->state;
    struct brief brief;
    struct err err;
    if (!call_has_rows(call, outcome, rows, false))
        return;
    if (db_number(rows, 0, 0) != 200) {
        call_answer_row(call, rows);
        return;
    }
    generation->reservation = arena_strdup(call->arena, db_text(rows, 0, 2));
    if (!brief_read(&brief, LLM_POST_DRAFT, db_text(rows, 0, 1), call->arena, &err)) {
        give_unit_back(call);
        call->error = arena_strdup(call->arena, err.text);
        call_fail(call, 500, "internal server error");
        return;
    }
    generation_ask_all(call, &brief);
}

void generation_run(struct call *call, const struct generation_kind *kind, const char *persona, const char *room,
                    const char *units_a_day)
{
    struct generation *generation = call->state = arena_alloc(call->arena, sizeof *generation);
    *generation = (struct generation){.kind = kind, .persona = persona, .room = room, .units_a_day = units_a_day};
    generation->about.request_id = call->request_id;
    const char *const params[] = {
        call->user_id,
        persona,
        room,
        kind->quota,
        units_a_day,
        arena_printf(call->arena, "%lld", (long long)call->api->config->request_timeout / 1000 + 1),
        arena_printf(call->arena, "%d", kind->texts),
        arena_printf(call->arena, "%lld", (long long)call->api->config->user_daily_model_calls),
    };
    call_query_with(call, SQL_QUOTAS_RESERVE, params, on_reserved);
}
