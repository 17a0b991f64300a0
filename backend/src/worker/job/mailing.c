#include "worker/job/mailing.h"

#include <string.h>

#include "base/clock.h"
#include "base/mailbox.h"
#include "domain/mail/message.h"
#include "domain/mail/words.h"
#include "domain/written.h"
#include "sys/crypto.h"
#include "sys/log.h"
#include "worker/job/ending.h"
#include "worker/job/types.h"
#include "worker/post_office.h"

static const char no_server[] = "SMTP_URL isn't set";

void mailing_prepare(struct job *job)
{
    char token[TOKEN_SIZE], hash[DIGEST_SIZE];
    random_token(token);
    digest(hash, token);
    job->link_token = arena_strdup(job->arena, token);
    job->values[VALUE_LINK_HASH] = arena_strdup(job->arena, hash);
}

/* A refusal to take this mail won't go away. All else may: a login or a sender that is refused is a
 * wrong setting, which somebody sets right. */
static void mailing_on_reply(void *ctx, const struct smtp_reply *reply)
{
    struct job *job = ctx;
    job->letter = NULL;
    const char *error = reply->status >= 400
                            ? arena_printf(job->arena, "smtp: %s (the server said %d)", reply->problem, reply->status)
                            : arena_printf(job->arena, "smtp: %s", reply->problem ? reply->problem : "");
    switch (reply->outcome) {
    case SMTP_SENT: job_finish(job); return;
    case SMTP_REFUSED: job_fail(job, error); return;
    case SMTP_FAILED: job_retry(job, error, 0); return;
    }
}

static void mailing_send(struct job *job, const char *address, enum language language, const char *link)
{
    char id[UUID_SIZE];
    const struct config *config = job->env->config;
    uint64_t reserve_ms = written_reserve_ms((uint64_t)config->worker_task_timeout);
    random_uuid(id);
    const struct mail mail = {.from = config->mail_from,
                              .to = address,
                              .subject = mail_subject(job->work->mail, language),
                              .body = mail_body(job->arena, job->work->mail, language, link),
                              .id = id,
                              .unix_s = clock_unix_us() / 1000000};
    job->letter = post_office_send(job->env->post, address, mail_message(job->arena, &mail),
                                   job->deadline - reserve_ms * NS_PER_MS, mailing_on_reply, job);
}

/* The only line of a log that has a link. */
static void show_link(struct job *job, const char *link)
{
    log_warn("mail_not_sent", log_int("job_id", job->facts.id), log_str("job_type", job->facts.type),
             log_str("user_id", job->values[VALUE_USER]), log_str("link", link), log_str("error", no_server));
    job_finish(job);
}

void mailing_begin(struct job *job, const char *address, const char *language)
{
    const struct config *config = job->env->config;
    const char *link = mail_link(job->arena, job->work->mail, config->frontend_origin, job->link_token);
    job->phase = JOB_WRITING;
    if (*config->smtp_url && !mail_address_is_fit(address, strlen(address)))
        job_fail(job, "no mail can be sent to the address");
    else if (*config->smtp_url)
        mailing_send(job, address, language && strcmp(language, "tr") == 0 ? LANGUAGE_TR : LANGUAGE_EN, link);
    else if (config->app_env == ENV_PROD)
        job_retry(job, no_server, 0);
    else
        show_link(job, link);
}

bool mailing_waits(const struct job *job)
{
    return job->letter && letter_waits(job->letter);
}

void mailing_drop(struct job *job)
{
    if (job->letter)
        letter_drop(job->letter);
    job->letter = NULL;
}
