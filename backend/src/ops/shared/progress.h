/* What a command that takes its time says of it on stderr: on a terminal one line, rewritten in
 * place. */
#ifndef PW_OPS_SHARED_PROGRESS_H
#define PW_OPS_SHARED_PROGRESS_H

#include <stdbool.h>

/* Replaces the line on a terminal; elsewhere adds a line every ten seconds. */
void progress_show(const char *text);
/* The same for what is over in seconds: nothing but on a terminal, which it returns. An empty text
 * takes the line away. */
bool progress_show_step(const char *text);
void progress_end(void); /* leaves the last line standing */

#endif
