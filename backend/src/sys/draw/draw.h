/* Pictures (picture.h) as PNG: texts by Pango, so in any script, with emoji.
 *
 * A picture has at most 256 colours: those of its shapes with what lies between each shape's
 * colour and its ground, and for emoji as many as are left.
 *
 * The libraries are loaded at the first drawing and stay loaded. Drawing takes milliseconds:
 * never on a loop's thread. Any number of threads may draw at a time; each keeps fonts, letters
 * and a canvas of its own, some 20 MiB, until it ends.
 */
#ifndef PW_SYS_DRAW_DRAW_H
#define PW_SYS_DRAW_DRAW_H

#include "base/buf.h"
#include "sys/draw/picture.h"

/* Adds the picture's PNG to `png`. False: a library is missing. */
bool draw_png(const struct picture *, struct buf *png, struct err *) MUST_CHECK;

#endif
