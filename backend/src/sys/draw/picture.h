/* A picture: a list of shapes, drawn in order. Nothing is translucent. */
#ifndef PW_SYS_DRAW_PICTURE_H
#define PW_SYS_DRAW_PICTURE_H

#include "base/arena.h"

enum shape_kind { SHAPE_BOX, SHAPE_TEXT };

/* How large a text may be, in pixels, and in how many lines at most; a line takes `pitch`. */
struct text_size {
    int size, lines, pitch;
};

/* A text of at most `max` code points for one that has more. */
typedef char *text_shorten(struct arena *, const char *text, size_t max);

struct shape {
    enum shape_kind kind;
    int x, y, width, height; /* pixels from the top left; nothing is drawn beyond them */
    uint32_t ink, ground;    /* 0xRRGGBB; the ground is what is there already */
    int radius, foot_radius; /* boxes: of the upper and of the lower corners */

    /* texts, plain (no markup), in valid UTF-8 */
    const char *opening, *text, *closing; /* only `text` is ever shortened; NULL is "" */
    const char *language;                 /* of the text, as BCP 47 */
    /* The first that the text fits into; into the last one it is shortened. Without an end
     * (size 0) within four, four. */
    const struct text_size *sizes;
    text_shorten *shorten;
    bool bold;
    bool to_right; /* lines end at the right; those that run from right to left do so anyhow */
    bool centred;  /* in the middle of its height; else the first line is at the top */
    bool balanced; /* lines of one length rather than a full one and a rest */
};

struct picture {
    int width, height;
    const struct shape *shapes;
    int count;
};

#endif
