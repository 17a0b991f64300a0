#include "api/drafts.h"

#include <string.h>

#include "base/clock.h"
#include "domain/content.h"

const struct field draft_fields[] = {
    {.name = "persona_id", .kind = FIELD_UUID, .missing = "persona_id is required", .invalid = "persona_id is invalid"},
    {.kind = FIELD_END},
};

enum {
    CALLER, ROOM, PERSONA, /* as collected: the caller, the path's id, the body's field */
    STORE_MARGIN_MS = 500, /* kept of the request's time, to store and answer in */
    MAX_TRIES = 2,
};

struct draft {
    struct brief brief;
    struct llm_about about;
    const char *caller, *room, *persona, *reservation;
    int tries;

    /* the answer to a failed generation, while the unit goes back */
    int status;
    const char *sentence;
    uint64_t retry_after_ms;
};

/* ---- the end ---- */

/* Not waited for, as something else went wrong with the database: should it fail, the reservation runs out by itself. */
static void give_unit_back(struct call *call)
{
    const struct draft *draft = call->state;
    db_drop(db_query(call->api->db, SQL_QUOTAS_RELEASE, (const char *[]){draft->reservation}, NULL, NULL));
}

static void on_given_back(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    (void)outcome, (void)rows;
    struct call *call = ctx;
    const struct draft *draft = call->state;
    call->query = NULL;
    if (draft->status == 503)
        call_retry_later(call, draft->sentence, draft->retry_after_ms);
    else
        call_fail(call, draft->status, draft->sentence);
}

/* The unit is back before the client hears of the failure: its next request may be the same again. */
static void fail_draft(struct call *call, int status, const char *why, uint64_t retry_after_ms)
{
    struct draft *draft = call->state;
    draft->status = status;
    draft->sentence = status == 504 ? "request timed out" : arena_printf(call->arena, "llm draft failed: %s", why);
    draft->retry_after_ms = retry_after_ms;
    call->error = arena_strdup(call->arena, why);
    call->params[0] = draft->reservation;
    call_query(call, SQL_QUOTAS_RELEASE, on_given_back);
}

static void on_stored(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct call *call = ctx;
    call->query = NULL;
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

static void store(struct call *call, const char *text)
{
    const struct draft *draft = call->state;
    const char *const params[] = {draft->caller, draft->persona, draft->room, draft->reservation, text};
    memcpy(call->params, params, sizeof params);
    call_query(call, SQL_POSTS_STORE_DRAFT, on_stored);
}

/* ---- the model ---- */

static int status_for(enum llm_status status)
{
    return status == LLM_LATE ? 504 : status == LLM_BUSY ? 503 : 502;
}

/* NULL, or why the text can't be a draft of this persona. */
static const char *unfit(const struct call *call, const char *text)
{
    const struct draft *draft = call->state;
    const struct texts *taboo = &draft->brief.persona.do_not_say;
    const char *wrong = content_check(text, (size_t)call->api->config->draft_max_len);
    if (!wrong && content_said(text, taboo->items, taboo->count))
        wrong = "the text has a phrase that the persona never says";
    return wrong;
}

static void generate(struct call *call);

static void on_text(void *ctx, const struct llm_result *result)
{
    struct call *call = ctx;
    struct draft *draft = call->state;
    call->generation = NULL;
    if (result->status != LLM_OK) {
        fail_draft(call, status_for(result->status), result->error, result->retry_after_ms);
        return;
    }
    const char *wrong = unfit(call, result->text);
    if (!wrong) {
        store(call, result->text);
    } else if (draft->tries < MAX_TRIES) {
        generate(call);
    } else {
        fail_draft(call, 502, wrong, 0);
    }
}

static void generate(struct call *call)
{
    struct draft *draft = call->state;
    draft->tries++;
    call->generation = llm_generate(call->api->llm, &draft->brief, &draft->about, call->http->deadline - STORE_MARGIN_MS * NS_PER_MS, on_text, call);
}

/* ---- the beginning ---- */

static void on_reserved(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct call *call = ctx;
    struct draft *draft = call->state;
    struct err err;
    if (!call_has_rows(call, outcome, rows, false))
        return;
    if (db_number(rows, 0, 0) != 200) {
        call_answer_row(call, rows);
        return;
    }
    draft->reservation = arena_strdup(call->arena, db_text(rows, 0, 2));
    if (!brief_read(&draft->brief, LLM_POST_DRAFT, db_text(rows, 0, 1), call->arena, &err)) {
        give_unit_back(call);
        call->error = arena_strdup(call->arena, err.text);
        call_fail(call, 500, "internal server error");
        return;
    }
    draft->brief.variant = 1;
    draft->brief.max_chars = (int)call->api->config->draft_max_len;
    generate(call);
}

void draft_post(struct call *call)
{
    struct draft *draft = call->state = arena_alloc(call->arena, sizeof *draft);
    draft->caller = call->params[CALLER];
    draft->room = call->params[ROOM];
    draft->persona = call->params[PERSONA];
    draft->about.request_id = call->request_id;
    call->param_count = 0;
    call_param(call, draft->caller);
    call_param(call, draft->persona);
    call_param(call, draft->room);
    call_number_param(call, call->api->config->request_timeout / 1000 + 1);
    call_query(call, SQL_POSTS_RESERVE_DRAFT, on_reserved);
}
