#include "api/live/event.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/http/event_stream.h"

const char *const live_names[LIVE_KINDS] = {"hello",        "reply",  "pending", "summary", "thread", "gone",
                                            "notification", "unread", "digest",  "feed",    "reset",  "bye"};

/* ---- keys ---- */

static unsigned digit_of(char c)
{
    return (unsigned)(isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10);
}

struct live_key live_key_of(int kind, const char *uuid)
{
    struct live_key key = {.kind = (unsigned char)kind};
    int digits = 0;
    for (const char *at = uuid; *at && digits < 32; at++)
        if (*at != '-') {
            key.bytes[digits / 2] = (unsigned char)(key.bytes[digits / 2] << 4 | digit_of(*at));
            digits++;
        }
    return key;
}

void live_key_write(char out[static UUID_SIZE], const struct live_key *key)
{
    size_t at = 0;
    for (int i = 0; i < 16; i++)
        at += (size_t)snprintf(out + at, UUID_SIZE - at, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x",
                               key->bytes[i]);
}

bool live_keys_equal(const struct live_key *one, const struct live_key *other)
{
    return memcmp(one, other, sizeof *one) == 0;
}

/* ---- ids ---- */

void live_id_write(char out[static LIVE_ID_SIZE], const struct live_id *id)
{
    snprintf(out, LIVE_ID_SIZE, "%08" PRIx32 ".%" PRIu64, id->boot, id->n);
}

/* As live_id_write writes it, and nothing else. */
bool live_id_read(const char *text, struct live_id *id)
{
    enum { BOOT_DIGITS = 8, NUMBER_DIGITS_MAX = 18 };
    char again[LIVE_ID_SIZE];
    size_t digits = strlen(text) > BOOT_DIGITS ? strspn(text + BOOT_DIGITS + 1, "0123456789") : 0;
    if (digits == 0 || digits > NUMBER_DIGITS_MAX)
        return false;
    id->boot = (uint32_t)strtoul(text, NULL, 16);
    id->n = strtoull(text + BOOT_DIGITS + 1, NULL, 10);
    live_id_write(again, id);
    return strcmp(again, text) == 0;
}

/* ---- events ---- */

struct live_event *live_event_new(enum live_kind kind, const struct live_id *id, const struct live_key *about,
                                  const char *json)
{
    char id_text[LIVE_ID_SIZE];
    struct arena *arena = arena_new();
    struct buf text = buf_new(arena);
    live_id_write(id_text, id);
    event_write(&text, live_names[kind], id_text, json);
    struct live_event *event = must_alloc(sizeof *event + text.len);
    *event = (struct live_event){.holders = 1, .kind = kind, .n = id->n, .about = *about, .len = text.len};
    memcpy(event->text, text.text, text.len);
    arena_free(arena);
    return event;
}

struct live_event *live_event_hold(struct live_event *event)
{
    atomic_fetch_add(&event->holders, 1);
    return event;
}

void live_event_release(struct live_event *event)
{
    if (atomic_fetch_sub(&event->holders, 1) == 1)
        free(event);
}
