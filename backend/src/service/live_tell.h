/* What this process has written, told to every API process for those who watch it live
 * (api/live/hub.h): a NOTIFY on the channel LIVE_CHANNEL behind the commit, once a turn and every
 * 10 ms at most. So it is called when a write was reported as committed. A notification that is
 * lost costs time alone: the hubs look by themselves now and then.
 *
 * A payload has items with a blank between them, a letter and a UUID each: "p<post>" (its text,
 * replies, jobs, summary or end), "u<user>" (notifications or weekly digest), "d<persona>" (a
 * digest of its day), and "f" alone: something was published. */
#ifndef PW_SERVICE_LIVE_TELL_H
#define PW_SERVICE_LIVE_TELL_H

#include "base/uuid.h"
#include "sys/db/db.h"

#define LIVE_CHANNEL "pw_live"

struct live_tell;
struct live_tell *live_tell_open(struct loop *, struct db *); /* one a loop */
void live_tell_close(struct live_tell *);                     /* what wasn't told is found by sweeps */

/* Each is fine with NULL in place of the id: nothing is told. */
void live_tell_post(struct live_tell *, const char *post_id);
void live_tell_user(struct live_tell *, const char *user_id);
void live_tell_digest(struct live_tell *, const char *persona_id);
void live_tell_published(struct live_tell *);

/* ---- reading a payload ---- */

struct live_item {
    char kind;          /* p, u, d or f */
    char id[UUID_SIZE]; /* "" for f */
};
/* The next item at *at, which moves on; false: there is none. What is no item is passed over. */
bool live_item_read(const char **at, struct live_item *) MUST_CHECK;

#endif
