#include "sys/loop.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum { MAX_TURN_FNS = 16 };

struct post {
    struct post *next;
    loop_fn *fn;
    void *ctx;
};

struct turn_fn {
    loop_fn *fn;
    void *ctx;
};

struct loop {
    uv_loop_t uv;
    uv_prepare_t prepare;
    uv_idle_t again;
    uv_async_t posted;
    uv_mutex_t post_lock;
    struct post *first_post, **last_post;
    struct turn_fn turn_fns[TURN_LAST][MAX_TURN_FNS];
    int turn_fn_count[TURN_LAST];
    bool ending_turn, stopping;
};

/* libuv closes handles in the next turn; ours end with their last callback. */
static void free_handle_data(uv_handle_t *handle)
{
    free(handle->data);
}

static void run_posts(uv_async_t *async)
{
    struct loop *loop = async->data;
    uv_mutex_lock(&loop->post_lock);
    struct post *post = loop->first_post;
    loop->first_post = NULL;
    loop->last_post = &loop->first_post;
    uv_mutex_unlock(&loop->post_lock);
    while (post) {
        struct post *next = post->next;
        post->fn(post->ctx);
        free(post);
        post = next;
    }
}

static void stop_waiting(uv_idle_t *idle)
{
    uv_idle_stop(idle);
}

static void end_turn(uv_prepare_t *prepare)
{
    struct loop *loop = prepare->data;
    loop->ending_turn = true;
    for (int step = 0; step < TURN_LAST; step++)
        for (int i = 0; i < loop->turn_fn_count[step]; i++)
            loop->turn_fns[step][i].fn(loop->turn_fns[step][i].ctx);
    loop->ending_turn = false;
}

struct loop *loop_new(void)
{
    struct loop *loop = must_calloc(1, sizeof *loop);
    if (uv_loop_init(&loop->uv) != 0 || uv_mutex_init(&loop->post_lock) != 0)
        abort();
    loop->last_post = &loop->first_post;
    if (uv_prepare_init(&loop->uv, &loop->prepare) != 0 || uv_idle_init(&loop->uv, &loop->again) != 0 ||
        uv_async_init(&loop->uv, &loop->posted, run_posts) != 0)
        abort();
    loop->prepare.data = loop->posted.data = loop;
    uv_prepare_start(&loop->prepare, end_turn);
    return loop;
}

/* What the loop made itself: its own handles and the signals' ones. Everything else was freed by
 * its owner, and only its closing is left. */
static void close_own(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle))
        uv_close(handle, handle->type == UV_SIGNAL ? free_handle_data : NULL);
}

