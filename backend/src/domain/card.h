/* A battle's card: its texts, and their places in the picture. */
#ifndef PW_DOMAIN_CARD_H
#define PW_DOMAIN_CARD_H

#include "domain/brief.h"
#include "sys/draw.h"

enum { CARD_WIDTH = 1200, CARD_HEIGHT = 630, CARD_TAKEAWAYS = 3 };

/* A part of the card's ETag: a new number makes clients and the store forget the old look. */
#define CARD_LOOKS "1"

struct card { /* each text is one line, short enough to draw */
    const char *topic, *room, *sides[2], *verdict, *takeaways[CARD_TAKEAWAYS], *link;
};

/* The brief has the room, the post and the first replies, oldest first; `replies` is how many
 * there are in all. Texts live in the arena, or are static. */
struct card card_make(const struct brief *, int64_t replies, const char *link, struct arena *);

/* The card as shapes, in the arena. */
struct picture card_picture(const struct card *, struct arena *);

#endif
