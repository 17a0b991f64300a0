/* Which processes answer, and which of those can work. */
#include "base/buf.h"
#include "ops/triage/judge.h"

static const char *const kind_names[] = {[SERVICE_API] = "API", [SERVICE_WORKER] = "worker"};

static int count_of_kind(const struct look *look, enum service_kind kind)
{
    int count = 0;
    for (int i = 0; i < look->service_count; i++)
        count += look->services[i].kind == kind;
    return count;
}

static bool serves(const struct look *look, enum service_kind kind)
{
    for (int i = 0; i < look->service_count; i++)
        if (look->services[i].kind == kind && look->services[i].is_ready)
            return true;
    return false;
}

/* "1 of 3 workers: ..."; less where others of the kind serve. */
static void say_some(struct judge *judge, struct verdict *verdict, enum service_kind kind, int count, const char *text)
{
    int all = count_of_kind(judge->look, kind);
    const char *of =
        arena_printf(judge->arena, "%d of %d %s%s: %s", count, all, kind_names[kind], all > 1 ? "s" : "", text);
    if (serves(judge->look, kind))
        say_lesser(judge, verdict, "%s", of);
    else
        say_found(judge, verdict, "%s", of);
}

void say_down(struct judge *judge, struct verdict *verdict, enum service_kind kind)
{
    struct buf down = buf_new(judge->arena);
    int count = 0;
    for (int i = 0; i < judge->look->service_count; i++) {
        const struct service *service = &judge->look->services[i];
        if (service->kind != kind || service->is_live)
            continue;
        const char *why = service->health.error ? service->health.error
                                                : arena_printf(judge->arena, "it answered %d", service->health.status);
        buf_printf(&down, "%sGET %s: %s", count++ ? "; " : "", service->health.url, why);
        add_placeholder(verdict, kind == SERVICE_API ? "api" : "worker", service->url);
    }
    if (count)
        say_some(judge, verdict, kind, count, down.text);
    else
        say_ok(judge, verdict, "%d live", count_of_kind(judge->look, kind));
}

/* Those whose reason another finding explains aren't counted. */
void say_not_ready(struct judge *judge, struct verdict *verdict, enum service_kind kind)
{
    struct buf reasons = buf_new(judge->arena);
    const char *cause = NULL;
    int count = 0, live = 0;
    for (int i = 0; i < judge->look->service_count; i++) {
        const struct service *service = &judge->look->services[i];
        live += service->kind == kind && service->is_live;
        if (service->kind != kind || !service->is_live || service->is_ready)
            continue;
        const char *by = explained_by(judge, service);
        cause = by ? by : cause;
        if (by)
            continue;
        buf_printf(&reasons, "%s%s/readyz: %s%s", count++ ? "; " : "", service->url,
                   *service->reason ? service->reason : "no reason given",
                   database_trouble_of(service) && judge->look->database.answers ? " (from here the database answers)"
                                                                                 : "");
        add_placeholder(verdict, kind == SERVICE_API ? "api" : "worker", service->url);
    }
    if (count)
        say_some(judge, verdict, kind, count, reasons.text);
    else if (cause)
        say_unknown(judge, verdict, "follows from %s", cause);
    else if (!live)
        say_unknown(judge, verdict, "no %s answers", kind_names[kind]);
    else
        say_ok(judge, verdict, "%d ready", live);
}
