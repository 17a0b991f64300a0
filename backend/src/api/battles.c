#include "api/battles.h"

#include <string.h>

#include "api/remix.h"
#include "base/text.h"
#include "domain/battle.h"
#include "sys/log.h"

const struct field battle_fields[] = {
    {.name = "topic", .kind = FIELD_TEXT, .max = BATTLE_TOPIC_MAX, .too_long = "topic must be <= 180 chars"},
    {.name = "template_id", .kind = FIELD_UUID, .invalid = "template id is invalid"},
    {.name = "remix_token", .kind = FIELD_TEXT},
    {.name = "pro_style", .kind = FIELD_TEXT},
    {.name = "con_style", .kind = FIELD_TEXT},
    {.kind = FIELD_END},
};

enum { CALLER, ROOM, TOPIC, TEMPLATE_ID, REMIX_TOKEN, PRO_STYLE, CON_STYLE }; /* as collected */
enum { STATUS, BODY, ENQUEUED, TEMPLATE_USED, BATTLE_REMIXED };               /* columns */

static void log_notified(const struct call *call, const struct db_rows *rows, int column, const char *type)
{
    if (db_number(rows, 0, column) > 0)
        log_info("notification_created", log_str("type", type), log_str("request_id", call->request_id));
}

static void on_created(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct call *call = ctx;
    const struct remix *remix = call->state;
    if (!call_has_rows(call, outcome, rows, true))
        return;
    if (db_number(rows, 0, STATUS) == 201 && remix->battle)
        remix_forget(call);
    if (db_number(rows, 0, ENQUEUED) > 0)
        call_wake_worker(call);
    log_notified(call, rows, TEMPLATE_USED, "template_used");
    log_notified(call, rows, BATTLE_REMIXED, "battle_remixed");
    call_answer_row(call, rows);
}

/* The request's own words, else the token's, else ours. */
static const char *first_of(const char *given, const char *remixed, const char *default_text)
{
    return given ? given : remixed ? remixed : default_text;
}

void battles_create(struct call *call)
{
    struct remix *remix = call->state = arena_alloc(call->arena, sizeof *remix);
    const char *const *given = call->params;
    const char *wrong = given[REMIX_TOKEN] ? remix_read(call, given[REMIX_TOKEN], given[ROOM], remix) : NULL;
    const char *topic = text_preview(call->arena, first_of(given[TOPIC], remix->topic, ""), SIZE_MAX);
    const char *pro = battle_style(call->arena, first_of(given[PRO_STYLE], remix->pro_style, "Bold and practical"));
    const char *con =
        battle_style(call->arena, first_of(given[CON_STYLE], remix->con_style, "Skeptical and evidence-first"));
    wrong = wrong ? wrong : battle_check(topic, pro, con);
    if (wrong) {
        call_fail(call, 400, wrong);
        return;
    }
    const char *const params[] = {given[CALLER], given[ROOM],        topic,           pro,
                                  con,           given[TEMPLATE_ID], remix->template, remix->battle};
    call->param_count = COUNT(params);
    memcpy(call->params, params, sizeof params);
    call_number_param(call, call->api->config->draft_max_len);
    call_param(call, call->request_id);
    call_query(call, SQL_BATTLES_CREATE, on_created);
}

const char *battles_add_origin(struct call *call)
{
    call_param(call, call->api->config->frontend_origin);
    return NULL;
}
