/* The texts of battles; any published post is a battle. Its content may have the lines `Topic: …`,
 * `Pro style: …`, `Con style: …` (labels in any case). Texts are valid UTF-8; lengths are code
 * points. The SQL function battle_topic (migration 008) gives the same topic. */
#ifndef PW_DOMAIN_BATTLE_H
#define PW_DOMAIN_BATTLE_H

#include "base/arena.h"

enum { BATTLE_TOPIC_MIN = 3, BATTLE_TOPIC_MAX = 180, BATTLE_SENTENCE_MAX = 90, BATTLE_STYLE_MAX = 80 };

/* The first `Topic:` line that isn't blank, else the first sentence: up to, and without, a `.`,
 * `!`, `?` or the line's end; leading marks are skipped. White space is collapsed, outer quotes are
 * dropped. A sentence is cut at a word to BATTLE_SENTENCE_MAX. Else `Battle in <room>`. */
char *battle_topic(struct arena *, const char *content, const char *room_name);

/* The `Topic:` line alone, without outer quotes; NULL where none is more than blank. */
char *battle_topic_line(struct arena *, const char *content);

/* The content without the lines that a template adds: `Topic:`, `Template:` and the styles. */
char *battle_body(struct arena *, const char *content);

/* The text after the first "<label>:" that isn't blank, as one line; NULL where there is none. */
char *battle_line(struct arena *, const char *content, const char *label);

/* A style as it is published: one line, cut at BATTLE_STYLE_MAX between grapheme clusters. */
char *battle_style(struct arena *, const char *given);

/* NULL, or the sentence of a 400 for the texts of a new battle. */
const char *battle_check(const char *topic, const char *pro_style, const char *con_style);

#endif
