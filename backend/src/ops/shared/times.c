#include "ops/shared/times.h"

#include <math.h>
#include <stdlib.h>

const char *times_write(struct arena *arena, long long s)
{
    enum { MINUTE = 60, HOUR = 3600, DAY = 24 * HOUR };
    if (s >= DAY)
        return arena_printf(arena, "%lldd%02lldh", s / DAY, s % DAY / HOUR);
    if (s >= HOUR)
        return arena_printf(arena, "%lldh%02lldm", s / HOUR, s % HOUR / MINUTE);
    return s >= MINUTE ? arena_printf(arena, "%lldm%02llds", s / MINUTE, s % MINUTE) : arena_printf(arena, "%llds", s);
}

const char *times_measured(struct arena *arena, double seconds)
{
    enum { MINUTE = 60 };
    const double most = 1e15;
    if (isnan(seconds))
        return "-";
    if (seconds == 0)
        return "0 s";
    if (seconds < 1)
        return arena_printf(arena, seconds < 0.01 ? "%.1f ms" : "%.0f ms", seconds * 1000);
    if (seconds < MINUTE)
        return arena_printf(arena, seconds < 10 ? "%.2f s" : "%.1f s", seconds);
    return times_write(arena, llround(fmin(seconds, most)));
}

const char *times_seconds(struct arena *arena, const char *seconds, const char *default_text)
{
    return seconds ? times_write(arena, strtoll(seconds, NULL, 10)) : default_text;
}

const char *times_left(struct arena *arena, const char *ms, const char *default_text)
{
    return ms ? times_write(arena, (strtoll(ms, NULL, 10) + 999) / 1000) : default_text;
}
