/* The JSON that an API statement answers with. Two kinds of statements have one:
 * - a statement without heads gives one row, `status, body`, whose body Postgres wrote;
 * - a statement of parts gives plain rows in Postgres's binary formats, and this module writes.
 *
 * A part is a SELECT below a head that says where its rows go (sql.h):
 * - `verdict`: no row means 200; a row `status, sentence` is a refusal, and nothing else counts.
 *   It may come with members of the answer itself, as `.` does, which a null status allows: one
 *   part less is a fifth of what a quick read costs. Its first columns are then `_status` and
 *   `_error`;
 * - `posts[]`: a list, an object a row. With `page of $3 by created_at, id` one more row than a
 *   page has is asked for; it isn't shown, and says that there are more. `next_cursor` is then
 *   "<microseconds since 1970>-<id>" of the last row shown, else "";
 * - `post`: an object, which is left out where there is no row;
 * - `.`: members of the answer itself.
 *
 * A column is a member of its name; `template.id` is the member `id` of the object `template`,
 * whose columns stand together. A null is left out, and so is an object that has nothing else. A
 * column whose name begins with `_` isn't shown. Forms by type: uuid, text, enums and date are
 * strings; timestamptz is RFC 3339 in UTC with six digits; int2, int4, int8 and float8 are numbers
 * (NaN and infinities: null); bool; json and jsonb are copied; text[] is a list of strings. No
 * other type may come: tests/contract/test_parts.py holds each statement against its shape.
 */
#ifndef PW_SYS_DB_JSON_H
#define PW_SYS_DB_JSON_H

#include "sys/db/rows.h"

/* The answer's HTTP status; 0 where the statement gave none, which is its mistake. */
int db_answer_status(const struct db_rows *);

/* The answer's JSON, or its sentence where the status is 400 or more, and its length. It lives as
 * long as the arena. NULL where the statement gave none, which is its mistake. */
const char *db_answer_body(struct db_rows *, struct arena *, size_t *len);

/* The column `name` of the first row of the part that has it, a text, an enum or json: for a
 * handler that looks at what it answers, or for a column that isn't shown. Valid during the
 * callback. NULL for SQL null, and where no row has it. */
const char *db_column(const struct db_rows *, const char *name);

/* ---- a part's rows, for a handler that answers with those of several statements ---- */

struct db_part {
    struct pg_result *result; /* valid during the callback */
};

/* The part of that name. A name that the statement lacks is a mistake in the program and ends
 * it. */
struct db_part db_part(const struct db_rows *, const char *name);
int db_part_count(struct db_part); /* rows */
/* its place, for the two below; -1: the part has no such column */
int db_part_column(struct db_part, const char *column);
/* Each row as an object, as db_answer_body writes it; they live as long as the arena. */
const char *const *db_part_objects(struct db_part, struct arena *);
/* A text, valid during the callback; NULL for SQL null. */
const char *db_part_text(struct db_part, int row, int column);
/* A number, or a timestamptz in microseconds since 1970, the ends of time being those of int64_t; 0
 * for SQL null. */
int64_t db_part_number(struct db_part, int row, int column);

#endif
