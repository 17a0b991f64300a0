/* The journal: what happens to this process, in the table of that name, for the timeline of an
 * incident (`personaworlds incident report`).
 *
 * Anything may note an entry at any time, from any thread; a statement a moment later writes what
 * was noted. While the database is away the entries are kept, NOTES_MAX of them, and are written
 * when it is back, with the time at which they were noted. Of what is beyond that, the number is
 * written. What a process notes is no secret and no user's text.
 */
#ifndef PW_SERVICE_JOURNAL_H
#define PW_SERVICE_JOURNAL_H

#include "sys/db/db.h"

enum { NOTES_MAX = 256, NOTE_SIZE = 320 };

/* The kinds of entries: journal.kind. */
#define JOURNAL_PROCESS "process"     /* starts and stops */
#define JOURNAL_READINESS "readiness" /* /readyz became another */
#define JOURNAL_MIGRATION "migration"
#define JOURNAL_LEVER "lever" /* of pauses, too */
#define JOURNAL_BLOCK "block"
#define JOURNAL_TRIAGE "triage"
#define JOURNAL_VERIFY "verify"
#define JOURNAL_NOTE "note"     /* an operator's */
#define JOURNAL_ACTION "action" /* what else an operator did */

/* Longer texts are cut. */
void journal_note(const char *kind, const char *fmt, ...) PRINTF(2, 3);
/* The same for what several processes see: the entry is there once, as its `id` is the same. */
void journal_note_once(const char *id, const char *kind, const char *fmt, ...) PRINTF(3, 4);

struct journal;
/* Begins to write; one per process. `service` and the port are who it is. can_write(): false while
 * the table may not be there yet. */
struct journal *journal_start(struct loop *, struct db *, const char *service, int64_t port, bool (*can_write)(void));
/* Writes at once. True: all is written, or nothing can be, so that a process that ends needn't wait
 * any longer. */
bool journal_finish(struct journal *);
/* Before the database's end. What isn't written is lost, and the log says how much that is. */
void journal_stop(struct journal *);

#endif
