#include "api/cards/cards.h"

#include <string.h>

#include "api/cards/store.h"
#include "api/cards/tags.h"
#include "api/http/answer.h"
#include "api/http/caching.h"
#include "api/http/client.h"
#include "domain/card/card.h"

static const char png_type[] = "image/png";

enum { STATUS, BRIEF, ETAG, REPLIES }; /* columns */

/* Pages of other origins may show it. */
static void add_caching_headers(struct call *call, const char *etag)
{
    http_add_header(call->http, "Cross-Origin-Resource-Policy", "cross-origin");
    http_add_header(call->http, "Cache-Control", "public, max-age=300");
    http_add_header(call->http, "ETag", etag);
}

static void drop_card(void *card)
{
    card_drop(card);
}

static void answer_image(struct call *call, const struct card_image *image)
{
    add_caching_headers(call, call->state);
    call_answer_text(call, 200, png_type, image->png, image->len);
}

static void on_card(void *ctx, const struct card_image *image)
{
    struct call *call = ctx;
    call_got(call, drop_card);
    if (image->png) {
        answer_image(call, image);
    } else if (image->was_displaced) {
        call_busy(call, "card_queue");
    } else {
        call->error = image->problem;
        call_fail(call, 500, "internal server error");
    }
}

/* An origin without its scheme. */
static const char *host_of(const char *origin)
{
    const char *host = strstr(origin, "://");
    return host ? host + 3 : origin;
}

static struct turn_origin card_origin(struct call *call)
{
    const struct address client = client_of(call->http);
    return address_origin(&client);
}

static void ask_for_card(struct call *call, struct db_rows *rows)
{
    caching_count(call, CACHE_MISS);
    const struct card_order order = {.etag = call->state,
                                     .brief = db_text(rows, 0, BRIEF),
                                     .host = host_of(call->api->config->frontend_origin),
                                     .answers = db_number(rows, 0, REPLIES),
                                     .origin = card_origin(call)};
    struct card_wait *card = card_ask(call->api->cards, call->arena, &order, on_card, call);
    if (card)
        call_wait(call, drop_card, card);
    else
        call_busy(call, "card_queue");
}

/* Nothing is drawn for a client that wants no picture. */
static bool is_head(const struct call *call)
{
    return strcmp(call->http->method_text, "HEAD") == 0;
}

/* Answers where nothing has to be drawn for it. */
static bool answer_at_once(struct call *call, const char *etag)
{
    call->state = arena_strdup(call->arena, etag);
    if (etag_is_known(call->http, etag)) {
        caching_count(call, CACHE_HIT);
        add_caching_headers(call, call->state);
        call_answer_text(call, 304, png_type, "", 0);
        return true;
    }
    const struct card_image *drawn = card_drawn(call->arena, etag);
    if (!drawn)
        return false;
    caching_count(call, CACHE_HIT);
    answer_image(call, drawn);
    return true;
}

static void on_battle(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (!call_has_rows(call, outcome, rows, false))
        return;
    if (db_number(rows, 0, STATUS) != 200) {
        call_answer_row(call, rows);
        return;
    }
    const char *etag = arena_printf(call->arena, "\"%s\"", db_text(rows, 0, ETAG));
    card_tag_note(call->api->card_tags, call->ids[0], etag, call->http->started);
    if (answer_at_once(call, etag))
        return;
    if (is_head(call))
        answer_image(call, &(struct card_image){.png = NULL});
    else
        ask_for_card(call, rows);
}

/* The card would have to be drawn, as far as is known, and there is no room for it: the database
 * needn't be asked. */
static bool is_hopeless(struct call *call)
{
    const struct turn_origin origin = card_origin(call);
    return !is_head(call) && !card_tag_is_noted(call->api->card_tags, call->ids[0]) && card_queue_is_full(&origin);
}

void card_show(struct call *call)
{
    const char *etag = card_tag_known(call->api->card_tags, call->ids[0], call->http->started);
    if (etag && answer_at_once(call, etag))
        return;
    if (is_hopeless(call)) {
        call_busy(call, "card_queue");
        return;
    }
    call_param(call, CARD_LOOKS);
    call_param(call, call->api->config->frontend_origin);
    call_query(call, SQL_CARDS_SHOW, on_battle);
}
