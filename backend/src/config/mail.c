#include "config/mail.h"

#include "config/smtp_url.h"

bool config_mail_is_whole(const struct config *config, struct err *err)
{
    return !*config->smtp_url || *config->mail_from ||
           fail(err, "MAIL_FROM must be set where SMTP_URL is: mails need a sender");
}

bool config_links_go_out(const struct config *config)
{
    return *config->smtp_url || config->app_env != ENV_PROD;
}

bool config_smtp_needs_tls(const struct config *config)
{
    const char *url = config->smtp_url;
    bool has_secrets = config->app_env == ENV_PROD || smtp_url_has_login(url);
    return smtp_url_is_smtps(url) || (has_secrets && !smtp_url_is_local(url));
}
