#include "api/model/shown.h"

#include <string.h>

#include "api/http/event_stream.h"

void shown_begin(struct shown *shown, struct arena *arena, const char *label)
{
    *shown = (struct shown){.label = label, .text = buf_new(arena)};
}

/* {"label":"AI Preview 1","delta":"Two words"} */
static void add_event(const struct shown *shown, const char *name, const char *member, const char *value,
                      struct buf *events)
{
    struct arena *arena = arena_new();
    struct buf json = buf_new(arena);
    buf_str(&json, "{");
    if (shown->label) {
        buf_str(&json, "\"label\":");
        buf_json(&json, shown->label);
        buf_str(&json, ",");
    }
    buf_printf(&json, "\"%s\":", member);
    buf_json(&json, value);
    buf_str(&json, "}");
    event_write(events, name, NULL, json.text);
    arena_free(arena);
}

/* Where nothing was shown, nothing is void. */
static void restart(struct shown *shown, const char *reason, struct buf *events)
{
    if (shown->text.len == 0)
        return;
    shown->text.len = 0;
    shown->text.text[0] = '\0';
    add_event(shown, "restart", "reason", reason, events);
}

static void add_words(struct shown *shown, const char *words, struct buf *events)
{
    if (!*words)
        return;
    buf_str(&shown->text, words);
    add_event(shown, "text", "delta", words, events);
}

void shown_words(struct shown *shown, const char *words, struct buf *events)
{
    if (words)
        add_words(shown, words, events);
    else
        restart(shown, "retry", events);
}

void shown_failed(struct shown *shown, struct buf *events)
{
    restart(shown, "check", events);
}

void shown_whole(struct shown *shown, const char *text, struct buf *events)
{
    if (strncmp(text, shown->text.text, shown->text.len) != 0)
        restart(shown, "cut", events);
    add_words(shown, text + shown->text.len, events);
}

void shown_so_far(const struct shown *shown, struct buf *events)
{
    if (shown->text.len > 0)
        add_event(shown, "text", "delta", shown->text.text, events);
}
