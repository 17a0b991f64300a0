/* Personas: what the statements of their routes need beside the body (`prepare` of route.h). */
#ifndef PW_API_PERSONAS_H
#define PW_API_PERSONAS_H

#include "api/http/call.h"

/* The quotas are within MAX_DRAFT_QUOTA and MAX_REPLY_QUOTA, else 400. */
const char *personas_quotas(struct call *);
/* The same for a new persona; adds the default quotas, and how many personas a user may have. */
const char *personas_new(struct call *);

#endif
