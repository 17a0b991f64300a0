/* A picture of at most 256 colours while it is drawn: one drawing thread's, used again and again.
 *
 * A ramp is a row of colours from a ground to an ink; what is drawn in it is a coverage, 0 to
 * its last level. Where two letters of one ramp touch, the stronger coverage stays.
 */
#ifndef PW_SYS_DRAW_CANVAS_H
#define PW_SYS_DRAW_CANVAS_H

#include "sys/draw/glyphs.h"
#include "sys/draw/picture.h"
#include "sys/draw/png.h"

struct canvas;
struct point {
    int x, y;
};
struct rect {
    int left, top, right, bottom; /* the last two are beyond it */
};

struct canvas *canvas_new(int width, int height); /* in pixels */
void canvas_free(struct canvas *);                /* NULL is fine */
void canvas_clear(struct canvas *);               /* no colours, every pixel the first one to come */

/* Where a ramp begins in the palette; it is added where it isn't there. More ramps than 256 colours
 * are a mistake of the picture, and end the process. */
int canvas_ramp(struct canvas *, uint32_t ink, uint32_t ground, int levels);

/* A shape that is a box. */
void canvas_box(struct canvas *, const struct shape *);

/* A glyph with the pen at `at`, within `clip`, in a ramp of GLYPH_LEVELS. Emoji are drawn by
 * canvas_finish: the glyph lives until then. */
void canvas_glyph(struct canvas *, const struct glyph *, const struct point *at, const struct rect *clip, int ramp);

/* A rectangle within `clip`, in the ink of such a ramp. */
void canvas_fill(struct canvas *, const struct rect *, const struct rect *clip, int ramp);

/* Draws the emoji, of all of which the most frequent colours get what the palette has left. */
void canvas_finish(struct canvas *);

/* The picture; it lives as long as the canvas, until canvas_clear. */
struct png_image canvas_image(const struct canvas *);

#endif
