/* One of doctor's checks while it runs: what it may look at, and what it has found. Each has a
 * thread of its own, so it may block, and all of them look at the same time; none may need what
 * another found.
 */
#ifndef PW_OPS_DOCTOR_CHECKUP_H
#define PW_OPS_DOCTOR_CHECKUP_H

#include <sys/queue.h>

#include "base/arena.h"
#include "config/config.h"
#include "runbook.h"

enum verdict {
    VERDICT_OK,
    VERDICT_WARNING, /* it will work, but not as one would want it */
    VERDICT_PROBLEM,
    VERDICT_UNKNOWN, /* couldn't look, for a reason that another check tells */
};

struct finding {
    STAILQ_ENTRY(finding) link;
    enum verdict verdict;
    const char *sentence, *remedy; /* remedy NULL: nothing to do */
};

struct checkup {
    struct arena *arena;
    const struct config *config;  /* a setting that can't be read has its default */
    const struct err *unreadable; /* the settings that can't be read, in words */
    int unreadable_count;
    enum deployment deployment;
    bool is_named; /* asked for by name: it may cost something */
    /* What a check that doesn't end in time was waiting for, as a sentence; NULL: nobody knows.
     * Constant texts, as it is read while the check still runs. */
    _Atomic(const char *) waits_for;
    STAILQ_HEAD(, finding) findings;
};

/* `remedy` is kept by pointer. No text may have a secret: DSN, key or token. */
void found(struct checkup *, enum verdict, const char *remedy, const char *fmt, ...) PRINTF(4, 5);

/* A check has this long until doctor goes on without it. What it waits for should end earlier,
 * so that it can say more. */
enum { CHECK_MS = 3000 };

/* What is done in the deployment at hand: "docker compose up -d postgres". */
const char *act_here(const struct checkup *, enum act);

void check_settings(struct checkup *); /* each setting can be read and is within its bounds */
void check_secrets(struct checkup *);  /* the secrets are no defaults, and are long enough */
void check_files(struct checkup *);    /* MIGRATIONS_DIR can be read; file descriptors suffice */
void check_ports(struct checkup *);    /* the ports are free, or ours already has them */
/* the database answers, and is one that the program can use */
void check_database(struct checkup *);
/* the services' role may do little, and the owner's may migrate */
void check_roles(struct checkup *);
/* past the pooler there is a session, for migrations and LISTEN */
void check_direct_database(struct checkup *);
void check_migrations(struct checkup *); /* none is pending, changed or unknown */
void check_clock(struct checkup *);      /* this machine's clock and the database's agree */
void check_mail(struct checkup *);       /* the mail server answers and takes the login */
void check_redis(struct checkup *);      /* the Redis of the shared rate limits answers */
/* The model's server answers and takes the key; where it was named, one real call writes a text. */
void check_provider(struct checkup *);

#endif
