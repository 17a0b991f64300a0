#include "base/duration.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool duration_read(const char *text, int64_t *ms)
{
    static const struct {
        const char *name;
        double ms;
    } units[] = {{"ms", 1}, {"s", SECOND}, {"m", MINUTE}, {"h", HOUR}};
    double total = 0;
    do {
        char *end;
        if (!isdigit((unsigned char)*text))
            return false;
        double number = strtod(text, &end); /* also takes 0x10 and 1e3, which are no durations */
        if (end != text + strspn(text, "0123456789."))
            return false;
        size_t len = strspn(end, "hms");
        size_t unit = 0;
        while (unit < COUNT(units) && (strlen(units[unit].name) != len || strncmp(end, units[unit].name, len) != 0))
            unit++;
        if (unit == COUNT(units) || !isfinite(number))
            return false;
        total += number * units[unit].ms;
        text = end + len;
    } while (*text);
    if (total > 1e15)
        return false;
    *ms = llround(total);
    return true;
}

int duration_write(char *out, size_t size, int64_t ms)
{
    static const struct {
        int64_t ms;
        const char *name;
    } units[] = {{HOUR, "h"}, {MINUTE, "m"}, {SECOND, "s"}, {1, "ms"}};
    size_t unit = 0;
    while (ms == 0 ? unit < COUNT(units) - 1 : ms % units[unit].ms != 0)
        unit++;
    return snprintf(out, size, "%lld%s", (long long)(ms / units[unit].ms), units[unit].name);
}
