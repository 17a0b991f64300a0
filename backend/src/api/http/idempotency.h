/* Idempotency-Key: a request that is repeated with its key has one effect and one answer.
 *
 * A route whose row says `keeps_answer` takes the header. Its request brings a claim along
 * (call.h): each of its writes begins with idempotency/claim, in the same transaction and round
 * trip, and the statement that ends the request keeps its answer with the key (keep_answer in the
 * migrations). So key, effect and answer are there together, or none of them is: whenever a process
 * is killed, a repetition is answered with what was done, or does it. A refusal keeps nothing.
 *
 * A request that waits for the model has two transactions. The first reserves the quota's unit,
 * which holds the key (hold_key); the last keeps the answer. A unit that is given back, in whatever
 * way, gives back its key (quotas/release), and where the process is killed both come back by
 * themselves.
 *
 * A repetition fails in its claim, so nothing of it is done. It is then answered with
 * idempotency/find: the first answer with `Idempotency-Replayed: true`; or 409, for another request
 * with the same key, or, with Retry-After, while the first one runs. What is refused before its
 * statement (a limit, a field, a remix token that has run out meanwhile) is refused as ever.
 *
 * Two requests are the same if path, query and body are, byte by byte: who repeats a request has
 * these bytes. JSON in a canonical form would need rules of its own for numbers and repeated names,
 * and who sends the same in other bytes is told so. A hash of the bytes is stored. A key is one
 * user's on one route.
 *
 * Rows are bounded: each is the effect of a request that was within its route's limit, and none is
 * kept longer than a day. A request without the header has no claim, and pays for a look at a
 * setting (keep_answer).
 */
#ifndef PW_API_HTTP_IDEMPOTENCY_H
#define PW_API_HTTP_IDEMPOTENCY_H

#include "api/http/answer.h"

/* The refusals, as contracts have them. */
#define IDEMPOTENCY_MALFORMED "invalid idempotency key: send one, of 1 to 128 of the characters A-Z a-z 0-9 . _ -"
#define IDEMPOTENCY_ANSWERS       \
    "400 " IDEMPOTENCY_MALFORMED  \
    " | "                         \
    "409 " IDEMPOTENCY_KEY_IN_USE \
    " | "                         \
    "409 idempotency key was used for another request"

/* Gives the call its claim where it has the header; returns NULL or the sentence of a 400. */
const char *idempotency_read(struct call *);

#endif
