/* What an account is known by and opened with: an e-mail address and a password. Pure. */
#ifndef PW_DOMAIN_ACCOUNT_H
#define PW_DOMAIN_ACCOUNT_H

#include "base/arena.h"

enum { EMAIL_MAX_BYTES = 254, PASSWORD_MIN_BYTES = 8, PASSWORD_MAX_BYTES = 1024 };

/* The address as an account has it: ASCII letters in lower case, all others as written. To fold
 * more would make one address of two that belong to different people ("K" of Kelvin and "k"). */
char *account_email(struct arena *, const char *written);

/* The address in lower case in every script, as accounts made before had it. All spellings that can
 * lead to one account have this in common. */
char *account_email_folded(struct arena *, const char *written);

/* Whether an account may be made with the address: it has an @, 254 bytes at most, and no character
 * that people can't see. */
bool account_email_is_fit(const char *email);

/* Whether the password is one that everybody tries: one of the 10,000 most common ones in any case,
 * or one character again and again. */
bool account_password_is_common(struct arena *, const char *password);

#endif
