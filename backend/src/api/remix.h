/* Remixing: a client gets a token for a battle, and a new battle with this token is a remix of the
 * first.
 *
 * The token lasts 30 minutes, is bound to its room, and may be used more than once: each use is a
 * battle. The API reads only the field remix_token. The cookie pw_remix_intent keeps the token for
 * the pages during a sign-up; if the API read it, a plain battle made later would count as a remix.
 */
#ifndef PW_API_REMIX_H
#define PW_API_REMIX_H

#include "api/http/call.h"

enum { REMIX_TOKEN_MAX = 8192 }; /* code points; the longest has under 4,000 */

struct remix { /* NULL where the token had none */
    const char *battle, *room, *topic, *pro_style, *con_style, *template;
};

/* NULL, or the sentence of a 400: "invalid remix_token", "remix_token does not match room".
 * Texts live in the call's arena. */
const char *remix_read(struct call *, const char *token, const char *room, struct remix *) MUST_CHECK;

void remix_forget(struct call *); /* clears the cookie with the answer */

void remix_begin(struct call *); /* POST /battles/{id}/remix-intent */

#endif
