/* Keeps the process's levers (config/levers.h) as the table `settings` has them, within half a
 * second and a round trip.
 *
 * One per process, on any of its loops. A lever's value ends by the database's clock; while the
 * database is away the last known values stay until their ends. Each change and each end is logged
 * once, `setting_changed`; a value that can't be read, or that this process can't obey, changes
 * nothing and is logged once, `setting_ignored`.
 */
#ifndef PW_SERVICE_LEVER_WATCH_H
#define PW_SERVICE_LEVER_WATCH_H

#include "config/config.h"
#include "service/state_watch.h"

struct lever_watch;

/* changed(ctx) is called after the values changed, from the loop, which is the state watch's. */
struct lever_watch *lever_watch_start(struct loop *, struct state_watch *, const struct config *, loop_fn *changed,
                                      void *ctx);
void lever_watch_stop(struct lever_watch *); /* after the state watch's end */

#endif
