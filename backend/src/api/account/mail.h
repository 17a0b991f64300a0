/* What people do by mail: verify their address, set a new password. A request only asks for a mail;
 * a job of the worker's sends it. */
#ifndef PW_API_ACCOUNT_MAIL_H
#define PW_API_ACCOUNT_MAIL_H

#include "api/http/call.h"
#include "domain/fields.h"

extern const struct field forgot_fields[];     /* email */
extern const struct field reset_fields[];      /* token, password */
extern const struct field mail_token_fields[]; /* token */

void mail_ask_verification(struct call *);  /* POST /me/verify */
const char *mail_hash_token(struct call *); /* POST /auth/verify: the statement gets the hash */
void mail_ask_reset(struct call *);         /* POST /auth/forgot: 100 ms, known or not */
void mail_reset(struct call *);             /* POST /auth/reset */

#endif
