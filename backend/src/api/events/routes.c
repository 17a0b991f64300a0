#include "api/events/routes.h"

#include <string.h>

#include "api/account/me.h"
#include "api/events/batches.h"
#include "api/guard/rate_key.h"
#include "api/http/answer.h"
#include "api/http/client.h"
#include "api/http/route.h"
#include "base/buf.h"
#include "domain/event_fields.h"
#include "sys/db/json.h"

static void drop_event(void *event)
{
    events_drop(event);
}

/* False: the event is lost, as too many wait. */
static bool record_and_wait(struct call *call, const struct event_facts *facts, db_done *done)
{
    struct event *event = events_record(call->api->events, facts, done, call);
    if (event)
        call_wait(call, drop_event, event);
    return event != NULL;
}

/* ---- answers with an event ---- */

static void on_act_recorded(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    (void)outcome, (void)rows;
    struct call *call = ctx;
    call_got(call, drop_event);
    call_answer(call, 200, call->state);
}

void events_answer_recorded(struct call *call, const char *metadata, const char *json)
{
    const struct event_facts facts = {.name = call->route->event, .metadata = metadata, .user_id = call->user_id};
    call->state = arena_strdup(call->arena, json);
    if (!record_and_wait(call, &facts, on_act_recorded))
        call_answer(call, 200, call->state);
}

enum { VIEW_WAIT_MS = 100 };

struct view {
    struct call *call;
    loop_fn *answer;
};

static void on_view_recorded(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    (void)outcome, (void)rows;
    struct view *view = ctx;
    call_got(view->call, drop_event);
    view->answer(view->call);
}

/* False: the event is lost, as too many wait. */
static bool record_view_and_wait(struct call *call, const struct event_facts *facts, loop_fn *answer)
{
    struct view *view = arena_alloc(call->arena, sizeof *view);
    *view = (struct view){.call = call, .answer = answer};
    struct event *event = events_record(call->api->events, facts, on_view_recorded, view);
    if (!event)
        return false;
    call_wait(call, drop_event, event);
    call_after(call, VIEW_WAIT_MS, answer);
    return true;
}

void events_record_view(struct call *call, const char *metadata, loop_fn *answer)
{
    const struct event_facts facts = {.name = call->route->event, .metadata = metadata, .user_id = call->user_id};
    if (!events_are_behind(call->api->events))
        events_record_aside(call->api->events, &facts);
    else if (record_view_and_wait(call, &facts, answer))
        return;
    answer(call);
}

/* ---- the summary for administrators ---- */

const char *events_summary(struct call *call)
{
    struct buf names = buf_new(call->arena);
    for (const char *const *name = event_names; *name; name++)
        buf_printf(&names, "%s%s", name == event_names ? "{" : ",", *name);
    buf_str(&names, "}");
    call_param(call, me_admin_emails(call->api->config));
    call_param(call, names.text);
    return NULL;
}

/* ---- POST /events ---- */

const struct field event_fields[] = {
    {.name = "event_name", .kind = FIELD_TEXT, .missing = unsupported_event},
    {.name = "metadata", .kind = FIELD_OBJECT, .default_text = "{}"},
    {.kind = FIELD_END},
};

static const char accepted[] = "{\"ok\":true}";

static void event_on_recorded(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct call *call = ctx;
    call_got(call, drop_event);
    if (outcome == DB_OK)
        call_answer(call, 202, accepted);
    else
        call_fail_db(call, outcome, rows, true);
}

/* A UUID made of a hash: who reads the events learns no address. A customer of IPv6 may have a
 * network of 48 bits, and would count anew with each of 64 bits in it. */
static const char *client_uuid(struct call *call)
{
    const char *wide = client_wider_network(call->http, 48);
    const char *who = arena_printf(call->arena, "voter %s", wide ? wide : client_network(call->http));
    struct rate_key key = rate_key_of(call->api->config->jwt_secret, who);
    return arena_printf(call->arena, "%08x-%04x-%04x-%04x-%012llx", (unsigned)(key.high >> 32),
                        (unsigned)(key.high >> 16 & 0xffff), (unsigned)(key.high & 0xffff), (unsigned)(key.low >> 48),
                        (unsigned long long)key.low & 0xffffffffffffULL);
}

static void record_for_client(struct call *call, const char *name, const char *metadata)
{
    const struct event_facts facts = {
        .name = name, .metadata = metadata, .user_id = call->user_id, .client = client_uuid(call)};
    if (!record_and_wait(call, &facts, event_on_recorded))
        call_busy(call, "events");
}

void events_post(struct call *call)
{
    const char *name = event_name(call_field(call, "event_name"));
    const char *metadata = event_metadata(call_field(call, "metadata"), call->arena);
    if (!name)
        call_fail(call, 400, unsupported_event);
    else if (strlen(metadata) > EVENT_METADATA_MAX)
        call_fail(call, 400, "metadata is too large");
    else if (event_is_clients(name))
        record_for_client(call, name, metadata);
    else
        call_answer(call, 202, accepted);
}
