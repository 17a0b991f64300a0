/* Addresses that an operator blocks (`personaworlds block`, the table `blocked_addresses`):
 * their requests are refused with 403 before anything else.
 *
 * One watch per process follows the table within half a second and two round trips. A block ends
 * by the database's clock; while the database is away the last known blocks stay until their ends.
 * Each change is logged, `blocks_changed`. A thread has a view of its own: a set that never
 * changes, and that a newer set replaces at the next request.
 */
#ifndef PW_API_GUARD_BLOCKS_H
#define PW_API_GUARD_BLOCKS_H

#include "api/http/call.h"
#include "domain/cidr.h"
#include "service/state_watch.h"

void blocks_metrics(void); /* requests_blocked_total; once per process, before any thread */

struct blocks_watch;
/* one a process, on the loop of the state watch */
struct blocks_watch *blocks_watch_start(struct loop *, struct db *, struct state_watch *);
/* after the state watch's end, before the database's */
void blocks_watch_stop(struct blocks_watch *);

struct blocks_view;
/* one a loop: the set of networks that its thread checks */
struct blocks_view *blocks_view_open(void);
void blocks_view_close(struct blocks_view *); /* after the server's end */

/* Whether the call comes from a blocked address, the one that rate limits count by. True: the
 * refusal is counted, and logged as `address_blocked`, once a minute for an address (more often
 * where over 4,096 addresses are refused in a minute). */
bool blocks_refuse(struct blocks_view *, struct call *);
/* Whether the address is blocked by now, for what lasts longer than a request; counts nothing. */
bool blocks_have(struct blocks_view *, const struct address *);

#endif
