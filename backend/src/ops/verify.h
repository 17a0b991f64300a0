/* `verify`: the runbook's recovery checklist, watched until all of it has held for a while. */
#ifndef PW_VERIFY_H
#define PW_VERIFY_H

int verify_main(int argc, char **argv);

#endif
