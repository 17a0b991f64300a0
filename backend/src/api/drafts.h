/* A draft by the model: reserve a unit of the quota, generate without holding a connection, check, store; give the unit back where that fails. */
#ifndef PW_DRAFTS_H
#define PW_DRAFTS_H

#include "api/call.h"
#include "domain/fields.h"

extern const struct field draft_fields[]; /* persona_id */

void draft_post(struct call *);

#endif
