/* Values in PostgreSQL's binary formats as JSON. The formats are those of the types' send functions
 * (PostgreSQL, src/backend/utils/adt: uuid_send, timestamptz_send, array_send, …). Pure; for
 * sys/db/json.c alone. */
#ifndef PW_SYS_DB_JSON_VALUE_H
#define PW_SYS_DB_JSON_VALUE_H

#include "base/base.h"

enum {
    JSON_LONGEST_ESCAPE = 6, /* \u001f */
    JSON_BESIDE_TEXT = 64,   /* room for any value that isn't text, and for what stands beside one */
};

/* Writes the value of `type` (an OID of pg_type) and returns where it ends. The room at `out` is at
 * least JSON_LONGEST_ESCAPE * len + JSON_BESIDE_TEXT. Text has to be UTF-8, as the server sends it.
 * No NUL is written. */
char *json_value(char *out, unsigned type, const char *value, size_t len);

/* A date or a time without an end, which JSON has no word for. */
bool json_is_infinite(unsigned type, const char *value);

/* The microseconds since 1970 of a timestamptz; INT64_MAX from the year 294247 on. */
int64_t json_unix_us(const char *value);

/* An int4, an int8, or a timestamptz in microseconds since 1970; a time without an end is an end of
 * int64_t. */
int64_t json_number(unsigned type, const char *value);

#endif
