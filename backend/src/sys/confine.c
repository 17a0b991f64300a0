#include "sys/confine.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* The limit doesn't hold for a core_pattern that is a program, which PR_SET_DUMPABLE does. The
 * sanitizers look at their own process from outside. */
static bool leave_no_core(void)
{
    const struct rlimit none = {0, 0};
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return setrlimit(RLIMIT_CORE, &none) == 0;
#else
    return setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
#endif
}

/* Who was started by a descriptor, as `up` does it, would be called by its number. */
static bool take_name(void)
{
    return prctl(PR_SET_NAME, "personaworlds") == 0;
}

bool confine_process(struct err *err)
{
    return (take_name() && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && leave_no_core()) ||
           fail(err, "while giving up rights: %s", strerror(errno));
}
