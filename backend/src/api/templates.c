#include "api/templates.h"

#include "domain/template.h"

const char *templates_check(struct call *call)
{
    enum { CALLER, NAME, RULES }; /* as collected: the caller, then the fields */
    return template_rules_check(call->params[RULES]);
}
