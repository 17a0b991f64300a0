#include "ops/shared/deployment.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ops/shared/stack_file.h"

static bool has_variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value;
}

static bool has_one_of(const char *const *paths)
{
    for (; *paths; paths++)
        if (access(*paths, F_OK) == 0)
            return true;
    return false;
}

static bool has_units(void)
{
    return has_one_of((const char *const[]){
        "/etc/systemd/system/personaworlds-api.service", "/run/systemd/system/personaworlds-api.service",
        "/usr/local/lib/systemd/system/personaworlds-api.service", "/usr/lib/systemd/system/personaworlds-api.service",
        "/lib/systemd/system/personaworlds-api.service", NULL});
}

static bool has_compose_file(void)
{
    return has_one_of(
        (const char *const[]){"compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml", NULL});
}

/* What runs here goes before what might: a checkout has a compose.yaml, whoever runs it. A kubectl
 * says nothing: its cluster may be anybody's. */
static const char *find_deployment(enum deployment *deployment)
{
    *deployment = DEPLOYMENT_UP;
    if (stack_is_running())
        return "`personaworlds up` runs in this folder";
    *deployment = DEPLOYMENT_KUBERNETES;
    if (has_variable("KUBERNETES_SERVICE_HOST"))
        return "this is a pod";
    *deployment = DEPLOYMENT_SYSTEMD;
    if (has_units())
        return "this machine has the unit personaworlds-api";
    *deployment = DEPLOYMENT_UP;
    if (has_one_of((const char *const[]){".personaworlds/postgres", NULL}))
        return "the data of `personaworlds up` are in this folder";
    *deployment = DEPLOYMENT_COMPOSE;
    if (has_compose_file())
        return "its file is in this folder";
    *deployment = DEPLOYMENT_COMPOSE;
    return "nothing here says how the services are run";
}

const char *deployment_choose(const char *as, enum deployment *deployment)
{
    if (!as)
        return find_deployment(deployment);
    for (int i = 0; i < DEPLOYMENTS; i++)
        if (strcmp(deployment_names[i], as) == 0) {
            *deployment = (enum deployment)i;
            return "as --as says";
        }
    return NULL;
}
