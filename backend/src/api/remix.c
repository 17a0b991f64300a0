#include "api/remix.h"

#include <string.h>
#include <strings.h>

#include "api/account/session.h"
#include "api/events/routes.h"
#include "api/http/answer.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "domain/battle.h"

enum { TOKEN_LIFETIME_S = 30 * 60 };
enum { BATTLE, ROOM, TOPIC, PRO_STYLE, CON_STYLE, TEMPLATE, CLAIMS };

static const char purpose[] = "remix";
static const char *const claim_names[CLAIMS] = {
    [BATTLE] = "battle",       [ROOM] = "room",           [TOPIC] = "topic",
    [PRO_STYLE] = "pro_style", [CON_STYLE] = "con_style", [TEMPLATE] = "template",
};

static int64_t now_s(void)
{
    return clock_unix_us() / 1000000;
}

/* ---- the token ---- */

const char *remix_read(struct call *call, const char *token, const char *room, struct remix *remix)
{
    struct claim claims[CLAIMS];
    for (int i = 0; i < CLAIMS; i++)
        claims[i] = (struct claim){.name = claim_names[i]};
    const struct token_keys keys = session_keys(call->api->config);
    const struct claims wanted = {.purpose = purpose, .list = claims, .count = CLAIMS};
    if (!claims_read(call->arena, token, &keys, now_s(), &wanted) || !claims[ROOM].value)
        return "invalid remix_token";
    if (strcasecmp(claims[ROOM].value, room) != 0)
        return "remix_token does not match room";
    *remix = (struct remix){claims[BATTLE].value,    claims[ROOM].value,      claims[TOPIC].value,
                            claims[PRO_STYLE].value, claims[CON_STYLE].value, claims[TEMPLATE].value};
    return NULL;
}

static char *make_token(struct call *call, const struct remix *remix, int64_t expires_s)
{
    const char *const values[CLAIMS] = {
        [BATTLE] = remix->battle,       [ROOM] = remix->room,           [TOPIC] = remix->topic,
        [PRO_STYLE] = remix->pro_style, [CON_STYLE] = remix->con_style, [TEMPLATE] = remix->template,
    };
    struct claim claims[CLAIMS];
    for (int i = 0; i < CLAIMS; i++)
        claims[i] = (struct claim){.name = claim_names[i], .value = values[i]};
    const struct token_keys keys = session_keys(call->api->config);
    return claims_make(call->arena, &keys, &(struct claims){.purpose = purpose, .list = claims, .count = CLAIMS},
                       expires_s);
}

/* ---- the cookie ---- */

static void set_cookie(struct call *call, const char *token, int lifetime_s)
{
    const struct config *config = call->api->config;
    bool secure = config->secure_cookies || config->app_env == ENV_PROD;
    const char *cookie = arena_printf(call->arena, "pw_remix_intent=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Lax%s",
                                      token, lifetime_s, secure ? "; Secure" : "");
    http_add_header(call->http, "Set-Cookie", cookie);
}

void remix_forget(struct call *call)
{
    set_cookie(call, "", 0);
}

/* ---- the intent ---- */

enum { STATUS, BODY, EVENT_METADATA, BATTLE_ID, ROOM_ID, ROOM_NAME, CONTENT, TEMPLATE_ID, SUGGESTED };

static char *style_of(struct arena *arena, const char *content, const char *label, const char *default_text)
{
    const char *style = battle_line(arena, content, label);
    return battle_style(arena, style ? style : default_text);
}

static struct remix remix_of(struct call *call, const struct db_rows *rows)
{
    const char *content = db_text(rows, 0, CONTENT);
    const char *topic = battle_topic(call->arena, content, db_text(rows, 0, ROOM_NAME));
    return (struct remix){
        .battle = db_text(rows, 0, BATTLE_ID),
        .room = db_text(rows, 0, ROOM_ID),
        /* so that it can be the remix's topic */
        .topic = text_preview(call->arena, topic, BATTLE_TOPIC_MAX),
        .pro_style = style_of(call->arena, content, "pro style", "Bold, practical, concise"),
        .con_style = style_of(call->arena, content, "con style", "Skeptical, evidence-first, concise"),
        .template = db_text(rows, 0, TEMPLATE_ID),
    };
}

static void add_member(struct buf *json, const char *name, const char *value)
{
    buf_printf(json, ",\"%s\":", name);
    buf_json(json, value);
}

static const char *intent_json(struct call *call, const struct db_rows *rows, const struct remix *remix,
                               const char *token, int64_t expires_s)
{
    struct buf json = buf_new(call->arena);
    char expires[RFC3339_SIZE];
    rfc3339_from_us(expires, expires_s * 1000000);
    buf_printf(&json, "{\"battle_id\":\"%s\",\"room_id\":\"%s\"", remix->battle, remix->room);
    add_member(&json, "room_name", db_text(rows, 0, ROOM_NAME));
    add_member(&json, "topic", remix->topic);
    add_member(&json, "pro_style", remix->pro_style);
    add_member(&json, "con_style", remix->con_style);
    buf_printf(&json, ",\"suggested_templates\":%s", db_text(rows, 0, SUGGESTED));
    add_member(&json, "remix_token", token);
    add_member(&json, "remix_token_expires", expires);
    buf_printf(&json, ",\"target_create_route\":\"/rooms/%s/battles\",\"target_battle_source\":\"%s\"}", remix->room,
               remix->battle);
    return json.text;
}

static void on_source(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (!call_has_rows(call, outcome, rows, false))
        return;
    if (db_number(rows, 0, STATUS) != 200) {
        call_answer_row(call, rows);
        return;
    }
    int64_t expires_s = now_s() + TOKEN_LIFETIME_S;
    struct remix remix = remix_of(call, rows);
    const char *token = make_token(call, &remix, expires_s);
    set_cookie(call, token, TOKEN_LIFETIME_S);
    events_answer_recorded(call, db_text(rows, 0, EVENT_METADATA), intent_json(call, rows, &remix, token, expires_s));
}

void remix_begin(struct call *call)
{
    call_query(call, SQL_BATTLES_SOURCE, on_source);
}
