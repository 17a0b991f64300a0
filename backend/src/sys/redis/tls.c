#include "sys/redis/tls.h"

#if REDIS_TLS /* the build says whether hiredis has it */

#include <arpa/inet.h>
#include <hiredis/async.h>
#include <hiredis/hiredis_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

struct redis_tls {
    SSL_CTX *context;
    SSL *session; /* the connection's, which hiredis frees; NULL: there is none */
};

bool redis_tls_is_there(void)
{
    return true;
}

static bool load_authorities(SSL_CTX *context, const char *ca_bundle)
{
    return *ca_bundle ? SSL_CTX_load_verify_file(context, ca_bundle) == 1
                      : SSL_CTX_set_default_verify_paths(context) == 1;
}

struct redis_tls *redis_tls_new(const char *ca_bundle, struct err *err)
{
    struct redis_tls *tls = must_calloc(1, sizeof *tls);
    tls->context = SSL_CTX_new(TLS_client_method());
    INVARIANT(tls->context && SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION) == 1);
    SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, NULL);
    if (load_authorities(tls->context, ca_bundle))
        return tls;
    fail(err, "REDIS_CA_BUNDLE can't be read: it must be a file with certificates (PEM)");
    ERR_clear_error();
    redis_tls_free(tls);
    return NULL;
}

void redis_tls_free(struct redis_tls *tls)
{
    if (tls)
        SSL_CTX_free(tls->context);
    free(tls);
}

/* The certificate must be for it; a name also tells a server of many names which one is meant
 * (RFC 6066, section 3). */
static bool set_host(SSL *session, const char *host)
{
    unsigned char bytes[16];
    bool is_address = inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
    if (is_address)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host) == 1;
    return SSL_set1_host(session, host) == 1 && SSL_set_tlsext_host_name(session, host) == 1;
}

static const char *problem_of(const SSL *session)
{
    long result = SSL_get_verify_result(session);
    return result == X509_V_OK ? NULL : X509_verify_cert_error_string(result);
}

/* A server that is near may have shown its certificate already. */
const char *redis_tls_begin(struct redis_tls *tls, struct redisAsyncContext *c, const char *host)
{
    SSL *session = SSL_new(tls->context);
    INVARIANT(session && !tls->session);
    if (!set_host(session, host)) {
        SSL_free(session);
        return "the host is no name that a certificate can be for";
    }
    if (redisInitiateSSL(&c->c, session) == REDIS_OK) {
        tls->session = session;
        return NULL;
    }
    const char *problem = problem_of(session);
    SSL_free(session);
    return problem ? problem : c->c.errstr;
}

const char *redis_tls_problem(const struct redis_tls *tls)
{
    return tls->session ? problem_of(tls->session) : NULL;
}

void redis_tls_ended(struct redis_tls *tls)
{
    tls->session = NULL;
}

#else

/* Settings are checked first (sys/redis/place.h), so nobody gets further than the first one. */

bool redis_tls_is_there(void)
{
    return false;
}

struct redis_tls *redis_tls_new(const char *ca_bundle, struct err *err)
{
    (void)ca_bundle;
    fail(err, "TLS to Redis is not built in");
    return NULL;
}

void redis_tls_free(struct redis_tls *tls)
{
    (void)tls;
}

const char *redis_tls_begin(struct redis_tls *tls, struct redisAsyncContext *c, const char *host)
{
    (void)tls, (void)c, (void)host;
    return "TLS is not built in";
}

const char *redis_tls_problem(const struct redis_tls *tls)
{
    (void)tls;
    return NULL;
}

void redis_tls_ended(struct redis_tls *tls)
{
    (void)tls;
}

#endif
