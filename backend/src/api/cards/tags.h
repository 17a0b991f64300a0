/* The ETags of battles' cards as the database had them a moment ago: one loop's. A card that is
 * asked for by many costs two statements a second, and what changed is seen within half of one.
 */
#ifndef PW_API_CARDS_TAGS_H
#define PW_API_CARDS_TAGS_H

#include "base/base.h"

struct card_tags;

struct card_tags *card_tags_new(void);   /* knows none */
void card_tags_free(struct card_tags *); /* NULL is fine */

/* The tag of a battle, by its id as it was asked for; NULL where it isn't known, or was asked of
 * the database too long before `now` (clock_ns). It lives until the next note. */
const char *card_tag_known(const struct card_tags *, const char *battle, uint64_t now);
/* Whether it was noted, however long ago, and not forgotten yet. */
bool card_tag_is_noted(const struct card_tags *, const char *battle);

/* The database was asked at `asked`. Another battle's tag may be forgotten for it. */
void card_tag_note(struct card_tags *, const char *battle, const char *etag, uint64_t asked);

#endif
