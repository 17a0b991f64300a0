/* `lever_in_force{key}` and `queue_paused{type}`: what operators have set, as this process obeys it
 * (config/levers.h). Read from memory when they are asked for. */
#ifndef PW_SERVICE_LEVER_GAUGES_H
#define PW_SERVICE_LEVER_GAUGES_H

void lever_gauges_metrics(void); /* makes the series; once per process, before any thread */

#endif
