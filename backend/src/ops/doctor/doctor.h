/* `doctor`: looks at the configuration and its surroundings before anything is started, and
 * changes nothing. */
#ifndef PW_OPS_DOCTOR_DOCTOR_H
#define PW_OPS_DOCTOR_DOCTOR_H

int doctor_main(int argc, char **argv);

#endif
