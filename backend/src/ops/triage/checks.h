/* Triage's judgement: each check of deploy/runbook.toml, applied to what was seen. Looks at
 * nothing by itself. */
#ifndef PW_OPS_TRIAGE_CHECKS_H
#define PW_OPS_TRIAGE_CHECKS_H

#include "ops/triage/look.h"
#include "ops/triage/verdict.h"
#include "runbook.h"

/* One verdict for each of runbook_checks, in its order. What only follows from another finding
 * is unknown, not a finding of its own. */
void triage_judge(const struct look *, struct verdict verdicts[static RUNBOOK_CHECKS]);

/* The places of the findings, most likely cause first; gives their number. */
int triage_findings(const struct verdict verdicts[static RUNBOOK_CHECKS], int order[static RUNBOOK_CHECKS]);

/* The check's commands where the look was taken from, filled in; ends with NULL. A placeholder that
 * nobody can know stays as a word in capitals: ADDRESS. */
const char *const *triage_commands(const struct look *, const struct runbook_check *, const struct verdict *);

#endif
