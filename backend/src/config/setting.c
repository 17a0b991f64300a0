#include "config/setting.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"

static bool setting_read_number(const char *text, int64_t *value)
{
    char *end;
    errno = 0;
    *value = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && !isspace((unsigned char)*text);
}

static bool setting_read_boolean(const char *text, int64_t *value)
{
    static const char *const words[] = {"0", "1", "false", "true", "no", "yes", "off", "on"};
    for (size_t i = 0; i < COUNT(words); i++)
        if (strcasecmp(text, words[i]) == 0) {
            *value = i % 2;
            return true;
        }
    return false;
}

static bool setting_read_choice(const char *text, const char *const *choices, int64_t *value)
{
    for (*value = 0; choices[*value]; ++*value)
        if (strcasecmp(text, choices[*value]) == 0)
            return true;
    return false;
}

/* "120/1m". */
static bool setting_read_rate(const char *text, struct rate *rate)
{
    enum { MOST = 1000000000 };
    const char *slash = strchr(text, '/');
    size_t digits = strspn(text, "0123456789");
    if (!slash || digits != (size_t)(slash - text))
        return false;
    errno = 0;
    rate->count = strtoll(text, NULL, 10);
    return errno == 0 && rate->count >= 1 && rate->count <= MOST && duration_read(slash + 1, &rate->window);
}

/* "0.25". strtod also takes blanks, 0x1p-2, 1e-3 and nan, which are surely no intended share. */
static bool setting_read_fraction(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return *text && end == text + strlen(text) && strspn(text, "0123456789.") == strlen(text);
}

static bool is_within(const struct setting *s, int64_t value)
{
    return value >= s->min && value <= s->max;
}

static bool is_within_fraction(const struct setting *s, double value)
{
    return value >= (double)s->min && value <= (double)s->max;
}

bool setting_read(const struct setting *s, const char *text, void *at)
{
    int64_t *number = at;
    switch (s->kind) {
    case TEXT: *(const char **)at = text; return true;
    case NUMBER: return setting_read_number(text, number) && is_within(s, *number);
    case DURATION: return duration_read(text, number) && is_within(s, *number);
    case BOOLEAN: return setting_read_boolean(text, number);
    case CHOICE: return setting_read_choice(text, s->choices, number);
    case RATE: return setting_read_rate(text, at) && is_within(s, ((struct rate *)at)->window);
    case FRACTION: return setting_read_fraction(text, at) && is_within_fraction(s, *(double *)at);
    }
    return false;
}

/* A fraction is a share, so its bounds are the same in all rows of the table. */
const char *setting_bounds(const struct setting *s, char out[static SETTING_SIZE])
{
    size_t len = 0;
    switch (s->kind) {
    case TEXT: return "text";
    case BOOLEAN: return "true or false";
    case FRACTION: return "0 to 1";
    case RATE: return "a count and a time like 120/1m";
    case NUMBER:
        if (s->min == INT64_MIN)
            return "a whole number";
        snprintf(out, SETTING_SIZE, "%lld to %lld", (long long)s->min, (long long)s->max);
        return out;
    case DURATION:
        len = (size_t)duration_write(out, SETTING_SIZE, s->min);
        len += (size_t)snprintf(out + len, SETTING_SIZE - len, " to ");
        duration_write(out + len, SETTING_SIZE - len, s->max);
        return out;
    case CHOICE:
        for (int i = 0; s->choices[i]; i++)
            len += (size_t)snprintf(out + len, SETTING_SIZE - len, "%s%s", i ? ", " : "", s->choices[i]);
        return out;
    }
    return "";
}

const char *setting_form(const struct setting *s, char out[static SETTING_SIZE])
{
    static const char *const forms[] = {[NUMBER] = "a whole number within ",
                                        [DURATION] = "a duration like 15s, 400ms or 10m, within ",
                                        [CHOICE] = "one of: ",
                                        [TEXT] = "",
                                        [BOOLEAN] = "",
                                        [FRACTION] = "",
                                        [RATE] = ""};
    char bounds[SETTING_SIZE];
    snprintf(out, SETTING_SIZE, "%s%s", forms[s->kind], setting_bounds(s, bounds));
    return out;
}

const char *setting_write(const struct setting *s, const void *at, char out[static SETTING_SIZE])
{
    const struct rate *rate = at;
    const int64_t *number = at;
    int len;
    switch (s->kind) {
    case TEXT:
    case FRACTION: return "";
    case NUMBER: snprintf(out, SETTING_SIZE, "%lld", (long long)*number); break;
    case DURATION: duration_write(out, SETTING_SIZE, *number); break;
    case BOOLEAN: return *number ? "true" : "false";
    case CHOICE: return s->choices[*number];
    case RATE:
        len = snprintf(out, SETTING_SIZE, "%lld/", (long long)rate->count);
        duration_write(out + len, SETTING_SIZE - (size_t)len, rate->window);
        break;
    }
    return out;
}
