/* Keeps the process's part in the daily budget of tokens (llm/shared_budget.h) together with the
 * day's row in the database: takes portions before calls need them, and tells what calls used
 * within half a second.
 *
 * One per process, on any of its loops. While the database is away nothing is taken; what wasn't
 * told is told later.
 */
#ifndef PW_SERVICE_BUDGET_KEEPER_H
#define PW_SERVICE_BUDGET_KEEPER_H

#include "config/config.h"
#include "service/state_watch.h"

struct budget_keeper;

void budget_metrics(void); /* makes the llm_budget_* series; once per process, before any thread */

/* opened(ctx), NULL: nobody, is called from the loop when a budget that was used up isn't any
 * more. */
struct budget_keeper *budget_keeper_start(struct loop *, struct db *, struct state_watch *, const struct config *,
                                          loop_fn *opened, void *ctx);
/* Gives back what is free, for good. True: all is told, or can't be as the database is away, or
 * calls are still under way; false: ask again soon. */
bool budget_keeper_gave_back(struct budget_keeper *);
/* After the state watch's end and that of other threads' calls, and before the database's. */
void budget_keeper_stop(struct budget_keeper *);

#endif
