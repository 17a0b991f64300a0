#include "ops/up/child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "ops/shared/exit_codes.h"

static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP};

static struct child *children[CHILDREN_MAX];
static size_t child_count;
static volatile sig_atomic_t stop_count;

static void note_stop(int signum)
{
    (void)signum;
    stop_count++;
}

static void note_nothing(int signum)
{
    (void)signum; /* only has to interrupt ppoll */
}

static void catch(int signum, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};
    sigaction(signum, &action, NULL);
}

/* Who started it with nohup wants it to outlive the terminal. */
static bool is_ignored_hangup(int signum)
{
    struct sigaction action;
    return signum == SIGHUP && sigaction(signum, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

void children_begin(void)
{
    sigset_t blocked;
    sigemptyset(&blocked);
    for (size_t i = 0; i < COUNT(stop_signals); i++) {
        if (is_ignored_hangup(stop_signals[i]))
            continue;
        sigaddset(&blocked, stop_signals[i]);
        catch(stop_signals[i], note_stop);
    }
    sigaddset(&blocked, SIGCHLD);
    catch(SIGCHLD, note_nothing);
    catch(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
}

int stops_asked(void)
{
    return stop_count;
}

static bool become(uid_t uid, gid_t gid)
{
    return uid == geteuid() || (setgroups(1, &gid) == 0 && setgid(gid) == 0 && setuid(uid) == 0);
}

static bool connect_outputs(const struct child_plan *plan)
{
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return nothing >= 0 && dup2(nothing, 0) == 0 && dup2(plan->out, 1) == 1 && dup2(plan->err, 2) == 2;
}

/* Between fork and exec. The program is opened before the change of user, who may be unable to
 * reach it. The change clears the death signal, so it is set after that; a parent that died before
 * it was set is seen by getppid. */
static NORETURN void turn_into(const struct child_plan *plan, pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    setpgid(0, 0);
    catch(SIGPIPE, SIG_DFL);
    int program = -1;
    bool ready = connect_outputs(plan) && (program = open(plan->argv[0], O_PATH | O_CLOEXEC)) >= 0 &&
                 (!plan->folder || chdir(plan->folder) == 0) && become(plan->uid, plan->gid) &&
                 prctl(PR_SET_PDEATHSIG, plan->last_signal) == 0;
    if (ready && getppid() == parent) {
        sigprocmask(SIG_SETMASK, &none, NULL);
        fexecve(program, (char *const *)(uintptr_t)plan->argv, environ);
    }
    dprintf(2, "while starting %s (%s): %s\n", plan->name, plan->argv[0], strerror(errno));
    _exit(EXIT_NO_PROGRAM);
}

/* Its place in the list; one that is started again keeps it. */
static size_t place_of_child(const struct child *child)
{
    size_t place = 0;
    while (place < child_count && children[place] != child)
        place++;
    return place;
}

bool child_start(struct child *child, const struct child_plan *plan, struct err *err)
{
    size_t place = place_of_child(child);
    if (place == CHILDREN_MAX)
        return fail(err, "while starting %s: too many processes", plan->name);
    pid_t parent = getpid(), pid = fork();
    if (pid < 0)
        return fail(err, "while starting %s: %s", plan->name, strerror(errno));
    if (pid == 0)
        turn_into(plan, parent);
    *child = (struct child){.name = plan->name, .pid = pid};
    children[place] = child;
    child_count = MAX(child_count, place + 1);
    return true;
}

/* Also takes orphans that came to us, where we are the first process of a container. */
static void reap(void)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (size_t i = 0; i < child_count; i++)
            if (children[i]->pid == pid && !children[i]->ended) {
                children[i]->ended = true;
                children[i]->status = status;
            }
}

void children_wait(struct pollfd *fds, nfds_t n, int timeout_ms)
{
    sigset_t none;
    sigemptyset(&none);
    struct timespec timeout = {.tv_sec = timeout_ms / 1000, .tv_nsec = (timeout_ms % 1000) * (long)NS_PER_MS};
    if (ppoll(fds, n, timeout_ms < 0 ? NULL : &timeout, &none) < 0)
        for (nfds_t i = 0; i < n; i++)
            fds[i].revents = 0;
    reap();
}

bool child_runs(const struct child *child)
{
    return child->pid && !child->ended;
}

bool child_succeeded(const struct child *child)
{
    return child->ended && WIFEXITED(child->status) && WEXITSTATUS(child->status) == 0;
}

void child_signal(const struct child *child, int signum)
{
    if (child_runs(child))
        kill(child->pid, signum);
}

bool child_wait(struct child *child, int timeout_ms)
{
    uint64_t give_up = clock_ns() + (uint64_t)timeout_ms * NS_PER_MS;
    for (uint64_t now; child_runs(child) && (now = clock_ns()) < give_up;)
        children_wait(NULL, 0, (int)((give_up - now) / NS_PER_MS) + 1);
    return !child_runs(child);
}

const char *child_end(const struct child *child, char out[static CHILD_END_SIZE])
{
    if (WIFSIGNALED(child->status))
        snprintf(out, CHILD_END_SIZE, "killed by signal %d (%s)", WTERMSIG(child->status),
                 strsignal(WTERMSIG(child->status)));
    else
        snprintf(out, CHILD_END_SIZE, "exit %d", WEXITSTATUS(child->status));
    return out;
}
