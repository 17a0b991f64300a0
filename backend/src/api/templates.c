#include "api/templates.h"

#include "domain/template.h"

const char *templates_check(struct call *call)
{
    return template_rules_check(call_field(call, "prompt_rules"));
}
