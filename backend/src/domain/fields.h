/* A body is a table of fields: one walker reads JSON into a row of statement parameters and has
 * every message from the table.
 *
 * It refuses what isn't one JSON object in valid UTF-8, more values than FIELDS_VALUES_MAX, unknown
 * and repeated names, wrong types and NULs; it trims texts and counts code points. `null` and "" in
 * an optional field mean absent. Numbers follow RFC 7493: 1e3 and 1000.0 are the integer 1000.
 * Where the table has no message, it is "<name> is invalid".
 */
#ifndef PW_DOMAIN_FIELDS_H
#define PW_DOMAIN_FIELDS_H

#include "base/arena.h"

enum { FIELDS_VALUES_MAX = 1000 }; /* in one body, in lists and objects, too */

enum field_kind {
    FIELD_END,
    FIELD_TEXT,      /* parameter: the trimmed text */
    FIELD_RAW_TEXT,  /* not trimmed, not counted: passwords. min and max are bytes */
    FIELD_TEXT_LIST, /* parameter: a JSON list of trimmed texts, blank ones dropped */
    FIELD_INTEGER,   /* parameter: decimal digits */
    FIELD_BOOLEAN,   /* parameter: "true" or "false" */
    FIELD_UUID,
    /* parameter: the object as JSON; whole numbers may have got a point (5.0). With `members`:
     * those that are there and not null, as their rows have read them */
    FIELD_OBJECT,
    /* parameter: a Postgres array literal {…}; blank ones dropped; NULL where the list is
     * missing or empty */
    FIELD_UUID_LIST,
    FIELD_NUMBER_LIST, /* ids from 1 on; parameter: a Postgres array literal */
};

struct field {
    const char *name;
    enum field_kind kind;
    /* texts: code points after trimming; integers: value. max 0: no bound (the body's own limit
     * holds) */
    int64_t min, max;
    int64_t item_max; /* lists: code points of one item */
    /* lists: this many items after dropping blank ones; 0: at most `max` */
    int64_t exactly;
    /* required: the sentence where it is absent, blank or shorter than `min`; NULL: optional */
    const char *missing;
    /* a text, or an item of a list, over its bound; an integer over `max`, where that has a
     * sentence of its own */
    const char *too_long;
    const char *wrong_count;  /* a list's count */
    const char *out_of_range; /* integers, and texts that are not one of `choices` */
    const char *invalid;      /* ids: "persona_id is invalid" */
    /* given, but nothing in it except white space; NULL: a text counts as absent then */
    const char *only_blank;
    const char *const *choices; /* ends with NULL */
    const char *default_text;   /* the parameter of an absent optional field; NULL: SQL null */
    /* objects: what they may have, no lists of UUIDs; a required one may be left out, but isn't
     * blank. NULL: anything */
    const struct field *members;
};

/* Reads `body` by the table. One parameter per field, in the table's order, into params (arena
 * or static). An empty body counts as {}. NULL on success, else the sentence for the client
 * (arena or static). */
const char *fields_read(const struct field *, const char *body, size_t len, struct arena *,
                        const char **params) MUST_CHECK;
int fields_count(const struct field *);

#endif
