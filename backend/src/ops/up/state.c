#include "ops/up/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "config/config.h"
#include "ops/shared/stack_file.h"

/* ---- the folder ---- */

/* Who may write to the folder could put another secret or database there. */
static bool is_our_folder(const char *folder, struct err *err)
{
    struct stat info;
    if (lstat(folder, &info) != 0)
        return fail(err, "while opening %s: %s", folder, strerror(errno));
    if (!S_ISDIR(info.st_mode))
        return fail(err, "while opening %s: it is no folder", folder);
    if (info.st_uid != geteuid())
        return fail(err, "while opening %s: it belongs to another user; start as that user, or in another folder",
                    folder);
    if (info.st_mode & (S_IWGRP | S_IWOTH))
        return fail(err, "while opening %s: others may write to it; see what is in it, then `chmod go-w` it", folder);
    return true;
}

static bool find_folder(struct up_state *state, struct err *err)
{
    char here[PATH_MAX];
    if (!getcwd(here, sizeof here))
        return fail(err, "while looking for this folder: %s", strerror(errno));
    if (snprintf(state->folder, sizeof state->folder, "%s/.personaworlds", here) >= (int)sizeof state->folder)
        return fail(err, "while opening %s: the path is too long", here);
    state->was_made = mkdir(state->folder, 0755) == 0;
    if (!state->was_made && errno != EEXIST)
        return fail(err, "while making %s: %s", state->folder, strerror(errno));
    if (!is_our_folder(state->folder, err))
        return false;
    /* the user that runs Postgres passes through it */
    return geteuid() != 0 || chmod(state->folder, 0755) == 0 ||
           fail(err, "while opening %s: %s", state->folder, strerror(errno));
}

/* One `up` in a folder. Its number in the file is for the message alone. */
static bool take_lock(struct up_state *state, struct err *err)
{
    char pid[24] = "", path[PATH_MAX + 8];
    snprintf(path, sizeof path, "%s/lock", state->folder);
    state->lock = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (state->lock < 0)
        return fail(err, "while opening %s: %s", path, strerror(errno));
    if (flock(state->lock, LOCK_EX | LOCK_NB) != 0) {
        bool known = pread(state->lock, pid, sizeof pid - 1, 0) > 0;
        close(state->lock);
        state->lock = -1; /* what is kept here is the other's */
        return fail(err, "`personaworlds up` runs in this folder already (process %ld)",
                    known ? strtol(pid, NULL, 10) : 0);
    }
    int len = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    return (ftruncate(state->lock, 0) == 0 && pwrite(state->lock, pid, (size_t)len, 0) == len) ||
           fail(err, "while writing the lock: %s", strerror(errno));
}

bool state_open(struct up_state *state, struct err *err)
{
    *state = (struct up_state){.lock = -1};
    if (!find_folder(state, err) || !take_lock(state, err))
        return false;
    stack_file_remove(state->folder); /* of an `up` that was killed */
    return true;
}

void state_forget(const struct up_state *state)
{
    static const char *const files[] = {"jwt_secret", "lock"};
    char path[PATH_MAX + 16];
    if (!state->was_made)
        return;
    for (size_t i = 0; i < COUNT(files); i++) {
        snprintf(path, sizeof path, "%s/%s", state->folder, files[i]);
        unlink(path);
    }
    rmdir(state->folder);
}

void state_close(struct up_state *state)
{
    if (state->lock < 0)
        return;
    stack_file_remove(state->folder);
    close(state->lock);
}

/* ---- the secret ---- */

enum { SECRET_BYTES = 64 };

static bool write_secret(const char *path, struct err *err)
{
    unsigned char random[SECRET_BYTES / 2];
    char text[SECRET_BYTES + 1];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return fail(err, "while making %s: %s", path, strerror(errno));
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(text + 2 * i, 3, "%02x", random[i]);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write(fd, text, SECRET_BYTES) == SECRET_BYTES;
    if (fd >= 0)
        close(fd);
    return ok || fail(err, "while writing %s: %s", path, strerror(errno));
}

/* Its bytes; 0: it is to be made. -1: somebody else may know it, or have made it. */
static int secret_size(const char *path, struct err *err)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return 0;
    bool is_ours = fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() &&
                   (info.st_mode & (S_IRWXG | S_IRWXO)) == 0;
    if (fd >= 0)
        close(fd);
    if (is_ours)
        return (int)MIN(info.st_size, SECRET_BYTES + 1);
    fail(err,
         "while opening %s: it isn't a file of this user alone; remove it, and a new secret is made (who is "
         "logged in has to log in again)",
         path);
    return -1;
}

bool state_use_secret(const struct up_state *state, struct err *err)
{
    char path[PATH_MAX + 16];
    if (config_is_set("JWT_SECRET"))
        return true;
    snprintf(path, sizeof path, "%s/jwt_secret", state->folder);
    int size = secret_size(path, err);
    if (size < 0)
        return false;
    if (size != SECRET_BYTES) {
        unlink(path);
        if (!write_secret(path, err))
            return false;
    }
    setenv("JWT_SECRET_FILE", path, 1);
    return true;
}
