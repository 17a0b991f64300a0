/* One JSON object a line on stdout. Any thread may log; a thread of its own writes, so that a
 * slow or full pipe never stops the service: lines that don't fit into the buffer are dropped
 * and counted (`log_lines_dropped_total`).
 *
 * Message names are snake_case and stable: operators grep them. User text, secrets and tokens
 * never go into a field.
 *
 *     log_info("job_completed", log_int("job_id", id), log_str("job_type", type));
 */
#ifndef PW_SYS_LOG_H
#define PW_SYS_LOG_H

#include "base/base.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_field {
    const char *name;
    enum { LOG_FIELD_NONE, LOG_FIELD_TEXT, LOG_FIELD_INT, LOG_FIELD_MS } kind;
    const char *text;
    int64_t number;
};

/* clang-format off */
/* a text; left out where NULL or "" */
#define log_str(key, value) ((struct log_field){.name = (key), .kind = LOG_FIELD_TEXT, .text = (value)})
/* a number */
#define log_int(key, value) ((struct log_field){.name = (key), .kind = LOG_FIELD_INT, .number = (int64_t)(value)})
/* nanoseconds, shown as milliseconds */
#define log_ms(key, ns) ((struct log_field){.name = (key), .kind = LOG_FIELD_MS, .number = (int64_t)(ns)})
/* an id; left out where 0 */
#define log_id(key, value) \
    ((struct log_field){.name = (key), .kind = (value) ? LOG_FIELD_INT : LOG_FIELD_NONE, .number = (int64_t)(value)})

#define LOG_FIELDS(...) ((const struct log_field[]){__VA_ARGS__ __VA_OPT__(,) {.name = NULL}})
/* clang-format on */

#define log_debug(msg, ...) log_write(LOG_DEBUG, msg, LOG_FIELDS(__VA_ARGS__))
#define log_info(msg, ...) log_write(LOG_INFO, msg, LOG_FIELDS(__VA_ARGS__))
#define log_warn(msg, ...) log_write(LOG_WARN, msg, LOG_FIELDS(__VA_ARGS__))
#define log_error(msg, ...) log_write(LOG_ERROR, msg, LOG_FIELDS(__VA_ARGS__))

/* before the first line; starts the writing thread */
void log_start(const char *service);
/* info until then; before other threads run */
void log_set_level(enum log_level least);
/* writes what is left, for at most a second */
void log_stop(void);
/* fields end with a NULL name */
void log_write(enum log_level, const char *msg, const struct log_field *fields);

#endif
