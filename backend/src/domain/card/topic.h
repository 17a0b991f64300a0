/* What a card's headline says: the topic, cut where a reader would take a breath. */
#ifndef PW_DOMAIN_CARD_TOPIC_H
#define PW_DOMAIN_CARD_TOPIC_H

#include "base/arena.h"

enum { CARD_TOPIC_MAX = 140 }; /* code points */

struct card_topic {
    const char *text; /* never "" */
    const char *rest; /* what the post says behind it, in "…" where the topic was cut; or "" */
};

/* The `Topic:` line, else the first sentence with its mark, else `Battle in <room>`; not the
 * lines that a template adds. Cut to CARD_TOPIC_MAX by card_topic_cut. */
struct card_topic card_topic_of(struct arena *, const char *content, const char *room_name);

/* A line of at most `max` code points, "…" included where it was cut: behind the last clause
 * where one ends in the last 40 %, else at a word, and not behind a word that leans on the next
 * ("because"). Between grapheme clusters where there is no word. */
char *card_topic_cut(struct arena *, const char *line, size_t max);

/* The same for any other text: cut at a word. */
char *card_text_cut(struct arena *, const char *line, size_t max);

#endif
