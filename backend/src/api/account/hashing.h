/* A new password's hash, for a call, and whose turn work on passwords is. */
#ifndef PW_API_ACCOUNT_HASHING_H
#define PW_API_ACCOUNT_HASHING_H

#include "api/http/call.h"
#include "sys/passwords.h"

struct turn_origin hashing_origin(struct call *); /* the client's network: networks take turns */

typedef void hashing_done(struct call *, const char *hash);
/* Hashes the password, then runs `done` on the call's loop. Where there is no room for the work, or
 * it fails, the call is answered instead. */
void hashing_start(struct call *, enum password_lane, const char *password, hashing_done *done);

#endif
