/* A PNG (ISO/IEC 15948) of one byte a pixel, an index into a palette. */
#ifndef PW_SYS_DRAW_PNG_H
#define PW_SYS_DRAW_PNG_H

#include "base/buf.h"

struct png_image {
    int width, height;
    /* each with a byte 0 before it: width + 1 bytes a row, as they are compressed */
    const uint8_t *rows;
    const uint32_t *palette; /* 0xRRGGBB */
    int colours;             /* 1-256 */
};

struct draw_libraries;
struct png_press; /* what compressing needs; for one thread */

struct png_press *png_press_new(const struct draw_libraries *); /* some 350 KiB */
void png_press_free(struct png_press *);                        /* NULL is fine */

/* Adds the image to `out`. */
void png_write(struct png_press *, const struct png_image *, struct buf *out);

#endif
