#include "api/site/oembed.h"

#include <stdlib.h>
#include <string.h>

#include "api/http/answer.h"
#include "api/http/public.h"
#include "domain/card/card.h"

static const char no_url[] = "url is required";
static const char wrong_url[] = "url is invalid";
static const char wrong_width[] = "maxwidth must be a number from 1";
static const char wrong_height[] = "maxheight must be a number from 1";

const struct field oembed_query[] = {
    {.name = "url", .kind = FIELD_TEXT, .min = 1, .missing = no_url, .invalid = wrong_url},
    {.name = "maxwidth", .kind = FIELD_INTEGER, .min = 1, .out_of_range = wrong_width},
    {.name = "maxheight", .kind = FIELD_INTEGER, .min = 1, .out_of_range = wrong_height},
    {.name = "format", .kind = FIELD_TEXT},
    {.kind = FIELD_END},
};

/* The id of the battle that a URL of this site names, or NULL. What follows the path (`?remix=1`,
 * `#post`) doesn't matter. */
static const char *battle_in(struct arena *arena, const char *url, const char *origin)
{
    static const char path[] = "/b/";
    size_t origin_len = strlen(origin);
    if (strncmp(url, origin, origin_len) != 0 || strncmp(url + origin_len, path, strlen(path)) != 0)
        return NULL;
    const char *id = url + origin_len + strlen(path);
    size_t len = strcspn(id, "?#");
    return uuid_valid(id, len) ? arena_copy(arena, id, len) : NULL;
}

/* Reads a bound, `most` where there is none; false: it isn't a number from 1 on. */
static bool read_bound(const char *text, int most, int *bound)
{
    enum { MOST_DIGITS = 9 };
    *bound = most;
    if (!text || !*text)
        return true;
    size_t len = strlen(text), digits = strspn(text, "0123456789");
    size_t zeros = strspn(text, "0");
    if (digits != len || zeros == len)
        return false;
    if (len - zeros <= MOST_DIGITS)
        *bound = MIN(most, atoi(text));
    return true;
}

/* The largest of the card's shape within both bounds. */
static void fit(int *width, int *height)
{
    int by_width = *width * CARD_HEIGHT / CARD_WIDTH, by_height = *height * CARD_WIDTH / CARD_HEIGHT;
    if (by_width <= *height)
        *height = MAX(by_width, 1);
    else
        *width = MAX(by_height, 1);
}

const char *oembed_prepare(struct call *call)
{
    const char *url = call_query_value(call, "url"), *origin = call->api->config->frontend_origin;
    if (!url || !*url)
        return no_url;
    const char *battle = battle_in(call->arena, url, origin);
    if (!battle)
        return wrong_url;
    int width, height;
    if (!read_bound(call_query_value(call, "maxwidth"), CARD_WIDTH, &width))
        return wrong_width;
    if (!read_bound(call_query_value(call, "maxheight"), CARD_HEIGHT, &height))
        return wrong_height;
    fit(&width, &height);
    call_param(call, battle);
    call_number_param(call, width);
    call_number_param(call, height);
    call_param(call, origin);
    return NULL;
}

static void on_battle(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (call_has_rows(call, outcome, rows, false))
        public_answer_rows(call, rows);
}

void oembed_show(struct call *call)
{
    const char *format = call_query_value(call, "format");
    if (format && *format && strcmp(format, "json") != 0)
        call_fail(call, 501, "format must be json");
    else
        call_query(call, SQL_SITE_OEMBED, on_battle);
}
