#include "api/http/event_stream.h"
#include "api/live/desk.h"
#include "api/live/desk_parts.h"
#include "base/buf.h"
#include "sys/metrics.h"

static struct metric *streams_open, *events_total[LIVE_KINDS];

void live_desk_metrics(void)
{
    char labels[256];
    streams_open = metric_series(metric_family(METRIC_GAUGE, "streams_open", "Live streams.", NULL), "");
    struct family *f = metric_family(METRIC_COUNTER, "stream_events_total", "Events written to live streams.", NULL);
    for (enum live_kind kind = LIVE_HELLO; kind < LIVE_KINDS; kind++)
        events_total[kind] = metric_series(f, metric_labels(labels, 1, "event", live_names[kind]));
}

uint64_t desk_now(const struct live_desk *desk)
{
    return loop_now(desk->api->loop);
}

/* ---- writing ---- */

void count_open(int step)
{
    metric_shift(streams_open, step);
}

void say_goodbye(struct live_stream *stream, const char *reason, const char *error)
{
    struct arena *arena = arena_new();
    struct buf text = buf_new(arena);
    event_write(&text, live_names[LIVE_BYE], NULL, arena_printf(arena, "{\"reason\":\"%s\"}", reason));
    metric_add(events_total[LIVE_BYE], 1);
    call_events_end_with(stream->call, text.text, text.len, error);
    arena_free(arena);
}

/* A client that is too slow is told so, behind what waits for it. */
bool write_text(struct live_stream *stream, const char *text, size_t len)
{
    stream->quiet_since = desk_now(stream->desk);
    if (call_events_text(stream->call, text, len))
        return true;
    say_goodbye(stream, "slow", "client is too slow");
    return false;
}

bool write_own(struct live_stream *stream, enum live_kind kind, uint64_t n, const char *json)
{
    char id[LIVE_ID_SIZE];
    struct arena *arena = arena_new();
    struct buf text = buf_new(arena);
    live_id_write(id, &(const struct live_id){live_hub_boot(stream->desk->hub), n});
    event_write(&text, live_names[kind], id, json);
    bool ok = write_text(stream, text.text, text.len);
    metric_add(events_total[kind], ok);
    arena_free(arena);
    return ok;
}

bool write_event(struct live_stream *stream, const struct live_event *event)
{
    if (event->n <= stream->last_n)
        return true; /* it happened before the stream began */
    stream->last_n = event->n;
    bool ok = write_text(stream, event->text, event->len);
    metric_add(events_total[event->kind], ok);
    return ok;
}
