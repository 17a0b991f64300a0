/* Sign-up and login: accounts by e-mail and password. */
#ifndef PW_API_AUTH_H
#define PW_API_AUTH_H

#include "api/http/call.h"
#include "domain/fields.h"

extern const struct field signup_fields[]; /* email, password, share_slug */
extern const char auth_password_length[];  /* the sentence about a new password's length */
extern const struct field login_fields[];  /* email, password */

/* POST /auth/signup: hashes the password, then makes the account and its session */
void auth_signup(struct call *);
void auth_login(struct call *); /* POST /auth/login: checks the password, then gives a session */

/* whom failed logins are counted for by LIMIT_LOGIN_FAILURE: the account of the address, which may
 * be written in any way, from the client's network */
const char *auth_place(struct call *, const char *email);
/* Log lines about one account have one mark, which tells nobody the address. */
void auth_mark_account(struct call *, const char *email);
/* The account knows the client's network from now on, as after a login. */
void auth_note_network(struct call *, const char *user_id);
/* NULL, or why an account may not have the password: the sentence of a 400 */
const char *auth_password_problem(struct call *, const char *password);

#endif
