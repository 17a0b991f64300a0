/* Which servers have stopped answering, known to all connections of the process: one that owes a
 * connection an answer for too long has most likely stopped for the others, too, of which those
 * that are idle would find out at their next statement, each after a time-out of its own. Any
 * thread. For sys/db/lane.c alone. */
#ifndef PW_SYS_DB_SILENCE_H
#define PW_SYS_DB_SILENCE_H

#include "base/base.h"

/* The server owes an answer since then (clock_ns). */
void silence_note(const char *server, uint64_t since);
/* Whether the server has been silent since after `heard`, when it was last heard of. */
bool silence_since(const char *server, uint64_t heard);

#endif
