/* The processes that `up` starts, and the signals that concern them.
 *
 * A child is in a process group of its own, so that Ctrl-C reaches `up` alone and the order of
 * stopping is ours. The kernel sends it `last_signal` if `up` itself is killed, so nothing
 * outlives it. One thread; at most CHILDREN_MAX children in the life of the process.
 */
#ifndef PW_OPS_UP_CHILD_H
#define PW_OPS_UP_CHILD_H

#include <poll.h>
#include <sys/types.h>

#include "base/base.h"

enum { CHILDREN_MAX = 16 };

struct child {
    const char *name;
    pid_t pid; /* 0: never started */
    bool ended;
    int status; /* as waitpid gives it */
};

struct child_plan {
    const char *name;        /* for messages */
    const char *const *argv; /* argv[0] is the file, found without PATH */
    const char *folder;      /* to run in; NULL: ours */
    uid_t uid;               /* to run as; our own uid changes nothing */
    gid_t gid;
    int out, err; /* its standard output and standard error */
    int last_signal;
};

/* once, before the first child: signals are taken only inside children_wait */
void children_begin(void);

/* `child` must stay where it is. One that has ended may be started again. */
bool child_start(struct child *, const struct child_plan *, struct err *err) MUST_CHECK;

/* Waits until a descriptor is ready, a signal came, or the time is over (-1: no limit). Then
 * every `ended` is up to date. `fds` may be NULL. */
void children_wait(struct pollfd *fds, nfds_t n, int timeout_ms);

int stops_asked(void); /* how often SIGINT, SIGTERM or SIGHUP came */

bool child_runs(const struct child *);               /* started, and not ended yet */
bool child_succeeded(const struct child *);          /* ended with exit code 0 */
void child_signal(const struct child *, int signum); /* nothing where it doesn't run */
bool child_wait(struct child *, int timeout_ms);     /* until it has ended; false: it runs on */

/* How it ended: "exit 1", "killed by signal 9 (Killed)". */
enum { CHILD_END_SIZE = 80 };
const char *child_end(const struct child *, char out[static CHILD_END_SIZE]);

#endif
