/* How the services are run where a command is typed: it decides which commands remedy a finding
 * (deploy/runbook.toml). */
#ifndef PW_OPS_SHARED_DEPLOYMENT_H
#define PW_OPS_SHARED_DEPLOYMENT_H

#include "base/base.h"
#include "runbook.h"

#define DEPLOYMENT_WRONG "--as must be compose, systemd, kubernetes or up"

/* The one that `as` names, or with NULL the one that is found here. Returns why, for the operator;
 * NULL: there is none with that name. */
const char *deployment_choose(const char *as, enum deployment *) MUST_CHECK;

#endif
