/* How verify's items have fared so far. An item's clock runs while it holds; when it breaks it
 * begins anew, and so does what it is judged by. */
#ifndef PW_OPS_VERIFY_TRACK_H
#define PW_OPS_VERIFY_TRACK_H

#include "ops/verify/items.h"

struct track {
    bool is_known, holds;
    bool has_changed;    /* with the last moment */
    uint64_t since_ns;   /* it holds, or doesn't */
    struct moment *from; /* its clock's beginning */
    int first_depth;     /* likewise, in tracks.depths */
    struct err value;    /* what it goes by now */
    int breaks;
    int64_t broke_unix_us;  /* when it broke for the last time, and */
    struct err broke_value; /* by what it was broken then, to the end */
};

struct tracks {
    struct track of[ITEMS];
    struct depth *depths;
    int depth_count, depth_size;
};

/* Judges every item by this moment. */
void tracks_add(struct tracks *, struct moment *now);
void tracks_clear(struct tracks *);

/* How long all items have held together, up to `now`; 0 where one doesn't. */
uint64_t tracks_held_ns(const struct tracks *, const struct moment *now);

#endif
