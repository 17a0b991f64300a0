#include "ops/shared/who.h"

#include <pwd.h>
#include <unistd.h>

const char *who_acts(struct arena *arena)
{
    char host[256] = "";
    const struct passwd *user = getpwuid(geteuid());
    gethostname(host, sizeof host - 1);
    return user ? arena_printf(arena, "%s@%s", user->pw_name, host)
                : arena_printf(arena, "uid %u@%s", (unsigned)geteuid(), host);
}
