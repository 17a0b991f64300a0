#include "domain/retry.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <time.h>

enum { DAY_S = 24 * 60 * 60 };

uint64_t retry_delay_ms(const struct retry_policy *policy, unsigned k, double roll)
{
    enum { LONGEST_DOUBLING = 62 };
    double wait = ldexp((double)policy->base_ms, (int)MIN(MAX(k, 1) - 1, LONGEST_DOUBLING));
    wait = fmin(wait, (double)policy->max_ms) * (0.8 + 0.4 * roll);
    return MAX((uint64_t)wait, policy->least_ms);
}

static const char *skip_spaces(const char *text)
{
    return text + strspn(text, " \t");
}

/* Digits, at most `most`; *end is what follows them. False: no digit. */
static bool read_digits(const char *text, uint64_t most, uint64_t *number, const char **end)
{
    *number = 0;
    for (*end = text; isdigit((unsigned char)**end); ++*end)
        *number = MIN(*number * 10 + (uint64_t)(**end - '0'), most);
    return *end > text;
}

/* RFC 9110, section 5.6.7: the form that is sent today, and the two obsolete ones that must be
 * understood. */
static bool read_http_date(const char *text, int64_t *unix_s)
{
    static const char *const forms[] = {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
                                        "%a %b %e %H:%M:%S %Y"};
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct tm tm = {0};
        const char *end = strptime(text, forms[i], &tm);
        if (end && *skip_spaces(end) == '\0') {
            *unix_s = timegm(&tm);
            return true;
        }
    }
    return false;
}

static uint64_t read_retry_after(const char *value, int64_t now_unix_s)
{
    const char *end;
    uint64_t seconds;
    int64_t when;
    value = skip_spaces(value);
    if (read_digits(value, DAY_S, &seconds, &end))
        return *skip_spaces(end) == '\0' ? seconds * 1000 : RETRY_UNNAMED;
    if (!read_http_date(value, &when))
        return RETRY_UNNAMED;
    return when <= now_unix_s ? 0 : MIN((uint64_t)(when - now_unix_s), DAY_S) * 1000;
}

/* Servers write whole numbers here, and some a fraction, which is rounded up. */
static uint64_t read_retry_after_ms(const char *value)
{
    const char *end;
    uint64_t ms, fraction = 0;
    if (!read_digits(skip_spaces(value), DAY_S * 1000, &ms, &end))
        return RETRY_UNNAMED;
    if (*end == '.' && !read_digits(end + 1, UINT32_MAX, &fraction, &end))
        return RETRY_UNNAMED;
    return *skip_spaces(end) == '\0' ? MIN(ms + (fraction > 0), DAY_S * 1000) : RETRY_UNNAMED;
}

uint64_t retry_named_ms(const char *retry_after, const char *retry_after_ms, int64_t now_unix_s)
{
    uint64_t ms = retry_after_ms ? read_retry_after_ms(retry_after_ms) : RETRY_UNNAMED;
    return ms == RETRY_UNNAMED && retry_after ? read_retry_after(retry_after, now_unix_s) : ms;
}
