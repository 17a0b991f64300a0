/* Letters as they are drawn, kept from card to card: one drawing thread's. */
#ifndef PW_SYS_DRAW_GLYPHS_H
#define PW_SYS_DRAW_GLYPHS_H

#include "sys/draw/libraries.h"

enum { GLYPH_LEVELS = 16 }; /* of coverage: 0 is the ground, 15 the ink */

struct glyph {
    int left, top; /* of its pixels, from the pen's place on the baseline */
    int width, height;
    bool is_coloured; /* an emoji */
    /* a level a pixel; of an emoji Cairo's ARGB32, premultiplied, four bytes a pixel */
    const uint8_t *pixels;
};

struct glyphs;

/* none yet */
struct glyphs *glyphs_new(const struct draw_libraries *);
void glyphs_free(struct glyphs *); /* NULL is fine */

/* The glyph of a font, drawn at its first use; it lives until glyphs_trim. */
const struct glyph *glyph_get(struct glyphs *, PangoFont *, PangoGlyph);

/* Forgets all where they are many: between two pictures. */
void glyphs_trim(struct glyphs *);

#endif
