/* Texts by the model within a request, paid for with a unit of a persona's quota.
 *
 * The unit is reserved first. No connection is held while the model writes. Several texts are
 * generated at the same time; a text that fails the check is generated once more. Storing is tried
 * again while the database is away and the request lasts. After a failure the unit is given back
 * before the call is answered; a client that leaves cancels the model's calls.
 *
 * A client that prefers an event stream follows the words as they come (api/model/shown.h), behind
 * the event `start {persona_id, quota {used, limit}}`. The stream begins when the model is asked
 * for all texts: what is refused before is a plain answer, and then come `done` or `error`
 * (api/http/event_stream.h). */
#ifndef PW_API_MODEL_GENERATION_H
#define PW_API_MODEL_GENERATION_H

#include "api/http/call.h"

enum { MAX_GENERATIONS = 2 };

struct generation_kind {
    const char *quota;                   /* the unit's quota_type; failures are `llm <quota> failed: …` */
    int status;                          /* of what goes well */
    int texts;                           /* variants 1 to this many, at most MAX_GENERATIONS */
    const char *labels[MAX_GENERATIONS]; /* of each in a stream; NULL: there is one */
    /* its row is the answer: $1 caller $2 persona $3 room $4 reservation then the texts, then
     * units_a_day */
    enum sql store;
};

/* What is asked for; the texts live as long as the call. */
struct generation_wish {
    const char *persona, *room;
    const char *units_a_day; /* NULL: the persona's draft quota */
    const char *about;       /* NULL: anything */
    const char *voice;       /* fields that the persona has for this once, as JSON; NULL: its own */
};

/* Answers the call. */
void generation_run(struct call *, const struct generation_kind *, const struct generation_wish *);

#endif
