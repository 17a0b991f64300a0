/* What commands print for a person: lines and aligned columns on stdout, colour only on a
 * terminal and without NO_COLOR.
 *
 * Texts may come from anywhere, a log or a database: control characters, which a terminal would
 * obey, are shown as '?'.
 */
#ifndef PW_OPS_SHARED_SCREEN_H
#define PW_OPS_SHARED_SCREEN_H

#include "base/arena.h"

enum tone { TONE_PLAIN, TONE_STRONG, TONE_FAINT, TONE_GOOD, TONE_WARNING, TONE_BAD };

/* Whether stdout is a terminal: what is printed there may be drawn again and again. */
bool screen_is_terminal(void);
void screen_clear(void); /* makes it empty, for what is drawn next; does nothing elsewhere */

/* Prints one line, without its end in the format. */
void screen_line(enum tone, const char *fmt, ...) PRINTF(2, 3);

/* Prints a text as lines of at most `width` columns, broken at blanks where that can be, each
 * begun with `indent` blanks. */
void screen_text(enum tone, int indent, int width, const char *text);

/* Rows with aligned columns. NULL cells are empty; what ends a line isn't padded. Cells are kept
 * by pointer. */
struct grid;
struct grid *grid_new(struct arena *, int columns);
void grid_align_right(struct grid *, int column); /* numbers */
void grid_row(struct grid *, enum tone, const char *const *cells);
void grid_print(const struct grid *, int indent);

#endif
