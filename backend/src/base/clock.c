#include "base/clock.h"

#include <stdio.h>
#include <time.h>

uint64_t clock_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

int64_t clock_unix_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Each thread caches the calendar of the current second, as every log line needs it. */
void rfc3339_from_us(char out[static RFC3339_SIZE], int64_t unix_us)
{
    static _Thread_local time_t known = -1;
    static _Thread_local char text[32];
    time_t second = (time_t)(unix_us / 1000000);
    if (second != known) {
        struct tm tm;
        gmtime_r(&second, &tm);
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
        known = second;
    }
    snprintf(out, RFC3339_SIZE, "%.19s.%06dZ", text, (int)((uint64_t)unix_us % 1000000u));
}
