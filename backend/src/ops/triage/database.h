/* The part of triage's look that is the database's: one session, one round trip for all
 * questions (backend/sql/triage). */
#ifndef PW_OPS_TRIAGE_DATABASE_H
#define PW_OPS_TRIAGE_DATABASE_H

#include "ops/triage/look.h"

/* Fills in `look->database`. Takes 5 s at most. */
void look_at_database(struct look *);

#endif
