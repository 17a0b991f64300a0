/* Covers: ops/shared/exposition.c */
#include "ops/shared/exposition.h"

#include <math.h>

#include "fuzz.h"

static void check_order(const struct page *page)
{
    for (int i = 1; i < page->count; i++)
        INVARIANT(strcmp(page->samples[i - 1].series, page->samples[i].series) < 0);
}

static void ask(struct arena *arena, const struct page *page)
{
    for (int i = 0; i < page->count && i < 20; i++) {
        const char *name = page->samples[i].name;
        INVARIANT(page_has(page, name, NULL));
        page_sum(page, name, WHERE(IS("code", "500"), IS_NOT("method", "GET")));
        page_max(page, name, WHERE(BEGINS("route", "/p")));
        const struct label_values values = page_label_values(arena, page, name, "le", NULL);
        INVARIANT(values.count >= 1 && values.count <= page->count);
    }
    page_quantile(page, 0.99, "d", NULL);
    page_quantile(page, 0.5, "d", WHERE(IS("route", "/rooms")));
}

/* Two scrapes, one after the other, with an empty line between. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *text = fuzz_text(arena, data, size), *gap = strstr(text, "\n\n");
    struct page pages[2] = {page_read(arena, gap ? gap + 1 : text), page_read(arena, text)};
    check_order(&pages[0]);
    check_order(&pages[1]);
    struct page gained = page_increase(arena, &pages[0], &pages[1]), total = page_total(arena, pages, 2);
    INVARIANT(gained.count == pages[1].count && total.count >= pages[1].count);
    check_order(&total);
    struct page copy = page_of(arena, pages[1].samples, pages[1].count);
    check_order(&copy);
    ask(arena, &pages[1]);
    ask(arena, &gained);
    arena_free(arena);
    return 0;
}
