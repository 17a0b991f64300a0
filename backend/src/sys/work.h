/* CPU work that would hold up a loop: a queue with threads of its own, which are niced and do one
 * piece of work at a time each.
 *
 * A piece of work is a struct with a struct work in it. run() runs on one of the queue's threads
 * and hands its result on by itself (loop_post); the piece belongs to whoever added it and must
 * live until run() has returned, or until work_close has.
 */
#ifndef PW_SYS_WORK_H
#define PW_SYS_WORK_H

#include "base/base.h"

struct work {
    void (*run)(struct work *);
    struct work *next; /* the queue's own */
};

struct work_queue;

enum { WORK_THREADS_MAX = 2 };
struct work_queue *work_open(int threads, int limit); /* at most `limit` pieces wait */
/* false: the queue is full. Any thread */
bool work_add(struct work_queue *, struct work *) MUST_CHECK;
/* waits for the pieces under way; those that wait are never run */
void work_close(struct work_queue *);

#endif
