/* Drawn cards by their ETag, for all threads of the process: each is drawn once, however many ask
 * for it, on one of two niced threads, and kept until others were asked for later and 16 MiB are
 * full.
 *
 * What waits to be drawn is bounded, and networks take turns (base/turns.h): whoever asks for a
 * thousand cards waits for a thousand, and others for two.
 */
#ifndef PW_API_CARDS_STORE_H
#define PW_API_CARDS_STORE_H

#include "base/arena.h"
#include "base/turns.h"
#include "sys/loop.h"

struct card_desk; /* where one loop's requests wait for their cards */
struct card_wait;

struct card_order {
    const char *etag;
    const char *brief; /* JSON, as brief.h has it */
    const char *host;  /* where the pages are */
    int64_t answers;
    struct turn_origin origin; /* who asks, as limits count */
};

struct card_image {
    const char *png; /* NULL: there is none */
    size_t len;
    bool was_displaced;  /* its place in the queue was given to another network */
    const char *problem; /* why it can't be drawn, else */
};

void card_store_metrics(void); /* before any thread */
void card_store_start(void);   /* before the desks; once per process */
/* after the desks are closed and the requests' arenas freed; also where it wasn't started */
void card_store_stop(void);

/* the store's side of one loop; a drawn card is delivered there */
struct card_desk *card_desk_open(struct loop *);
void card_desk_close(struct card_desk *); /* nobody waits any more; NULL is fine */

/* The card where it is drawn already, else NULL. It lives as long as the arena. */
const struct card_image *card_drawn(struct arena *, const char *etag);

/* Whether card_ask would find no room for a card that this network asks for. */
bool card_queue_is_full(const struct turn_origin *);

/* done gets the card, in a later turn of the loop; it lives as long as the arena, where the wait
 * lives, too. The order is copied. NULL: too many cards wait to be drawn. */
typedef void card_done(void *ctx, const struct card_image *);
struct card_wait *card_ask(struct card_desk *, struct arena *, const struct card_order *, card_done *done, void *ctx);
/* no callback will come; a card that nobody waits for isn't drawn */
void card_drop(struct card_wait *);

#endif
