/* What the tests of sys/db/channel.c share: a channel to a server that they play, a table of
 * statements of their own, and calls whose ends are written down. */
#ifndef PW_TESTS_CHANNEL_WORLD_H
#define PW_TESTS_CHANNEL_WORLD_H

#include "fake_postgres.h"
#include "unit.h"

#define READ SQL_PERSONAS_LIST
#define OTHER_READ SQL_PERSONAS_SHOW
#define PARTED_READ SQL_ROOMS_LIST /* its second part has the number behind its first's */
#define WRITE SQL_PERSONAS_UPDATE
#define LOCKED_WRITE SQL_PERSONAS_DELETE /* begins with another statement */
#define CLAIM SQL_IDEMPOTENCY_CLAIM      /* goes before a write, with a parameter of its own */

enum { TIMEOUT_MS = 1000, GRACE_MS = 3000, GRACE_AMONG_MS = 1000, WRITES_AHEAD = 8 };

extern struct channel *channel;
extern int open_calls; /* that were asked and have not ended */

struct db_call *ask(enum sql statement, const char *param); /* `param` is kept by pointer */
struct db_call *ask_with_claim(enum sql statement, const char *claim, const char *param);
const char *numbered(int n); /* "7"; up to 1023 */
void drop(struct db_call *);
/* sends what is queued and has all of it answered, over and over, as the loop's turns do */
void run_turns(void);
const char *ends(void); /* "param:outcome" of the calls that ended since the last call, in order */

#define assert_sent(want) assert_text(postgres_sent(), want, "what was sent")
#define assert_ended(want) assert_text(ends(), want, "the ends")

int with_channel(void **state);
int with_reads_channel(void **state);
int with_pooled_channel(void **state);
int close_channel(void **state);

#define DIRECT(test) cmocka_unit_test_setup_teardown(test, with_channel, close_channel)
#define READS(test) cmocka_unit_test_setup_teardown(test, with_reads_channel, close_channel)
#define POOLED(test) cmocka_unit_test_setup_teardown(test, with_pooled_channel, close_channel)

#endif
