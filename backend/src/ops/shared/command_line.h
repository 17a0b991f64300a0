/* The words of a command line: actions, flags, and what is said of wrong ones. */
#ifndef PW_OPS_SHARED_COMMAND_LINE_H
#define PW_OPS_SHARED_COMMAND_LINE_H

#include <stdio.h>

#include "base/base.h"
#include "ops/shared/exit_codes.h"

struct flag {
    const char *name;   /* "--for" */
    const char **value; /* NULL: the flag is followed by none */
    bool *given;        /* NULL: `value` says it */
};

/* Takes the flags out of the words, wherever they stand; a row without name ends the table.
 * False: a flag that isn't there, that comes twice, or whose value is missing. */
bool words_take_flags(char **words, int *count, const struct flag *flags) MUST_CHECK;

/* How long something holds: "30m", 1s to 720h. False: something else. */
bool words_read_time(const char *text, int64_t *ms) MUST_CHECK;
extern const char words_wrong_for[]; /* what to say then of --for */

bool words_ask_for_help(int argc, char **argv); /* one of them is --help */

/* What every command does with its command line: `print_usage` on stdout for --help, on stderr
 * after the reason for wrong words. Both give the exit code. */
typedef void words_usage(FILE *);
int words_usage_error(const char *command, words_usage *, const char *what, const char *word);
int words_refuse(const char *command, const char *why); /* the reason alone */

#endif
