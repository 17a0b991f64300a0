/* A job that sends a mail: the link is made when the mail is sent, so its token is in the mail and
 * nowhere else. An attempt that is made again makes another link.
 *
 * Belongs to the worker's loop.
 */
#ifndef PW_WORKER_JOB_MAILING_H
#define PW_WORKER_JOB_MAILING_H

#include "worker/job/job.h"

void mailing_prepare(struct job *); /* before the brief: VALUE_LINK_HASH */

/* Sends the mail and ends the attempt. Without SMTP_URL the link goes to the log, outside prod.
 * `language` may be NULL: it isn't known. */
void mailing_begin(struct job *, const char *address, const char *language);

bool mailing_waits(const struct job *); /* the mail waits for its turn: nothing was tried yet */
void mailing_drop(struct job *);        /* the mail is given up, if there is one */

#endif
