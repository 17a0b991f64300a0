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

struct member { /* of the list that such a header is */
    const char *range;
    size_t len;
    int weight; /* -1: it can't be read */
};

/* Reads the member at *at and moves *at behind it; false: there is none. */
static bool next_member(const char **at, const char *last, struct member *member)
{
    if (*at >= last)
        return false;
    const char *end = part_end(*at, last, ','), *range = *at + strspn(*at, blanks);
    const char *parameters = part_end(*at, end, ';');
    member->range = range;
    member->len = range < parameters ? strcspn(range, " \t;,") : 0;
    member->weight = weight_of(parameters, end);
    *at = end + (end < last);
    return true;
}

struct accepted accept_of(const char *accept, const char *type)
{
    struct accepted found = {0};
    if (!accept)
        return (struct accepted){.range = ACCEPT_ANY, .weight = 1000};
    struct member member;
    for (const char *last = accept + strlen(accept); next_member(&accept, last, &member);) {
        enum accept_range closeness = member.len ? range_of(member.range, member.len, type) : ACCEPT_NOT;
        if (closeness > found.range && member.weight >= 0)
            found = (struct accepted){.range = closeness, .weight = member.weight};
    }
    return found;
}

/* "tr-CY" is "tr", too. */
static bool is_language(const struct member *member, const char *language)
{
    size_t len = strlen(language);
    return member->len >= len && strncasecmp(member->range, language, len) == 0 &&
           (member->len == len || member->range[len] == '-');
}

size_t accept_language(const char *header, const char *const *languages, size_t count)
{
    size_t best = 0;
    int best_weight = 0;
    struct member member;
    for (const char *last = header ? header + strlen(header) : header; next_member(&header, last, &member);)
        for (size_t i = 0; i < count; i++)
            if (member.weight > best_weight && is_language(&member, languages[i])) {
                best = i;
                best_weight = member.weight;
            }
    return best;
}

int accept_coding(const char *header, const char *coding)
{
    int any = 0;
    struct member member;
    for (const char *last = header ? header + strlen(header) : header; next_member(&header, last, &member);) {
        if (member.len == strlen(coding) && strncasecmp(member.range, coding, member.len) == 0)
            return MAX(member.weight, 0);
        if (member.len == 1 && *member.range == '*')
            any = MAX(member.weight, 0);
    }
    return any;
}
