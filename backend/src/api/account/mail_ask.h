/* What statements need that ask for mails. */
#ifndef PW_API_ACCOUNT_MAIL_ASK_H
#define PW_API_ACCOUNT_MAIL_ASK_H

#include "api/http/call.h"

/* Mails to an address are counted under this key, so that who reads the counts learns none. */
const char *mail_asks_key(struct call *);

/* Adds what a statement needs that may ask for the mail that verifies an address: the key of the
 * counts of mails, or null where no mail is sent without being asked for, and the request's id. */
void mail_add_ask(struct call *);
void mail_wake_worker(struct call *); /* after such a statement */

#endif
