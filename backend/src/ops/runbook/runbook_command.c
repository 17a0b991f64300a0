#include "ops/runbook/runbook_command.h"

#include "ops/shared/command_line.h"
#include "ops/shared/deployment.h"

int runbook_main(int argc, char **argv)
{
    const char *as = NULL;
    enum deployment deployment;
    int code;
    const struct option options[] = {{.name = "--as", .kind = OPTION_TEXT, .value = &as}, {0}};
    struct command_line line = {
        .command = "runbook",
        .usage =
            "Usage: eval \"$(personaworlds runbook [--as compose|systemd|kubernetes|up])\"\n"
            "Prints the short names of docs/RUNBOOK.md (logs_api, restart_worker) as functions of a shell, for the "
            "deployment that is found here\n"
            "or that --as names.\n",
        .options = options};
    if (!command_line_read(&line, argc, argv, &code))
        return code;
    const char *why = deployment_choose(as, &deployment);
    if (!why)
        return command_line_wrong_value(&line, DEPLOYMENT_WRONG);
    printf("# %s: %s\n", deployment_names[deployment], why);
    for (const struct runbook_act *act = runbook_acts; act < runbook_acts + ACTS; act++)
        printf("# %s\n%s() {\n    %s\n}\n", act->does, act->name, act->commands[deployment]);
    return EXIT_FINE;
}
