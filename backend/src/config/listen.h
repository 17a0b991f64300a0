/* Where the services listen, by the settings. An address that can't be read gives the default:
 * those who serve refuse such settings at their start, and commands that only look say so
 * elsewhere. */
#ifndef PW_CONFIG_LISTEN_H
#define PW_CONFIG_LISTEN_H

#include "config/config.h"
#include "sys/http/places.h"

struct http_places listen_api(const struct config *); /* LISTEN_ADDRESS and PORT */
/* OBSERVABILITY_LISTEN; no place: metrics and document are served where the API is. */
struct http_places listen_operators(const struct config *);
/* WORKER_OBSERVABILITY_PORT, on the address of OBSERVABILITY_LISTEN, else on LISTEN_ADDRESS. */
struct http_places listen_worker(const struct config *);
/* Where the API's health and metrics are asked for. */
struct http_places listen_api_probes(const struct config *);

#endif
