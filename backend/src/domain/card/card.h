/* A battle's card: what stands on it, and where. */
#ifndef PW_DOMAIN_CARD_CARD_H
#define PW_DOMAIN_CARD_CARD_H

#include "domain/brief.h"
#include "domain/card/quote.h"
#include "sys/draw/picture.h"

enum { CARD_WIDTH = 1200, CARD_HEIGHT = 630 };

/* A part of the card's ETag: a new number makes clients and the store forget the old look. */
#define CARD_LOOKS "2"

struct card_voice {
    const char *name;  /* "": nobody's that has one */
    const char *quote; /* "": nothing but the topic */
    struct quote_marks marks;
    enum language language;
};

struct card {               /* each text is one line, short enough to draw */
    enum language language; /* of most voices, and of what the card itself says */
    const char *topic, *room, *verdict, *host;
    struct card_voice sides[2]; /* side by side; a single one has the whole width */
    int side_count;
    struct card_voice third; /* one line of the footer; without a quote there is none */
};

/* The brief has the room, the post and the first replies, oldest first; `answers` is how many
 * replies there are in all, `host` where the pages are. The sides are the first two distinct
 * names that answered; with a single one the author stands before it. Before any answer they
 * are the styles of the battle, or else the author alone. Texts live in the arena, or are
 * static. */
struct card card_make(const struct brief *, int64_t answers, const char *host, struct arena *);

/* The card as shapes, in the arena. */
struct picture card_picture(const struct card *, struct arena *);

#endif
