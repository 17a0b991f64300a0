/* Where a command's settings come from: this shell, a file that it was given, or the stack that
 * `up` runs in the same folder. */
#ifndef PW_OPS_SHARED_SETTINGS_SOURCE_H
#define PW_OPS_SHARED_SETTINGS_SOURCE_H

#include "base/base.h"

/* "this shell" until something else was said. */
const char *settings_source(void);
bool settings_are_the_shells(void);
void settings_come_from(const char *source); /* kept by pointer */

/* Takes each `--env-file FILE` out of the words and its settings into the environment, where they
 * win, a later file's over an earlier one's. Files are read as systemd and compose do: NAME=value,
 * quotes, comments. False: `err` says why. Before any thread is started. */
bool env_file_use(int *argc, char **argv, struct err *err) MUST_CHECK;

/* How many settings the file has that the environment has not; 0 where there is no such file. */
int env_file_unset(const char *path);

#endif
