/* Clocks and time as text. */
#ifndef PW_BASE_CLOCK_H
#define PW_BASE_CLOCK_H

#include "base/base.h"

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)

uint64_t clock_ns(void);     /* monotonic, for measuring and deadlines */
int64_t clock_unix_us(void); /* wall clock, microseconds since 1970 */

/* "2026-11-23T20:15:00.123456Z": RFC 3339 in UTC with microseconds. */
enum { RFC3339_SIZE = 28 };
void rfc3339_from_us(char out[static RFC3339_SIZE], int64_t unix_us);

#endif
