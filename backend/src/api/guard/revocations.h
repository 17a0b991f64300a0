/* Tokens that count no more before they expire: those of sessions that ended, and of users whose
 * account is being deleted (the table `revocations`).
 *
 * A process keeps the ids in memory, so that no request looks them up. One watch per process
 * follows the table within half a second and a round trip; while the database is away nothing new
 * is known, and nothing can be answered either. An id is forgotten when the last of its tokens has
 * expired. A million ids take 24 MiB.
 */
#ifndef PW_API_GUARD_REVOCATIONS_H
#define PW_API_GUARD_REVOCATIONS_H

#include "service/state_watch.h"
#include "sys/tokens.h"

struct revocations_watch;
/* one a process, on the loop of the state watch */
struct revocations_watch *revocations_watch_start(struct loop *, struct db *, struct state_watch *);
/* after the state watch's end, before the database's; after the threads that ask have ended */
void revocations_watch_stop(struct revocations_watch *);

/* Whether the table has been read since the start. Before that nobody can say who was revoked. Any
 * thread, like the two below. */
bool revocations_are_known(void);
bool revocations_have(const struct token_holder *);
/* A session that this process ended: refused here at once, elsewhere when the watch sees it. */
void revocations_add(const char session_id[static UUID_SIZE]);

#endif
