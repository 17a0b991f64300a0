#include "sys/draw/glyphs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

/* Texts of letters come to some 2,000 glyphs, a page of Chinese to more than may be kept. */
enum { BUCKETS = 4096, KEPT_MAX = 6144, KEPT_BYTES_MAX = 4 << 20, SIDE_MAX = 512 };

struct kept {
    struct glyph glyph; /* first */
    SLIST_ENTRY(kept) chain;
    PangoFont *font; /* held: the address of a font that was freed may be another's */
    PangoGlyph id;
    uint8_t pixels[];
};

struct glyphs {
    const struct draw_libraries *lib;
    SLIST_HEAD(, kept) buckets[BUCKETS];
    int count;
    size_t bytes;
};

struct glyphs *glyphs_new(const struct draw_libraries *lib)
{
    struct glyphs *glyphs = must_calloc(1, sizeof *glyphs);
    glyphs->lib = lib;
    return glyphs;
}

static void forget_all(struct glyphs *glyphs)
{
    for (int i = 0; i < BUCKETS; i++)
        for (struct kept *kept; (kept = SLIST_FIRST(&glyphs->buckets[i]));) {
            SLIST_REMOVE_HEAD(&glyphs->buckets[i], chain);
            glyphs->lib->g_object_unref(kept->font);
            free(kept);
        }
    glyphs->count = 0;
    glyphs->bytes = 0;
}

void glyphs_free(struct glyphs *glyphs)
{
    if (glyphs)
        forget_all(glyphs);
    free(glyphs);
}

void glyphs_trim(struct glyphs *glyphs)
{
    if (glyphs->count > KEPT_MAX || glyphs->bytes > KEPT_BYTES_MAX)
        forget_all(glyphs);
}

/* ---- drawing one ---- */

/* Where the glyph's pixels lie, with one to spare for the soft edge. Nothing where Cairo gives no
 * size that makes sense. */
static struct glyph place_of(const struct draw_libraries *lib, cairo_scaled_font_t *font, const cairo_glyph_t *glyph)
{
    cairo_text_extents_t extents;
    lib->cairo_scaled_font_glyph_extents(font, glyph, 1, &extents);
    bool is_sane = extents.width > 0 && extents.width < SIDE_MAX && extents.height > 0 && extents.height < SIDE_MAX &&
                   fabs(extents.x_bearing) < SIDE_MAX && fabs(extents.y_bearing) < SIDE_MAX;
    if (!is_sane)
        return (struct glyph){.width = 0};
    int left = (int)floor(extents.x_bearing) - 1, top = (int)floor(extents.y_bearing) - 1;
    return (struct glyph){.left = left,
                          .top = top,
                          .width = (int)ceil(extents.x_bearing + extents.width) + 1 - left,
                          .height = (int)ceil(extents.y_bearing + extents.height) + 1 - top};
}

static cairo_surface_t *draw_glyph(const struct draw_libraries *lib, cairo_scaled_font_t *font, cairo_glyph_t glyph,
                                   const struct glyph *place)
{
    cairo_surface_t *surface = lib->cairo_image_surface_create(CAIRO_FORMAT_ARGB32, place->width, place->height);
    cairo_t *cr = lib->cairo_create(surface);
    glyph.x = -place->left;
    glyph.y = -place->top;
    lib->cairo_set_scaled_font(cr, font);
    lib->cairo_set_source_rgb(cr, 1, 0, 1);
    lib->cairo_show_glyphs(cr, &glyph, 1);
    lib->cairo_destroy(cr);
    lib->cairo_surface_flush(surface);
    return surface;
}

/* Drawn in magenta: what comes out as another colour has colours of its own. */
static bool has_colours(const uint32_t *pixels, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t alpha = pixels[i] >> 24;
        if (pixels[i] != (alpha << 24 | alpha << 16 | alpha))
            return true;
    }
    return false;
}

static uint8_t level_of(uint32_t pixel)
{
    return (uint8_t)(((pixel >> 24) * (GLYPH_LEVELS - 1) + 127) / 255);
}

/* The surface's pixels as the glyph keeps them. */
static struct kept *kept_of(struct glyph place, const uint32_t *pixels)
{
    size_t count = (size_t)place.width * (size_t)place.height;
    place.is_coloured = has_colours(pixels, count);
    struct kept *kept = must_alloc(sizeof *kept + count * (place.is_coloured ? 4 : 1));
    for (size_t i = 0; i < count; i++)
        if (place.is_coloured)
            memcpy(kept->pixels + 4 * i, &pixels[i], 4);
        else
            kept->pixels[i] = level_of(pixels[i]);
    place.pixels = kept->pixels;
    kept->glyph = place;
    return kept;
}

static struct kept *make_glyph(const struct draw_libraries *lib, PangoFont *font, PangoGlyph id)
{
    cairo_scaled_font_t *scaled = lib->pango_cairo_font_get_scaled_font((PangoCairoFont *)font);
    cairo_glyph_t glyph = {.index = id};
    struct glyph place = scaled ? place_of(lib, scaled, &glyph) : (struct glyph){.width = 0};
    if (place.width == 0)
        return kept_of(place, NULL);
    /* Rows of an ARGB32 surface have nothing between them. */
    cairo_surface_t *surface = draw_glyph(lib, scaled, glyph, &place);
    const unsigned char *data = lib->cairo_image_surface_get_data(surface);
    if (!data)
        place.width = place.height = 0;
    struct kept *kept = kept_of(place, (const uint32_t *)(const void *)data);
    lib->cairo_surface_destroy(surface);
    return kept;
}

/* ---- keeping them ---- */

static size_t bucket_of(PangoFont *font, PangoGlyph id)
{
    uint64_t hash = ((uint64_t)(uintptr_t)font >> 4 ^ (uint64_t)id << 20) * UINT64_C(0x9E3779B97F4A7C15);
    return hash >> 52; /* 4,096 buckets */
}

const struct glyph *glyph_get(struct glyphs *glyphs, PangoFont *font, PangoGlyph id)
{
    size_t bucket = bucket_of(font, id);
    struct kept *kept;
    SLIST_FOREACH (kept, &glyphs->buckets[bucket], chain)
        if (kept->font == font && kept->id == id)
            return &kept->glyph;
    kept = make_glyph(glyphs->lib, font, id);
    /* In parentheses: GLib has a macro of the name. */
    kept->font = (glyphs->lib->g_object_ref)(font);
    kept->id = id;
    SLIST_INSERT_HEAD(&glyphs->buckets[bucket], kept, chain);
    glyphs->count++;
    glyphs->bytes +=
        sizeof *kept + (size_t)kept->glyph.width * (size_t)kept->glyph.height * (kept->glyph.is_coloured ? 4 : 1);
    return &kept->glyph;
}
