/* What triage says of its look: for a person, or as one JSON object. */
#ifndef PW_OPS_TRIAGE_REPORT_H
#define PW_OPS_TRIAGE_REPORT_H

#include "ops/triage/checks.h"

/* for people: the most likely cause first, with its remedy */
void triage_print_screen(const struct look *, const struct verdict verdicts[static RUNBOOK_CHECKS]);
/* for programs: one JSON object */
void triage_print_json(const struct look *, const struct verdict verdicts[static RUNBOOK_CHECKS]);

#endif
