/* What a service gives up at its start, so that who gets hold of it has less. */
#ifndef PW_SYS_CONFINE_H
#define PW_SYS_CONFINE_H

#include "base/base.h"

/* From now on no program that this process starts has more rights than it (setuid, capabilities),
 * and the process leaves no core dump, which would hold secrets, tokens and what people wrote. The
 * kernel shows its memory and environment to root alone, so a debugger needs root. It is called
 * `personaworlds` in lists of processes. Before any thread. */
bool confine_process(struct err *err) MUST_CHECK;

#endif
