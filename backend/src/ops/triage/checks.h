/* Triage's judgement: each check of deploy/runbook.toml, applied to what was seen. Looks at
 * nothing by itself. */
#ifndef PW_OPS_TRIAGE_CHECKS_H
#define PW_OPS_TRIAGE_CHECKS_H

#include "ops/triage/look.h"
#include "runbook.h"

enum check_status { CHECK_OK, CHECK_FINDING, CHECK_UNKNOWN };

/* What stands for a {placeholder} of the check's commands; several with one name make a command
 * each. */
struct placeholder {
    const char *name, *text;
};

enum { PLACEHOLDERS_MAX = 8 };

struct verdict {
    enum check_status status;
    /* with figures; what wasn't looked at, or what it follows from, where unknown */
    const char *evidence;
    struct placeholder placeholders[PLACEHOLDERS_MAX];
    int placeholder_count;
};

/* One verdict for each of runbook_checks, in its order. What only follows from another finding
 * is unknown, not a finding of its own. */
void triage_judge(const struct look *, struct verdict verdicts[static RUNBOOK_CHECKS]);

/* The check's commands, filled in; ends with NULL. A placeholder that nobody can know stays as a
 * word in capitals: ADDRESS. */
const char *const *triage_commands(struct arena *, const struct runbook_check *, const struct verdict *);

#endif
