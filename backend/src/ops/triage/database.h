/* The part of triage's look that is the database's: one session, one round trip for all
 * questions (backend/sql/triage). */
#ifndef PW_OPS_TRIAGE_DATABASE_H
#define PW_OPS_TRIAGE_DATABASE_H

#include "sys/db/session.h"

/* The tables that the database was asked for; rows as the statements' contracts say. */
enum question {
    ASK_CONNECTIONS,
    ASK_HOLDERS,
    ASK_STANDING,
    ASK_REPLICATION,
    ASK_SERVER,
    ASK_COLUMNS,
    ASK_LOCKS,
    ASK_IDLE,
    ASK_TIMES,
    ASK_RUNNING,
    ASK_RELATIONS,
    ASK_VERSIONS,
    ASK_QUEUE,
    ASK_FAILURES,
    ASK_FINISHED,
    ASK_LEASES,
    ASK_DIGESTS,
    ASK_FRESHNESS,
    ASK_LEVERS,
    QUESTIONS
};

struct database_look {
    bool answers;
    /* why it didn't, at the first try; never with a password. It may have answered the second. */
    struct err err;
    char refused[SQLSTATE_SIZE]; /* the SQLSTATE of a server that refused that try; "": none did */
    double ping_s;
    double clock_ahead_s;               /* its clock, of this machine's */
    struct session_ask asks[QUESTIONS]; /* any of them may have failed by itself */
};

/* Asks it all; what happened is of the last `since_ms`. Takes 5 s at most. */
void look_at_database(struct database_look *, struct arena *, int64_t since_ms);

#endif
