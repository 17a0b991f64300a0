/* Times of whole seconds as commands show them: "45s", "29m59s", "1h30m", "3d04h". */
#ifndef PW_OPS_SHARED_TIMES_H
#define PW_OPS_SHARED_TIMES_H

#include "base/arena.h"

const char *times_write(struct arena *, long long seconds); /* a time of whole seconds */

/* Both read a number as Postgres gives it; NULL: `default_text`. What is left is rounded up. */
const char *times_seconds(struct arena *, const char *seconds, const char *default_text);
const char *times_left(struct arena *, const char *ms, const char *default_text);

#endif
