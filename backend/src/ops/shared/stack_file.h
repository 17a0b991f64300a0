/* `.personaworlds/stack.json`: what the `up` of a folder runs, for the commands that somebody
 * types in the same folder.
 *
 * It has the settings that `up` gives its services, secrets among them, so only its owner can
 * read it. It holds while that `up` does: the lock of the folder says so, and a file that a
 * killed `up` left is no stack.
 */
#ifndef PW_OPS_SHARED_STACK_FILE_H
#define PW_OPS_SHARED_STACK_FILE_H

#include "base/base.h"

/* Whose word counts where the environment and the file both have a setting. */
enum stack_use {
    STACK_UNUSED,
    STACK_FILLS,  /* the environment's: the file fills in what is not set */
    STACK_DECIDES /* the file's: for a command that tells how the services are configured */
};

/* Writes the settings of this process's environment, all at once: no reader sees half a file.
 * `folder` is .personaworlds. */
bool stack_file_write(const char *folder, struct err *err) MUST_CHECK;

/* Of this `up` or one that was killed; fine where there is none. For who has the folder's lock. */
void stack_file_remove(const char *folder);

/* Puts the settings of the stack that runs in the working folder into the environment, and says
 * so on standard error. Nothing happens where none runs, or where the environment names another
 * database than the stack's. Before any thread is started. */
void stack_file_use(enum stack_use use, const char *command);

/* Whether an `up` runs in the working folder. */
bool stack_is_running(void);

#endif
