/* Sign-up and login: accounts by e-mail and password. */
#ifndef PW_API_AUTH_H
#define PW_API_AUTH_H

#include "api/http/call.h"
#include "domain/fields.h"

extern const struct field signup_fields[]; /* email, password, share_slug */
extern const struct field login_fields[];  /* email, password */

/* POST /auth/signup: hashes the password, then makes the account and its session */
void auth_signup(struct call *);
void auth_login(struct call *); /* POST /auth/login: checks the password, then gives a session */

#endif
