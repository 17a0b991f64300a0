/* What a command that takes its time says of it on stderr: a line rewritten in place on a
 * terminal, else one every ten seconds. */
#ifndef PW_OPS_SHARED_PROGRESS_H
#define PW_OPS_SHARED_PROGRESS_H

/* replaces the line on a terminal; elsewhere adds a line every ten seconds */
void progress_show(const char *text);
void progress_end(void); /* leaves the last one standing */

#endif