void loop_free(struct loop *loop)
{
    uv_walk(&loop->uv, close_own, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    if (uv_loop_close(&loop->uv) != 0)
        abort();
    while (loop->first_post) {
        struct post *next = loop->first_post->next;
        free(loop->first_post);
        loop->first_post = next;
    }
    uv_mutex_destroy(&loop->post_lock);
    free(loop);
}

void loop_run(struct loop *loop)
{
    loop->stopping = false;
    while (!loop->stopping)
        uv_run(&loop->uv, UV_RUN_ONCE);
}

void loop_stop(struct loop *loop)
{
    loop->stopping = true;
}

uint64_t loop_now(const struct loop *loop)
{
    return uv_now(&loop->uv) * UINT64_C(1000000);
}

void loop_each_turn(struct loop *loop, enum turn_step step, loop_fn *fn, void *ctx)
{
    if (loop->turn_fn_count[step] == MAX_TURN_FNS)
        abort();
    loop->turn_fns[step][loop->turn_fn_count[step]++] = (struct turn_fn){fn, ctx};
}

void loop_again(struct loop *loop)
{
    if (loop->ending_turn)
        uv_idle_start(&loop->again, stop_waiting);
}

void loop_post(struct loop *loop, loop_fn *fn, void *ctx)
{
    struct post *post = must_alloc(sizeof *post);
    *post = (struct post){.next = NULL, .fn = fn, .ctx = ctx};
    uv_mutex_lock(&loop->post_lock);
    *loop->last_post = post;
    loop->last_post = &post->next;
    uv_mutex_unlock(&loop->post_lock);
    uv_async_send(&loop->posted);
}

struct timer {
    uv_timer_t uv;
    loop_fn *fn;
    void *ctx;
};

static void timer_fired(uv_timer_t *uv)
{
    struct timer *timer = uv->data;
    timer->fn(timer->ctx);
}

struct timer *timer_new(struct loop *loop, loop_fn *fn, void *ctx)
{
    struct timer *timer = must_calloc(1, sizeof *timer);
    timer->fn = fn;
    timer->ctx = ctx;
    uv_timer_init(&loop->uv, &timer->uv);
    timer->uv.data = timer;
    return timer;
}

void timer_set(struct timer *timer, uint64_t after_ms)
{
    uv_timer_start(&timer->uv, timer_fired, after_ms, 0);
}

void timer_stop(struct timer *timer)
{
    uv_timer_stop(&timer->uv);
}

bool timer_is_set(const struct timer *timer)
{
    return uv_is_active((const uv_handle_t *)&timer->uv);
}

void timer_free(struct timer *timer)
{
    if (timer)
        uv_close((uv_handle_t *)&timer->uv, free_handle_data);
}

struct fd_watch {
    uv_poll_t uv;
    int events;
    fd_watch_fn *fn;
    void *ctx;
};

static void fd_watch_fired(uv_poll_t *uv, int status, int events);

static void fd_watch_start(struct fd_watch *watch)
{
    int wanted = (watch->events & WATCH_READ ? UV_READABLE : 0) | (watch->events & WATCH_WRITE ? UV_WRITABLE : 0);
    if (wanted)
        uv_poll_start(&watch->uv, wanted, fd_watch_fired);
    else
        uv_poll_stop(&watch->uv);
}

/* libuv stops watching after an error. The owner may now read only the data that came before the
 * error, so the watch starts again and reports the error once more. */
static void fd_watch_fired(uv_poll_t *uv, int status, int events)
{
    struct fd_watch *watch = uv->data;
    int ready = (events & UV_READABLE ? WATCH_READ : 0) | (events & UV_WRITABLE ? WATCH_WRITE : 0);
    if (status < 0)
        fd_watch_start(watch);
    watch->fn(watch->ctx, status < 0 ? WATCH_READ | WATCH_WRITE : ready);
}

struct fd_watch *fd_watch_new(struct loop *loop, int fd, fd_watch_fn *fn, void *ctx)
{
    struct fd_watch *watch = must_calloc(1, sizeof *watch);
    watch->fn = fn;
    watch->ctx = ctx;
    if (uv_poll_init(&loop->uv, &watch->uv, fd) != 0)
        abort();
    watch->uv.data = watch;
    return watch;
}

/* Does nothing for the same events: libuv would make two system calls. */
void fd_watch_set(struct fd_watch *watch, int events)
{
    if (events == watch->events)
        return;
    watch->events = events;
    fd_watch_start(watch);
}

void fd_watch_free(struct fd_watch *watch)
{
    if (!watch)
        return;
    uv_poll_stop(&watch->uv);
    uv_close((uv_handle_t *)&watch->uv, free_handle_data);
}

struct on_signal {
    uv_signal_t uv;
    loop_fn *fn;
    void *ctx;
};

static void signal_came(uv_signal_t *uv, int signum)
{
    (void)signum;
    struct on_signal *on = uv->data;
    on->fn(on->ctx);
}

static void watch_signal(struct loop *loop, int signum, loop_fn *fn, void *ctx)
{
    struct on_signal *on = must_calloc(1, sizeof *on);
    on->fn = fn;
    on->ctx = ctx;
    uv_signal_init(&loop->uv, &on->uv);
    on->uv.data = on;
    uv_signal_start(&on->uv, signal_came, signum);
}

static bool is_ignored(int signum)
{
    struct sigaction action;
    return sigaction(signum, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

void loop_on_stop(struct loop *loop, loop_fn *fn, void *ctx)
{
    watch_signal(loop, SIGTERM, fn, ctx);
    watch_signal(loop, SIGINT, fn, ctx);
    if (!is_ignored(SIGHUP))
        watch_signal(loop, SIGHUP, fn, ctx);
}

struct thread {
    uv_thread_t uv;
};

struct thread *thread_start(loop_fn *fn, void *ctx)
{
    struct thread *thread = must_alloc(sizeof *thread);
    if (uv_thread_create(&thread->uv, fn, ctx) != 0)
        abort();
    return thread;
}

void thread_join(struct thread *thread)
{
    uv_thread_join(&thread->uv);
    free(thread);
}
