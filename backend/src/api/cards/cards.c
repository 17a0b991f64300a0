#include "api/cards/cards.h"

#include <string.h>

#include "api/cards/store.h"
#include "api/http/answer.h"
#include "domain/card/card.h"

static const char png_type[] = "image/png";

enum { STATUS, BRIEF, ETAG, REPLIES }; /* columns */

/* If-None-Match (RFC 9110, 13.1.2): `*`, or a list of tags. A search for the quoted tag finds it in
 * a list, too, and behind W/. */
static bool client_has(const struct call *call, const char *etag)
{
    const char *known = http_header(call->http, "If-None-Match");
    return known && (strcmp(known, "*") == 0 || strstr(known, etag));
}

static void add_caching_headers(struct call *call, const char *etag)
{
    http_add_header(call->http, "Cache-Control", "public, max-age=300");
    http_add_header(call->http, "ETag", etag);
}

static void drop_card(void *card)
{
    card_drop(card);
}

static void on_card(void *ctx, const struct card_image *image)
{
    struct call *call = ctx;
    call_got(call, drop_card);
    if (image->png) {
        add_caching_headers(call, call->state);
        call_answer_text(call, 200, png_type, image->png, image->len);
        return;
    }
    call->error = image->problem;
    call_fail(call, 500, "internal server error");
}

/* An origin without its scheme. */
static const char *host_of(const char *origin)
{
    const char *host = strstr(origin, "://");
    return host ? host + 3 : origin;
}

static void on_battle(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (!call_has_rows(call, outcome, rows, false))
        return;
    if (db_number(rows, 0, STATUS) != 200) {
        call_answer_row(call, rows);
        return;
    }
    char *etag = call->state = arena_printf(call->arena, "\"%s\"", db_text(rows, 0, ETAG));
    if (client_has(call, etag)) {
        add_caching_headers(call, etag);
        call_answer_text(call, 304, png_type, "", 0);
        return;
    }
    const struct card_order order = {.etag = etag,
                                     .brief = db_text(rows, 0, BRIEF),
                                     .host = host_of(call->api->config->frontend_origin),
                                     .replies = db_number(rows, 0, REPLIES)};
    struct card_wait *card = card_ask(call->api->cards, call->arena, &order, on_card, call);
    if (card)
        call_wait(call, drop_card, card);
    else
        call_busy(call, "card_queue");
}

void card_show(struct call *call)
{
    call_param(call, CARD_LOOKS);
    call_param(call, call->api->config->frontend_origin);
    call_query(call, SQL_CARDS_SHOW, on_battle);
}
