/* What commands show on a terminal: aligned columns, and colour where somebody sees it. */
#ifndef PW_OPS_COLUMNS_H
#define PW_OPS_COLUMNS_H

#include "base/arena.h"

enum { COLUMNS_MAX = 12 };
enum tone { TONE_PLAIN, TONE_HEADER, TONE_NOTICE, TONE_ALARM }; /* bold, yellow, red; plain in a pipe and with NO_COLOR */

struct line {
    const char *cells[COLUMNS_MAX];
    enum tone tone;
};

/* Prints the header and the lines, each column as wide as its widest cell. */
void columns_print(int columns, const char *const *header, const struct line *lines, int count);

/* "45s", "29m59s", "1h30m", "3d04h"; for ends rounded up from milliseconds. NULL: `otherwise`. */
const char *columns_seconds(struct arena *, const char *seconds, const char *otherwise);
const char *columns_time_left(struct arena *, const char *ms, const char *otherwise);

/* A line of progress on stderr: rewritten in place on a terminal, else one every ten seconds. `progress_end` leaves the last one standing. */
void progress_show(const char *text);
void progress_end(void);

#endif
