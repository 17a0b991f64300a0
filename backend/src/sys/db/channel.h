/* One pipelined connection: sends calls and matches the answers to them. For sys/db/db.c alone. */
#ifndef PW_SYS_DB_CHANNEL_H
#define PW_SYS_DB_CHANNEL_H

#include "sys/db/call.h"
#include "sys/db/db_config.h"

struct channel;

/* Calls that can't be sent, or are lost, go to refuse(ctx, call, why). */
typedef void refuse_fn(void *ctx, struct db_call *, enum db_outcome why);

/* connects in the background */
struct channel *channel_open(struct loop *, const struct db_config *, refuse_fn *, void *ctx);
void channel_close(struct channel *); /* its calls are freed without a callback */
/* connected: what is queued goes out with the next send */
bool channel_is_up(const struct channel *);
bool channel_is_on(const struct channel *, enum server_role);
/* up, or connecting for the first time: a start is no outage */
bool channel_takes_calls(const struct channel *);
const char *channel_why_down(const struct channel *);
int channel_load(const struct channel *); /* answers awaited and calls waiting */
void channel_queue(struct channel *, struct db_call *);
void channel_send(struct channel *);  /* what is queued; once per turn */
void channel_renew(struct channel *); /* connects again: the database is read-only */
/* leaves the server when no answer came for too long, on this connection or another */
void channel_check_progress(struct channel *);

#endif
