/* Drawn cards by their ETag, for all threads of the process. A card is drawn once, however many
 * requests ask for it, on one niced thread with a bounded queue. The cards that were asked for last
 * are kept. */
#ifndef PW_API_CARDS_STORE_H
#define PW_API_CARDS_STORE_H

#include "base/arena.h"
#include "sys/loop.h"

struct card_desk; /* where one loop's requests wait for their cards */
struct card_wait;

struct card_order {
    const char *etag;
    const char *brief; /* JSON, as brief.h has it */
    const char *host;  /* where the pages are */
    int64_t replies;
};

struct card_image {
    const char *png; /* NULL: it can't be drawn; `problem` says why */
    size_t len;
    const char *problem;
};

void card_store_metrics(void); /* before any thread */
void card_store_start(void);   /* before the desks; once per process */
/* after the desks are closed and the requests' arenas freed; also where it wasn't started */
void card_store_stop(void);

/* the store's side of one loop; a drawn card is delivered there */
struct card_desk *card_desk_open(struct loop *);
void card_desk_close(struct card_desk *); /* nobody waits any more; NULL is fine */

/* done gets the card, in a later turn of the loop; it lives as long as the arena, where the wait
 * lives, too. The order is copied. NULL: too many cards wait to be drawn. */
typedef void card_done(void *ctx, const struct card_image *);
struct card_wait *card_ask(struct card_desk *, struct arena *, const struct card_order *, card_done *done, void *ctx);
/* no callback will come; a card that nobody waits for isn't drawn */
void card_drop(struct card_wait *);

#endif
