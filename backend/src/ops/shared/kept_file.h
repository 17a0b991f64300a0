/* Entries of the journal that a command couldn't write, as the database was away: lines of JSON in
 * a file for each database, in `.personaworlds/incidents/` where the working folder has
 * `.personaworlds/`, else in `$XDG_STATE_HOME/personaworlds/`, else in
 * `~/.local/state/personaworlds/`. Only its owner reads and writes it. */
#ifndef PW_OPS_SHARED_KEPT_FILE_H
#define PW_OPS_SHARED_KEPT_FILE_H

#include "base/arena.h"

struct kept_entry {
    const char *entry; /* a UUID: written twice, it is there once */
    int64_t at_us;     /* this machine's wall clock */
    const char *who, *kind, *what;
};

/* Adds the entry to the file of the database. NULL: it can't be kept, and `err` says why; else the
 * file's path, in the arena. */
const char *kept_add(struct arena *, const char *database_url, const struct kept_entry *, struct err *) MUST_CHECK;

/* Takes an entry; false ends the reading, and the file stays as it is. */
typedef bool kept_fn(void *ctx, const struct kept_entry *);

/* Gives each entry of the database's files to take(), in their order, and with `forget` empties
 * each file of which all were taken. A file that another command reads at the moment is left to it.
 * Returns how many entries were taken. */
int kept_each(struct arena *, const char *database_url, bool forget, kept_fn *take, void *ctx);

#endif
