/* `runbook`: the short names of docs/RUNBOOK.md, as functions of a shell. */
#ifndef PW_OPS_RUNBOOK_RUNBOOK_COMMAND_H
#define PW_OPS_RUNBOOK_RUNBOOK_COMMAND_H

int runbook_main(int argc, char **argv);

#endif
