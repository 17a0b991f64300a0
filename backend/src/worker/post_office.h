/* Sends mails by SMTP_URL, each in a thread of its own, as talking to a mail server blocks
 * (sys/curl/smtp.h). 16 at a time; the others wait in their order, as many as there are jobs.
 *
 * Belongs to the worker's loop.
 */
#ifndef PW_WORKER_POST_OFFICE_H
#define PW_WORKER_POST_OFFICE_H

#include "config/config.h"
#include "sys/curl/smtp.h"
#include "sys/loop.h"

struct post_office;
struct letter;

/* NULL: a server is set, but there is no libcurl. */
struct post_office *post_office_open(struct loop *, const struct config *, struct err *err) MUST_CHECK;
/* Mails under way are given up, within a second or so. NULL is fine. */
void post_office_close(struct post_office *);

/* Sends a message (domain/mail/message.h), copied, to an address that is fit, by the deadline (loop
 * time, ns). done(ctx, reply) is called from the loop, once. Only where SMTP_URL is set. */
struct letter *post_office_send(struct post_office *, const char *to, const char *message, uint64_t deadline,
                                smtp_done *done, void *ctx);
bool letter_waits(const struct letter *); /* nothing of it was sent yet */
void letter_drop(struct letter *);        /* done won't come; the server may still get the mail */

#endif
