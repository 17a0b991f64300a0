/* Who changes an account says its password again: a token alone, found on a machine that was left
 * open, must not be enough. */
#ifndef PW_API_ACCOUNT_CONFIRM_H
#define PW_API_ACCOUNT_CONFIRM_H

#include "api/http/call.h"
#include "domain/fields.h"

/* The account whose password was confirmed. A statement that changes it compares the hash: the
 * password may have been changed meanwhile. */
struct confirmed {
    const char *email, *hash;
};

typedef void confirmed_fn(struct call *, const struct confirmed *);

/* Checks the caller's password and calls done(call, account), or answers: 403 `wrong password`,
 * which counts as a failed login, and all that a login may answer. NULL is a wrong password. Uses
 * call->state until then. */
void confirm_password(struct call *, const char *password, confirmed_fn *done);

#endif
