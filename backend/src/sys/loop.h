/* One event loop per thread (libuv). Everything here is called on the loop's own thread, except
 * loop_post and what says so. Callbacks run on the loop's thread and must not block it.
 *
 * Handles (timers, watches) belong to whoever made them and are given back with their _free
 * function, after which no callback comes. All of them must be freed before loop_free.
 */
#ifndef PW_SYS_LOOP_H
#define PW_SYS_LOOP_H

#include "base/base.h"

struct loop;
struct timer;
struct fd_watch;
typedef void loop_fn(void *ctx);

struct loop *loop_new(void);   /* the calling thread's */
void loop_free(struct loop *); /* runs what is left to close, and frees it */
void loop_run(struct loop *);  /* until loop_stop */
void loop_stop(struct loop *); /* loop_run returns after this turn */

/* Monotonic nanoseconds in steps of a millisecond, read once per turn: for deadlines, which timers
 * keep as exactly. Durations are measured with clock_ns, which is the same clock. */
uint64_t loop_now(const struct loop *);

/* A turn: callbacks of timers and file descriptors, then the `each turn` functions in the order
 * of `step`, then waiting. */
enum turn_step { TURN_ANSWER, TURN_SEND, TURN_LAST };
void loop_each_turn(struct loop *, enum turn_step step, loop_fn *fn, void *ctx);

/* The `each turn` functions run once more before the loop waits. Called by a timer or a file
 * descriptor it costs nothing, as they are still to come in this turn. */
void loop_again(struct loop *);

/* Calls fn(ctx) on the loop's thread; from any thread, in the order of posting. Posts that are
 * left when the loop ends are dropped. */
void loop_post(struct loop *, loop_fn *fn, void *ctx);

/* A timer is made once and set as often as wanted; setting it again forgets the earlier time. It
 * fires once per setting. */
struct timer *timer_new(struct loop *, loop_fn *fn, void *ctx);
void timer_set(struct timer *, uint64_t after_ms);
void timer_stop(struct timer *);
bool timer_is_set(const struct timer *);
void timer_free(struct timer *); /* NULL is fine */

/* Watches a file descriptor that somebody else owns; free the watch before the descriptor is
 * closed. */
enum { WATCH_READ = 1, WATCH_WRITE = 2 };
/* WATCH_READ | WATCH_WRITE; an error on the descriptor counts as both */
typedef void fd_watch_fn(void *ctx, int ready);
struct fd_watch *fd_watch_new(struct loop *, int fd, fd_watch_fn *fn, void *ctx);
void fd_watch_set(struct fd_watch *, int events); /* 0: none */
void fd_watch_free(struct fd_watch *);            /* NULL is fine */

/* Calls fn(ctx) each time that the process is asked to end: SIGTERM, SIGINT, and SIGHUP, unless it
 * was started to ignore that (nohup). For the life of the loop. */
void loop_on_stop(struct loop *, loop_fn *fn, void *ctx);

/* A thread with a loop of its own. The thread runs fn(ctx), which makes and frees its loop. */
struct thread;
struct thread *thread_start(loop_fn *fn, void *ctx);
void thread_join(struct thread *); /* waits for its end and frees it */

#endif
