/* CPU work that would hold up a loop: a queue with threads of its own, which are niced and do one
 * piece of work at a time each. Lanes and the networks that work comes from take turns
 * (base/turns.h).
 *
 * A piece of work is a struct with a struct work in it. run() runs on one of the queue's threads
 * and hands its result on by itself (loop_post); the piece belongs to whoever added it and must
 * live until run() or push_out() has returned, or until work_remove or work_close has.
 */
#ifndef PW_SYS_WORK_H
#define PW_SYS_WORK_H

#include "base/turns.h"

struct work {
    struct turn turn; /* first; its origin and its lane, from 0 */
    void (*run)(struct work *);
    /* It lost its place to another, in whose work_add this runs. NULL where all work has one
     * origin: such work never does. */
    void (*push_out)(struct work *);
};

struct work_queue;

enum { WORK_THREADS_MAX = 2 };
struct work_queue *work_open(int threads, int lanes, int room); /* at most `room` pieces wait in a lane */
/* false: it has no place. Any thread */
bool work_add(struct work_queue *, struct work *) MUST_CHECK;
/* false: it doesn't wait: it runs, or ran, or was pushed out. Any thread */
bool work_remove(struct work_queue *, struct work *);
/* waits for the pieces under way; those that wait are never run */
void work_close(struct work_queue *);

#endif
