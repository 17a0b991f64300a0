/* Which servers have just refused what was wanted of them (target_session_attrs), known to all
 * connections of the process: a login costs a server milliseconds, and while nobody is primary each
 * connection looks for who is. Any thread. For sys/db/dial.c alone. */
#ifndef PW_SYS_DB_REFUSALS_H
#define PW_SYS_DB_REFUSALS_H

#include "base/base.h"

enum { REFUSAL_MS = 200 }; /* for so long nobody asks again */

/* The server, by its label (hosts_label), has refused it just now. `why` lives as long as the
 * process. */
void refusal_note(const char *server, const char *wanted, const char *why);
/* Why, where it did so less than REFUSAL_MS ago; else NULL. */
const char *refusal_lately(const char *server, const char *wanted);

#endif
