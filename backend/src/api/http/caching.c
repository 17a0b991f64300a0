#include "api/http/caching.h"

#include <stdlib.h>
#include <string.h>

#include "api/http/route.h"
#include "api/http/router.h"
#include "sys/crypto.h"
#include "sys/metrics.h"

static const char *const result_names[] = {"hit", "miss", "bypass"};
static struct metric *(*counters)[COUNT(result_names)]; /* by route_place; NULL: none */

const char *etag_of(struct arena *arena, const char *body)
{
    enum { TAG_SIZE = 2 * VERSION_HASH_SIZE + 3 };
    static const char digits[] = "0123456789abcdef";
    unsigned char hash[VERSION_HASH_SIZE];
    char *etag = arena_alloc(arena, TAG_SIZE), *at = etag;
    version_hash(hash, body);
    *at++ = '"';
    for (int i = 0; i < VERSION_HASH_SIZE; i++) {
        *at++ = digits[hash[i] >> 4];
        *at++ = digits[hash[i] & 15];
    }
    *at = '"';
    return etag;
}

/* `*`, or a list of tags. A search for the quoted tag finds it in a list, too, and behind W/. */
bool etag_is_known(struct http_request *http, const char *etag)
{
    const char *known = http_header_list(http, "If-None-Match");
    return known && (strcmp(known, "*") == 0 || strstr(known, etag));
}

bool caching_is_visitor(const struct call *call)
{
    return !http_header(call->http, "Authorization");
}

/* A POST that anybody may send gives a token, or says what became of the request. */
static bool is_private(const struct call *call)
{
    const struct route *route = call->route;
    if (!route || route->fresh > 0)
        return false;
    return route->who != ANYONE || route->method != METHOD_GET ||
           (route->audience == FOR_OPERATORS && *call->api->config->metrics_token);
}

void caching_add_headers(struct call *call, int status)
{
    if (is_private(call))
        http_add_header(call->http, "Cache-Control", "no-store");
    if (!call->route || call->route->fresh == 0)
        return;
    bool may_be_kept = status == 200 || status == 304;
    const char *control = "no-store";
    if (!caching_is_visitor(call))
        control = "private, no-store";
    else if (may_be_kept)
        control = arena_printf(call->arena, "public, max-age=%d", call->route->fresh);
    http_add_header(call->http, "Cache-Control", control);
    http_add_header(call->http, "Vary", "Authorization");
}

void caching_metrics(void)
{
    struct family *family = metric_family(METRIC_COUNTER, "cache_requests_total",
                                          "Requests for what may be in memory, by route and result.", NULL);
    counters = must_calloc((size_t)route_row_count(), sizeof *counters);
    for (int i = 0; i < route_row_count(); i++) {
        char label[96], labels[256];
        router_label(label, sizeof label, route_row(i));
        for (size_t result = 0; route_row(i)->in_memory && result < COUNT(result_names); result++)
            counters[i][result] =
                metric_series(family, metric_labels(labels, 2, "route", label, "result", result_names[result]));
    }
}

void caching_count(const struct call *call, enum cache_result result)
{
    metric_add(counters[route_place(call->route)][result], 1);
}
