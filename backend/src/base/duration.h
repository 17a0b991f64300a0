/* Durations as people write them, in milliseconds: "400ms", "15s", "10m", "168h", also "1h30m" and
 * "1.5s". */
#ifndef PW_BASE_DURATION_H
#define PW_BASE_DURATION_H

#include "base/base.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (3600 * SECOND)

/* False: the text is no duration, or is one of more than thirty thousand years. */
bool duration_read(const char *text, int64_t *ms) MUST_CHECK;
/* writes `ms` in the largest unit that divides it; returns the text's length */
int duration_write(char *out, size_t size, int64_t ms);

#endif
