/* Pictures as PNG: a picture is a list of shapes, drawn in order (Cairo; texts by Pango, so in
 * any script, with emoji).
 *
 * The libraries are loaded at the first drawing and stay loaded. Drawing takes tens of
 * milliseconds: never on a loop's thread.
 */
#ifndef PW_SYS_DRAW_H
#define PW_SYS_DRAW_H

#include "base/buf.h"

enum shape_kind { SHAPE_BOX, SHAPE_TEXT };

struct shape {
    enum shape_kind kind;
    double x, y, width, height; /* pixels from the top left; nothing is drawn beyond them */
    uint32_t colour;            /* 0xRRGGBBAA */
    uint32_t colour_to;         /* boxes: at the right end of a gradient; 0: plain */
    double radius;              /* boxes: of the corners */

    /* texts, plain (no markup), in valid UTF-8 */
    const char *text;
    /* pixels. It shrinks from `size` as far as it must to fit; 0: it doesn't shrink */
    double size, least_size;
    int lines;                    /* at most; what doesn't fit then ends in an ellipsis */
    double spacing;               /* between letters, pixels */
    bool bold, centred, to_right; /* every text stands in the middle of its height */
};

struct picture {
    int width, height;
    const struct shape *shapes;
    int count;
};

/* Adds the picture's PNG to `png`. One thread of the process at a time. */
bool draw_png(const struct picture *, struct buf *png, struct err *) MUST_CHECK;

#endif
