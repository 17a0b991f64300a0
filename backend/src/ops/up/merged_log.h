/* The logs of several children as one, on standard output: coloured for a terminal, else the
 * very JSON lines; and as JSON lines in a file.
 *
 * A reader that doesn't keep up must not stop the services: lines that it has no room for are
 * dropped and counted.
 */
#ifndef PW_OPS_UP_MERGED_LOG_H
#define PW_OPS_UP_MERGED_LOG_H

#include "base/base.h"

enum { LOG_LINE_MAX = 16384, LAST_ERROR_SIZE = 256 };

struct log_source {
    const char *name;
    int fd; /* non-blocking; closed and -1 at its end */
    size_t used;
    char lines[LOG_LINE_MAX]; /* what came and isn't a whole line yet */
    /* its last line at level error, in short; for saying why a child ended */
    char last_error[LAST_ERROR_SIZE];
};

void log_source_read(struct log_source *); /* prints what has come */
/* closes the pipe; an unfinished line is left out */
void log_source_close(struct log_source *);

bool log_is_for_people(void);    /* standard output is a terminal */
size_t merged_log_dropped(void); /* lines */

/* Keeps the lines in `path`, too, as soon as this is called, after what an earlier run left there.
 * At 8 MiB the file becomes `path`.1 and a new one begins. Only JSON lines get into it. */
bool merged_log_keep(const char *path, struct err *err) MUST_CHECK;

/* A line of our own, with its time: `fields` is JSON (",\"address\":\"...\"") or "". */
void merged_log_say(const char *level, const char *msg, const char *fields);

#endif
