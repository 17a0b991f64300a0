/* Sessions: where somebody is logged in. A session begins with a login or a sign-up, its tokens
 * name it, and it lives as long as its latest token, until it is ended. */
#ifndef PW_API_ACCOUNT_SESSION_H
#define PW_API_ACCOUNT_SESSION_H

#include "api/http/call.h"
#include "sys/tokens.h"

/* the default of sessions.expires_at says the same */
enum { SESSION_TOKEN_LIFETIME_S = 24 * 3600 };

/* the keys of all tokens, by the settings */
struct token_keys session_keys(const struct config *);

/* Whether the token is good and its session not ended. Sets the call's user and session; both ""
 * where it isn't. */
bool session_read(struct call *, const char *token) MUST_CHECK;

/* The client's User-Agent, as sessions show it; "" where there is none that can be shown. */
const char *session_user_agent(struct call *);

/* A new token of the session, in the arena. */
const char *session_token(struct call *, const char *user_id, const char *session_id);
/* Answers with it: {token, user_id}. */
void session_answer(struct call *, int status, const char *user_id, const char *session_id);
/* Begins a session of the user, if the password's hash is still the one that was checked, and
 * answers with its token. Both texts live as long as the call. */
void session_begin(struct call *, const char *user_id, const char *password_hash);

void session_logout(struct call *);  /* POST /auth/logout */
void session_refresh(struct call *); /* POST /auth/refresh */

#endif
