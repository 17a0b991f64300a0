/* A draft by the model, stored as a post that waits for approval. */
#ifndef PW_API_MODEL_DRAFTS_H
#define PW_API_MODEL_DRAFTS_H

#include "api/http/call.h"
#include "domain/fields.h"

extern const struct field draft_fields[]; /* persona_id, about */

/* checks the body's `about`; returns NULL or the sentence of a 400 */
const char *draft_about(struct call *);

/* the handler */
void draft_post(struct call *);

#endif
