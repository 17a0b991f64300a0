#include "api/http/event_stream.h"

#include <string.h>

#include "api/http/answer.h"
#include "sys/http/accept.h"
#include "sys/http/stream.h"

static const char too_slow[] = "client is too slow";
static const char events_type[] = "text/event-stream; charset=utf-8";

bool call_wants_events(const struct call *call)
{
    const char *accept = http_header_list(call->http, "Accept");
    struct accepted events = accept_of(accept, "text/event-stream"), json = accept_of(accept, "application/json");
    return events.range == ACCEPT_NAMED && events.weight > 0 && events.weight >= json.weight;
}

/* A proxy that gathers an answer would hold the events back. */
static bool begin(struct call *call, int status)
{
    call_add_answer_headers(call, status);
    http_add_header(call->http, "X-Accel-Buffering", "no");
    call->streamed = status;
    return http_stream_begin(call->http, status, events_type);
}

/* The envelope ends with its brace, which goes behind what is added. */
static const char *error_event(struct call *call, int status, const char *envelope, size_t len)
{
    struct buf json = buf_new(call->arena);
    buf_add(&json, envelope, len - 1);
    buf_printf(&json, ",\"status\":%d", status);
    if (call->retry_after_s)
        buf_printf(&json, ",\"retry_after\":%llu", (unsigned long long)call->retry_after_s);
    buf_str(&json, "}");
    return json.text;
}

static void end_with_answer(struct call *call, int status, const char *body, size_t len)
{
    bool is_good = status < 400;
    const char *json = is_good ? arena_copy(call->arena, body, len) : error_event(call, status, body, len);
    call->end_stream = NULL;
    call->streamed = status;
    bool is_told = call_event(call, is_good ? "done" : "error", NULL, json);
    call_events_end(call, is_told ? call->error : too_slow);
}

bool call_events_begin(struct call *call, int status)
{
    bool is_open = begin(call, status);
    if (is_open)
        call->end_stream = end_with_answer;
    return is_open;
}

bool call_events_begin_long(struct call *call, int status)
{
    http_stream_for_long(call->http);
    call->is_long = true;
    call_count(call, status);
    return begin(call, status);
}

void event_write(struct buf *text, const char *name, const char *id, const char *json)
{
    buf_printf(text, "event: %s\n", name);
    if (id)
        buf_printf(text, "id: %s\n", id);
    buf_str(text, "data: ");
    size_t at = text->len;
    buf_str(text, json);
    for (; at < text->len; at++)
        if (text->text[at] == '\n' || text->text[at] == '\r')
            text->text[at] = ' ';
    buf_str(text, "\n\n");
}

bool call_events_text(struct call *call, const char *text, size_t len)
{
    return http_stream_add(call->http, text, len);
}

bool call_event(struct call *call, const char *name, const char *id, const char *json)
{
    struct arena *arena = arena_new(); /* the call's would grow with each event */
    struct buf text = buf_new(arena);
    event_write(&text, name, id, json);
    bool is_added = call_events_text(call, text.text, text.len);
    arena_free(arena);
    return is_added;
}

void call_events_end_with(struct call *call, const char *text, size_t len, const char *error)
{
    call->error = error;
    call_stop_waiting(call);
    http_stream_end_with(call->http, text, len);
}

void call_events_end(struct call *call, const char *error)
{
    call_events_end_with(call, "", 0, error);
}

void call_events_ended(struct call *call, bool answered)
{
    call_stop_waiting(call);
    if (!answered && !call->error)
        call->error = "client left";
    int status = answered || call->is_long ? call->streamed : CLIENT_LEFT;
    if (!call->is_long)
        call_count(call, status);
    call_log(call, status);
}
