/* `personaworlds incident`: what happened, written down when it happens, as one timeline. */
#ifndef PW_OPS_INCIDENT_INCIDENT_H
#define PW_OPS_INCIDENT_INCIDENT_H

int incident_main(int argc, char **argv); /* the exit code */

#endif
