/* Rate limits by fixed windows: a key's window begins with its first event and ends a fixed time
 * later. Pure: time is a parameter, in milliseconds.
 *
 * A table holds at most `capacity` keys. When it is full, a new key takes the place of the one
 * whose window began first. A forgotten key begins a new window, so a flood of keys makes limits
 * looser for some, never stricter for anybody. Windows that are over make room first. A table
 * touches 40 bytes of memory for each key of the largest number that it held at one time.
 *
 * A table is for one kind of event: windows of one length end in the order in which they began. It
 * isn't safe for several threads.
 */
#ifndef PW_DOMAIN_RATE_H
#define PW_DOMAIN_RATE_H

#include "base/base.h"

struct rate_key { /* a good hash of who and what */
    uint64_t high, low;
};

struct rate_rule {
    int64_t count; /* at least 1 */
    int64_t window_ms;
};

struct rate_state {
    bool allowed;
    int64_t left; /* events that the window still has room for */
    /* until the window is over, at least 1; the whole window where none has begun */
    int64_t resets_ms;
};

struct rate_table;

/* room for so many clients; ends the process where there is no memory */
struct rate_table *rate_table_new(uint32_t capacity);
void rate_table_free(struct rate_table *); /* NULL is fine */

/* Counts an event, unless the window is full. A time that steps back a little doesn't begin a
 * window anew. */
struct rate_state rate_take(struct rate_table *, struct rate_key, const struct rate_rule *, int64_t now_ms);

/* What rate_take would say, without counting. */
struct rate_state rate_look(const struct rate_table *, struct rate_key, const struct rate_rule *, int64_t now_ms);

uint32_t rate_table_keys(const struct rate_table *); /* how many it remembers */

#endif
