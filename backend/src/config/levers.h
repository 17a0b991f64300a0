/* Levers: settings that an operator changes while the program runs, for all processes at once
 * (`personaworlds settings`; docs/LEVERS.md).
 *
 * The table in levers.c gives each lever a setting of config.c, whose kind, bounds and words the
 * lever has. Any setting may become a lever but a TEXT and a FRACTION, whose values don't fit into
 * the one number that a lever is, and those that may be negative, as -1 stands for "not set". The
 * pauses come from the table of job types. The values in force belong to the
 * process: any thread reads them at any time, without a lock; service/lever_watch.c alone writes
 * them. Where a lever isn't set, the configured value is in force.
 */
#ifndef PW_CONFIG_LEVERS_H
#define PW_CONFIG_LEVERS_H

#include "config/config.h"
#include "config/job_types.h"

enum lever {
    LEVER_LLM_PROVIDER,
    LEVER_LLM_MAX_CONCURRENCY,
    LEVER_LLM_DAILY_TOKENS,
    LEVER_RATE_PUBLIC_READ,
    LEVER_RATE_PUBLIC_WRITE,
    LEVER_RATE_EVENTS,
    LEVER_RATE_AUTH,
    LEVER_RATE_LOGIN_FAILURE,
    LEVER_RATE_STREAM_OPEN,
    LEVER_RATE_BATTLE_CREATE,
    LEVER_RATE_TEMPLATE_CREATE,
    LEVER_RATE_PERSONA_WRITE,
    LEVER_RATE_REPLY_REQUEST,
    LEVER_RATE_SUMMARY,
    LEVER_RATE_SUMMARY_ALL,
    LEVER_RATE_LLM,
    LEVER_RATE_ACCOUNT,
    LEVER_RATE_EXPORT,
    LEVER_RATE_FORGOT,
    LEVER_RATE_VERIFICATION,
    LEVER_RATE_SEARCH,
    LEVER_JOB_RETRY_BASE,
    LEVER_JOB_RETRY_MAX,
    LEVER_WORKER_CONCURRENCY,
    /* From here on the pauses, one for each row of job_types, in their order. The queue's
     * statements obey the pauses; a process needs their names, and logs their changes. */
    LEVER_PAUSES,
    LEVERS = LEVER_PAUSES + JOB_TYPES
};

/* The value in force, else `configured`: milliseconds for durations, `enum provider` for
 * providers. */
int64_t lever_value(enum lever, int64_t configured);
struct rate lever_rate(enum lever, struct rate configured);
bool lever_is_set(enum lever); /* whether a value of an operator is in force */

/* ---- the table ---- */

const char *lever_key(enum lever);  /* "llm.provider" */
const char *lever_help(enum lever); /* what it does, for `settings list` and docs/LEVERS.md */
bool lever_find(const char *key, enum lever *lever) MUST_CHECK; /* by its key */
bool lever_is_pause(enum lever);                                /* whether the lever pauses a job type */
enum lever lever_pause(enum job_type_id);                       /* the lever that pauses the type */

/* ---- values, as one number whatever their kind ---- */

enum { LEVER_TEXT = 128 };
/* the value is never negative; false: `err` says what it must be */
bool lever_parse(enum lever, const char *text, int64_t *value, struct err *err) MUST_CHECK;
/* as an operator would write it; returns `out` or a constant text, as do the bounds */
const char *lever_format(enum lever, int64_t value, char out[static LEVER_TEXT]);
const char *lever_bounds(enum lever, char out[static LEVER_TEXT]);
int64_t lever_configured(enum lever, const struct config *);
int64_t lever_default(enum lever); /* as the program has it; 0 where there is none */

bool lever_is_rate(enum lever); /* a count within a time */
/* the number of a rate, and the rate of such a number */
int64_t lever_pack(struct rate);
struct rate lever_unpack(int64_t value);

void lever_set(enum lever, int64_t value); /* puts a value of lever_parse in force, for all threads */
void lever_clear(enum lever);              /* unsets it: the configured value is in force again */

#endif
