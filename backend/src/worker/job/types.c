#include "worker/job/types.h"

#include "config/job_types.h"
#include "domain/fallback.h"

/* Two types, so that each is paused and counted by itself; statements know them by name. */
#define MAIL(of_kind)                                                                        \
    {                                                                                        \
        .without_model = true,                                                               \
        .mail = (of_kind),                                                                   \
        .brief = {SQL_MAILS_PREPARE, {VALUE_JOB, VALUE_TOKEN, VALUE_USER, VALUE_LINK_HASH}}, \
    }
#define MAX_LEN(setting) .max_len = offsetof(struct config, setting)

static const struct job_work works[] = {
    [JOB_TYPE_GENERATE_REPLY] =
        {
            .operation = LLM_REPLY,
            MAX_LEN(reply_max_len),
            .brief = {SQL_REPLIES_BRIEF, {VALUE_JOB, VALUE_POST, VALUE_PERSONA}},
            .store = {SQL_REPLIES_STORE, {VALUE_PERSONA, VALUE_POST, VALUE_JOB, VALUE_TOKEN, VALUE_TEXT}},
            .watched = VALUE_POST,
        },
    [JOB_TYPE_SUMMARIZE_THREAD] =
        {
            .operation = LLM_THREAD_SUMMARY,
            MAX_LEN(summary_max_len),
            .brief = {SQL_SUMMARIES_BRIEF, {VALUE_JOB, VALUE_POST}},
            .has_basis = true,
            .store = {SQL_SUMMARIES_STORE, {VALUE_POST, VALUE_BASIS, VALUE_TEXT, VALUE_JOB, VALUE_TOKEN}},
            .watched = VALUE_POST,
        },
    [JOB_TYPE_PERSONA_DIGEST] =
        {
            .operation = LLM_ACTIVITY_SUMMARY,
            MAX_LEN(summary_max_len),
            .brief = {SQL_DIGESTS_BRIEF, {VALUE_JOB, VALUE_PERSONA, VALUE_DAY}},
            .has_basis = true,
            .store = {SQL_DIGESTS_STORE,
                      {VALUE_PERSONA, VALUE_DAY, VALUE_TEXT, VALUE_BASIS, VALUE_DEGRADED, VALUE_JOB, VALUE_TOKEN,
                       VALUE_DELAY}},
            .stand_in = digest_fallback,
            .watched = VALUE_PERSONA,
            .stored_msg = "digest_refreshed",
            .failed_msg = "digest_failed",
        },
    [JOB_TYPE_WEEKLY_DIGEST] =
        {
            .without_model = true,
            .brief = {SQL_WEEKLY_BRIEF, {VALUE_JOB, VALUE_USER, VALUE_DAY}},
            .store = {SQL_WEEKLY_STORE,
                      {VALUE_USER, VALUE_DAY, VALUE_TEXT, VALUE_DEGRADED, VALUE_JOB, VALUE_TOKEN, VALUE_DELAY}},
            .watched = VALUE_USER,
            .stored_msg = "digest_refreshed",
            .failed_msg = "digest_failed",
        },
    [JOB_TYPE_RESET_MAIL] = MAIL(MAIL_RESET),
    [JOB_TYPE_VERIFICATION_MAIL] = MAIL(MAIL_VERIFICATION),
};

_Static_assert(COUNT(works) == JOB_TYPES, "each type of jobs has its work");

const struct job_work *job_work_find(const char *type)
{
    const struct job_type *known = job_type_find(type);
    return known ? &works[known - job_types] : NULL;
}

bool job_work_needs_model(const char *type)
{
    const struct job_work *work = job_work_find(type);
    return work && !work->without_model && !work->stand_in;
}
