#include "sys/http/accept.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char blanks[] = " \t";

/* The next `stop`, or the end; within quotes there is none. */
static const char *part_end(const char *at, const char *end, char stop)
{
    bool quoted = false;
    for (; at < end && (quoted || *at != stop); at++) {
        if (quoted && *at == '\\' && at + 1 < end)
            at++;
        else if (*at == '"')
            quoted = !quoted;
    }
    return at;
}

/* "0", "0.5", "1.000" as thousandths; -1: it is none of these. */
static int read_weight(const char *at, size_t len)
{
    static const int steps[] = {1000, 0, 100, 10, 1};
    int weight = 0;
    if (len == 0 || len > COUNT(steps) || (at[0] != '0' && at[0] != '1') || (len > 1 && at[1] != '.'))
        return -1;
    for (size_t i = 0; i < len; i++) {
        if (i != 1 && !isdigit((unsigned char)at[i]))
            return -1;
        weight += i == 1 ? 0 : (at[i] - '0') * steps[i];
    }
    return weight <= 1000 ? weight : -1;
}

/* The parameter q among those that begin at the first ';'; 1000 where there is none. */
static int weight_of(const char *at, const char *end)
{
    while (at < end) {
        at += 1 + strspn(at + 1, blanks);
        const char *next = part_end(at, end, ';');
        if (next - at >= 2 && strncasecmp(at, "q=", 2) == 0) {
            const char *last = next;
            while (last > at + 2 && strchr(blanks, last[-1]))
                last--;
            return read_weight(at + 2, (size_t)(last - at - 2));
        }
        at = next;
    }
    return 1000;
}

static enum accept_range range_of(const char *range, size_t len, const char *type)
{
    size_t group = strcspn(type, "/") + 1; /* "text/" */
    if (len == 3 && strncmp(range, "*/*", len) == 0)
        return ACCEPT_ANY;
    if (len == group + 1 && range[group] == '*' && strncasecmp(range, type, group) == 0)
        return ACCEPT_GROUP;
    return len == strlen(type) && strncasecmp(range, type, len) == 0 ? ACCEPT_NAMED : ACCEPT_NOT;
}

struct accepted accept_of(const char *accept, const char *type)
{
    struct accepted found = {0};
    if (!accept)
        return (struct accepted){.range = ACCEPT_ANY, .weight = 1000};
    const char *last = accept + strlen(accept);
    for (const char *at = accept; at < last; at += *at == ',') {
        const char *end = part_end(at, last, ','), *range = at + strspn(at, blanks);
        const char *parameters = part_end(at, end, ';');
        enum accept_range closeness = range < parameters ? range_of(range, strcspn(range, " \t;,"), type) : ACCEPT_NOT;
        int weight = weight_of(parameters, end);
        if (closeness > found.range && weight >= 0)
            found = (struct accepted){.range = closeness, .weight = weight};
        at = end;
    }
    return found;
}
