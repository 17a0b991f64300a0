"""deploy/runbook.toml as C tables: failure modes, checks, and what is done in another way in each deployment."""
import pathlib
import re
import sys
import tomllib

from c_files import c_literal, write

DEPLOYMENTS = ("compose", "systemd", "kubernetes", "up")


def c_texts(texts):
    return "{" + ", ".join([*map(c_literal, texts), "NULL"]) + "}"


def commands_in(deployment, commands, acts):
    """{restart_api} becomes what that is there; other placeholders are triage's."""
    return [re.sub(r"\{(\w+)\}", lambda found: acts[found[1]][deployment] if found[1] in acts else found[0], command)
            for command in commands]


def runbook_check(check, mode, acts):
    """Only what triage prints; the other keys are read by the tests that hold alerts,
    panels and documents against the table."""
    commands = ",\n".join(f"        {c_texts(commands_in(deployment, check['commands'], acts))}"
                          for deployment in DEPLOYMENTS)
    return (f'    {{.id = {c_literal(check["id"])}, .mode = {mode}, .finding = {c_literal(check["finding"])},\n'
            f'     .commands = {{\n{commands}}}}},')


def runbook_act(name, act):
    commands = ", ".join(c_literal(act[deployment]) for deployment in DEPLOYMENTS)
    return f'    [ACT_{name.upper()}] = {{{c_literal(name)}, {c_literal(act["does"])}, {{{commands}}}}},'


def embed_runbook(file, header, source):
    table = tomllib.loads(pathlib.Path(file).read_text(encoding="utf-8"))
    modes, acts = table["mode"], table["act"]
    checks = [(check, index) for index, mode in enumerate(modes) for check in mode["check"]]
    if len({check["id"] for check, _ in checks}) != len(checks):
        sys.exit(f"{file}: two checks have one id")
    most = max(len(check["commands"]) for check, _ in checks)
    write(header,
          f"""/* Made by embed.py from deploy/runbook.toml: the failure modes and the checks that find them,
 * and what is done in another way in each deployment. Findings are shown in the order of the checks. */
#ifndef PW_RUNBOOK_H
#define PW_RUNBOOK_H

enum deployment {{ {", ".join(f"DEPLOYMENT_{name.upper()}" for name in DEPLOYMENTS)}, DEPLOYMENTS }};
enum act {{ {", ".join(f"ACT_{name.upper()}" for name in acts)}, ACTS }};
enum {{ RUNBOOK_MODES = {len(modes)}, RUNBOOK_CHECKS = {len(checks)} }};

struct runbook_mode {{
    int id;
    const char *title;
}};

struct runbook_act {{
    const char *name, *does;
    const char *commands[DEPLOYMENTS];
}};

struct runbook_check {{
    const char *id;
    int mode; /* index into runbook_modes */
    const char *finding;
    /* Each ends with NULL. Triage fills in {{api}}, {{worker}}, {{type}}, {{pid}}, {{index}}, {{name}} and
     * {{address}}. */
    const char *commands[DEPLOYMENTS][{most + 1}];
}};

extern const char *const deployment_names[DEPLOYMENTS];
extern const struct runbook_act runbook_acts[ACTS];
extern const struct runbook_mode runbook_modes[RUNBOOK_MODES];
extern const struct runbook_check runbook_checks[RUNBOOK_CHECKS];
#endif
""")
    mode_rows = "\n".join(f'    {{{mode["id"]}, {c_literal(mode["title"])}}},' for mode in modes)
    check_rows = "\n".join(runbook_check(check, mode, acts) for check, mode in checks)
    act_rows = "\n".join(runbook_act(name, act) for name, act in acts.items())
    write(source, f'#include <stddef.h>\n\n#include "runbook.h"\n\n'
          f"const char *const deployment_names[DEPLOYMENTS] = {{{', '.join(map(c_literal, DEPLOYMENTS))}}};\n\n"
          f"const struct runbook_act runbook_acts[ACTS] = {{\n{act_rows}\n}};\n\n"
          f"const struct runbook_mode runbook_modes[RUNBOOK_MODES] = {{\n{mode_rows}\n}};\n\n"
          f"const struct runbook_check runbook_checks[RUNBOOK_CHECKS] = {{\n{check_rows}\n}};\n")
