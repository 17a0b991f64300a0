/* What a command may set a lever to, so that it takes pressure off whatever is in force. */
#ifndef PW_OPS_TRIAGE_PRESSURE_H
#define PW_OPS_TRIAGE_PRESSURE_H

#include "ops/triage/look.h"

/* The command with its {tighter} or {longer}, behind the lever's key, filled in: a quarter of the
 * least of what is in force, four times the most. Where the lever can't be set so, or nobody knows
 * it, it stays as a word in capitals. Without such a placeholder: the command itself. */
const char *pressure_filled(const struct look *, const char *command);

/* Whether the placeholder, with its braces, is one of these. */
bool pressure_is(const char *placeholder);

#endif
