/* Times as commands show them. */
#ifndef PW_OPS_SHARED_TIMES_H
#define PW_OPS_SHARED_TIMES_H

#include "base/arena.h"

/* Of whole seconds: "45s", "29m59s", "1h30m", "3d04h". */
const char *times_write(struct arena *, long long seconds);
/* Of something measured: "0.4 ms", "41 ms", "1.25 s", and from a minute on as times_write has it;
 * NaN is "-". */
const char *times_measured(struct arena *, double seconds);

/* Both read a number as Postgres gives it; NULL: `default_text`. What is left is rounded up. */
const char *times_seconds(struct arena *, const char *seconds, const char *default_text);
const char *times_left(struct arena *, const char *ms, const char *default_text);

#endif
