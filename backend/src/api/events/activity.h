/* Records when users were active, and in which session. Each authenticated request notes its user
 * and session; a thread writes a session, or a user without one, at most once an hour, in batches.
 * No request waits for a batch. A user whose row is locked is tried again until it is free; after a
 * failure a later request of the user is written.
 */
#ifndef PW_API_EVENTS_ACTIVITY_H
#define PW_API_EVENTS_ACTIVITY_H

#include "base/uuid.h"
#include "sys/db/db.h"

struct activity; /* one per loop */

struct activity *activity_open(struct loop *, struct db *); /* one a loop */
/* the user made a request, in the session or, where that is "", without one */
void activity_note(struct activity *, const char user_id[static UUID_SIZE], const char session_id[static UUID_SIZE]);
/* before the database's end; what is noted and not written is lost */
void activity_close(struct activity *);

#endif
