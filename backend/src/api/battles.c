#include "api/battles.h"

#include <string.h>

#include "api/http/answer.h"
#include "api/remix.h"
#include "base/text.h"
#include "domain/battle.h"
#include "service/live_tell.h"
#include "sys/log.h"

const struct field battle_fields[] = {
    {.name = "topic", .kind = FIELD_TEXT, .max = BATTLE_TOPIC_MAX, .too_long = "topic must be <= 180 chars"},
    {.name = "template_id", .kind = FIELD_UUID, .invalid = "template id is invalid"},
    {.name = "remix_token", .kind = FIELD_TEXT, .max = REMIX_TOKEN_MAX, .too_long = "invalid remix_token"},
    {.name = "pro_style", .kind = FIELD_TEXT},
    {.name = "con_style", .kind = FIELD_TEXT},
    {.kind = FIELD_END},
};

enum { STATUS, BODY, ENQUEUED, TEMPLATE_USED, BATTLE_REMIXED, NOTIFIED }; /* columns */

static void log_notified(const struct call *call, const struct db_rows *rows, int column, const char *type)
{
    if (db_number(rows, 0, column) > 0)
        log_info("notification_created", log_str("type", type), log_str("request_id", call->request_id));
}

static void tell_notified(const struct call *call, const struct db_rows *rows)
{
    const char *users = db_text(rows, 0, NOTIFIED);
    for (const char *at = users; at && *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        live_tell_user(call->api->tell, arena_copy(call->arena, at, len));
        at += len;
    }
}

static void on_created(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    const struct remix *remix = call->state;
    if (!call_has_rows(call, outcome, rows, true))
        return;
    if (db_number(rows, 0, STATUS) == 201 && remix->battle)
        remix_forget(call);
    if (db_number(rows, 0, ENQUEUED) > 0)
        call_wake_worker(call);
    log_notified(call, rows, TEMPLATE_USED, "template_used");
    log_notified(call, rows, BATTLE_REMIXED, "battle_remixed");
    tell_notified(call, rows);
    call_answer_row(call, rows);
}

/* The request's text, else the remix token's, else the default. */
static const char *words_for(const struct call *call, const char *field, const char *remixed, const char *default_text)
{
    const char *given = call_field(call, field);
    return given ? given : remixed ? remixed : default_text;
}

static const char *style_for(const struct call *call, const char *field, const char *remixed, const char *default_text)
{
    return battle_style(call->arena, words_for(call, field, remixed, default_text));
}

void battles_create(struct call *call)
{
    struct remix *remix = call->state = arena_alloc(call->arena, sizeof *remix);
    const char *room = call->ids[0], *token = call_field(call, "remix_token");
    const char *wrong = token ? remix_read(call, token, room, remix) : NULL;
    const char *topic = text_one_line(call->arena, words_for(call, "topic", remix->topic, ""));
    const char *pro = style_for(call, "pro_style", remix->pro_style, "Bold and practical");
    const char *con = style_for(call, "con_style", remix->con_style, "Skeptical and evidence-first");
    wrong = wrong ? wrong : battle_check(topic, pro, con);
    if (wrong) {
        call_fail(call, 400, wrong);
        return;
    }
    const char *const params[] = {
        call->user_id,
        room,
        topic,
        pro,
        con,
        call_field(call, "template_id"),
        remix->template,
        remix->battle,
        arena_printf(call->arena, "%lld", (long long)call->api->config->draft_max_len),
        call->request_id,
        arena_printf(call->arena, "%lld", (long long)call->api->config->user_daily_model_calls),
    };
    call_query_with(call, SQL_BATTLES_CREATE, params, on_created);
}

const char *battles_add_origin(struct call *call)
{
    call_param(call, call->api->config->frontend_origin);
    return NULL;
}
