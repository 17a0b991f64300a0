/* Texts of a picture: laid out by Pango, drawn letter by letter on a canvas. */
#ifndef PW_SYS_DRAW_TEXT_H
#define PW_SYS_DRAW_TEXT_H

#include "sys/draw/canvas.h"

struct text_pen; /* fonts, letters and a layout; one thread's from beginning to end */

/* for the thread that it is called on */
struct text_pen *text_pen_new(const struct draw_libraries *);
void text_pen_free(struct text_pen *); /* NULL is fine */

/* Between two pictures: bounds what the pen keeps. */
void text_pen_trim(struct text_pen *);

/* Draws a shape that is a text; what is laid out on the way lives in the arena. */
void text_draw(struct text_pen *, struct canvas *, const struct shape *, struct arena *);

#endif
