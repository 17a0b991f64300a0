/* What was told of already, for as long as it may be found again: rows are committed later than
 * their times say, so who looks for newer ones looks back a little, and finds some twice. */
#ifndef PW_API_LIVE_SEEN_H
#define PW_API_LIVE_SEEN_H

#include "base/uuid.h"

enum { SEEN_ID_SIZE = UUID_SIZE + 24 }; /* a UUID, or one with a time */

struct seen { /* begins with zeroes */
    struct seen_item {
        char id[SEEN_ID_SIZE];
        int64_t at_us;
    } *items;
    int count, room;
};

/* False: it was there already. */
bool seen_add(struct seen *, const char *id, int64_t at_us) MUST_CHECK;
void seen_forget(struct seen *, int64_t before_us); /* those of times before */
void seen_free(struct seen *);

#endif
