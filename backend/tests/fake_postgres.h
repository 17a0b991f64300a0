/* A Postgres without a server, for the test of sys/db/channel.c: the functions of libpq, of the
 * lane and of the loop that it calls, linked in their place. What the channel sends is written
 * down, and the test says when the server answers. It answers as Postgres does in pipeline mode:
 * after an error everything up to the sync is aborted, and a statement is known by the name under
 * which it was prepared.
 */
#ifndef PW_TESTS_FAKE_POSTGRES_H
#define PW_TESTS_FAKE_POSTGRES_H

#include "sys/db/channel.h"

void postgres_start(void); /* as if nothing had ever been sent; before channel_open */
void postgres_up(void);    /* the channel learns that it is connected */

/* Items since the last call, joined by blanks: "P:7" for a preparation of a statement whose name
 * ends with 7, "E:7:param" for an execution with its first parameter, "S" for a sync. The unnamed
 * statement is "-". */
const char *postgres_sent(void);
int postgres_waiting(void); /* items that have no answer */

/* The next execution with this first parameter fails, or, where it is "sync", the next commit. */
void postgres_fail(const char *param, const char *sqlstate, const char *message);
void postgres_forget_plans(void); /* as a pooler does that changes the server connection */

/* The next n items are answered, or all, also what the channel sends meanwhile. */
void postgres_answer(int n);
void postgres_answer_all(void);
/* The same, but for libpq's "no more" behind the last. */
void postgres_answer_but_null(int n);
void postgres_answer_null(int n); /* libpq's "no more" n times, and nothing else */

void postgres_break(void);            /* the connection ends; postgres_up follows */
const char *postgres_broken(void);    /* why the channel gave the connection up; "": it didn't */
uint64_t postgres_silent_since(void); /* ms: from when on the channel found the server silent */
void postgres_has_others(void);       /* the URL names other servers, too */
/* The server says something beside the answers, now. */
void postgres_warn(const char *severity, const char *sqlstate);
void postgres_clock(uint64_t ms); /* what the loop's clock shows from now on */
int postgres_proofs(void);        /* how often the channel found that the server answers */

#endif
