/* A process's part in the tokens that all processes together may use in a UTC day. Pure: time and
 * the day's row in the database (sql/budgets) are parameters.
 *
 * The row has what processes have taken and, of that, what calls have used. A process takes a
 * portion of at most 1 % of the budget, or what one call needs if that is more; promises tokens of
 * it to each call before the call is made; and settles the promise with what the call used. So the
 * row is ahead of what was used, by what a process has free and what calls under way may use: a
 * process that is killed takes no more than that with it.
 *
 * What a call will use is what calls of its operation have used here, else what the day's calls
 * have used anywhere, else the most that it can use, but at most half of the budget. While that is
 * all that is known, a process makes one call at a time where more would be over a portion.
 *
 * A call begins where at least half of what it will use is left, so that a day's use comes out
 * within a call of the budget, on either side. While others' calls may give tokens back, those that
 * find too few wait; the budget is used up when the used ones leave no room, or when nothing has
 * changed in the row for as long as a call may take.
 */
#ifndef PW_DOMAIN_MODEL_BUDGET_H
#define PW_DOMAIN_MODEL_BUDGET_H

#include "domain/brief.h"

struct budget_row {      /* a day, as the database has it; tokens but for … */
    int64_t day;         /* since 1970 */
    int64_t taken, used; /* `used` is a part of `taken`, but for what is told late */
    int64_t calls;       /* that `used` is of */
    int64_t quiet_ms;    /* since the row's last change */
    int64_t ends_in_ms;  /* the day does */
};

struct budget {      /* all zero but for call_ms: nothing is known */
    int64_t call_ms; /* as long as a call may take */
    int64_t limit;   /* of a day; 0: none, and all is counted */
    bool is_known;   /* the row was seen */
    struct budget_row row;
    uint64_t seen_at;    /* ns, as all times here */
    int64_t free;        /* taken, and promised to no call; below 0: calls used more than promised */
    int64_t promised;    /* to calls under way */
    int64_t used, calls; /* settled, and not told to the database yet */
    int64_t wanted;      /* by a call that waits; 0: none does */
    int64_t refused;     /* what a call would have used that found the budget used up; 0: none did */
    struct {
        int64_t tokens, calls; /* what a call uses on average, and of how many */
    } costs[LLM_OPERATIONS];
};

struct budget_promise {
    int64_t day, tokens; /* tokens 0: of no budget */
};

enum budget_answer { BUDGET_PROMISED, BUDGET_WAIT, BUDGET_USED_UP };

/* Whether the process can tell by itself what a call uses; else `most` matters below. */
bool budget_knows(const struct budget *, enum llm_operation);

/* Asks for a call. `most`: the most that it can use, where it isn't known better. After
 * BUDGET_PROMISED one budget_settle or budget_return must follow. */
enum budget_answer budget_ask(struct budget *, enum llm_operation, int64_t most, uint64_t now, struct budget_promise *);
/* The call ended, and used so many tokens; 0: it cost nothing. */
void budget_settle(struct budget *, enum llm_operation, const struct budget_promise *, int64_t used);
/* The call wasn't made. */
void budget_return(struct budget *, const struct budget_promise *);

/* ---- with the database ---- */

/* What the row is told: `more` tokens are taken where `least` of them are within the limit, `back`
 * are given back (below 0: were used beyond what was taken), and `used` and `calls` are counted. */
struct budget_exchange {
    int64_t day, limit, more, least, back, used, calls;
};

/* The next exchange, taken out of the budget; false: nothing is to be said. At most one may be
 * under way. `leaves`: the process stops, and keeps nothing free. */
bool budget_next(struct budget *, bool leaves, struct budget_exchange *) MUST_CHECK;
/* Whether calls wait for an exchange, or will before long. */
bool budget_needs_more(const struct budget *);
/* The exchange was made; `granted`: `more` or 0. */
void budget_exchanged(struct budget *, int64_t granted);
/* It failed; `maybe_made`: nobody knows. In doubt more counts as used. */
void budget_not_exchanged(struct budget *, const struct budget_exchange *, bool maybe_made);
/* The row as it is now. */
void budget_see(struct budget *, const struct budget_row *, uint64_t now);

/* For how long the budget stays used up, as a call found it; 0: it isn't. */
uint64_t budget_closed_ms(const struct budget *, uint64_t now);

#endif
