#include "sys/draw/canvas.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLOURS = 256, RAMPS_MAX = 24, STAMPS_MAX = 512, BINS = 4096, BOX_LEVELS = 6 };

struct ramp {
    uint32_t ink, ground;
    int levels, first;
};

struct stamp { /* an emoji to be drawn */
    const struct glyph *glyph;
    struct point at;
    struct rect clip;
    uint32_t ground;
};

struct canvas {
    int width, height;
    uint8_t *rows;
    uint32_t palette[COLOURS];
    int colours;
    struct ramp ramps[RAMPS_MAX];
    int ramp_count;
    struct stamp stamps[STAMPS_MAX];
    int stamp_count;
    int counts[BINS]; /* of the emoji's pixels, by 12-bit colour */
    int16_t index[BINS];
};

struct canvas *canvas_new(int width, int height)
{
    struct canvas *canvas = must_calloc(1, sizeof *canvas);
    canvas->width = width;
    canvas->height = height;
    canvas->rows = must_calloc((size_t)height, (size_t)width + 1);
    return canvas;
}

void canvas_free(struct canvas *canvas)
{
    if (canvas)
        free(canvas->rows);
    free(canvas);
}

void canvas_clear(struct canvas *canvas)
{
    memset(canvas->rows, 0, (size_t)canvas->height * (size_t)(canvas->width + 1));
    canvas->colours = canvas->ramp_count = canvas->stamp_count = 0;
}

/* ---- colours ---- */

static uint32_t part_of(uint32_t colour, int shift)
{
    return colour >> shift & 0xFF;
}

/* Between two colours, `share` of 255 of the way from the ground to the ink. */
static uint32_t blend(uint32_t ink, uint32_t ground, uint32_t share)
{
    uint32_t mixed = 0;
    for (int shift = 0; shift <= 16; shift += 8)
        mixed |= (part_of(ink, shift) * share + part_of(ground, shift) * (255 - share) + 127) / 255 << shift;
    return mixed;
}

int canvas_ramp(struct canvas *canvas, uint32_t ink, uint32_t ground, int levels)
{
    for (int i = 0; i < canvas->ramp_count; i++) {
        const struct ramp *ramp = &canvas->ramps[i];
        if (ramp->ink == ink && ramp->ground == ground && ramp->levels == levels)
            return ramp->first;
    }
    INVARIANT(canvas->ramp_count < RAMPS_MAX && canvas->colours + levels <= COLOURS);
    int first = canvas->colours;
    for (int i = 0; i < levels; i++)
        canvas->palette[canvas->colours++] = blend(ink, ground, (uint32_t)(i * 255 / (levels - 1)));
    canvas->ramps[canvas->ramp_count++] = (struct ramp){ink, ground, levels, first};
    return first;
}

/* ---- pixels ---- */

static uint8_t *row_at(struct canvas *canvas, int y)
{
    return canvas->rows + (size_t)y * (size_t)(canvas->width + 1) + 1;
}

static void put_level(uint8_t *pixel, int level, int ramp)
{
    bool is_of_ramp = *pixel >= ramp && *pixel < ramp + GLYPH_LEVELS;
    if (level > 0 && !(is_of_ramp && *pixel - ramp >= level))
        *pixel = (uint8_t)(ramp + level);
}

/* How much of a corner's pixel lies within the circle around the corner's inner end. */
static int corner_level(int radius, int across, int down)
{
    double distance = hypot(radius - across - 0.5, radius - down - 0.5);
    double covered = fmin(fmax(radius + 0.5 - distance, 0), 1);
    return (int)lround(covered * (BOX_LEVELS - 1));
}

static void round_row(uint8_t *row, const struct shape *box, int radius, int down, int ramp)
{
    for (int across = 0; across < radius; across++) {
        int level = corner_level(radius, across, down);
        if (level > 0)
            row[box->x + across] = row[box->x + box->width - 1 - across] = (uint8_t)(ramp + level);
    }
}

/* By how much of a circle the row `down` rows from an end is drawn in. */
static int rounding(int radius, int down)
{
    return down < radius ? radius : 0;
}

void canvas_box(struct canvas *canvas, const struct shape *box)
{
    int ramp = canvas_ramp(canvas, box->ink, box->ground, BOX_LEVELS), full = ramp + BOX_LEVELS - 1;
    for (int y = 0; y < box->height; y++) {
        int up = box->height - 1 - y, head = rounding(box->radius, y), foot = rounding(box->foot_radius, up);
        uint8_t *row = row_at(canvas, box->y + y);
        int inset = MAX(head, foot);
        memset(row + box->x + inset, full, (size_t)(box->width - 2 * inset));
        round_row(row, box, inset, head ? y : up, ramp);
    }
}

/* The glyph's part within the clip, in its own pixels. */
static struct rect visible(const struct glyph *glyph, const struct point *at, const struct rect *clip)
{
    int left = at->x + glyph->left, top = at->y + glyph->top;
    return (struct rect){.left = MAX(clip->left - left, 0),
                         .top = MAX(clip->top - top, 0),
                         .right = MIN(clip->right - left, glyph->width),
                         .bottom = MIN(clip->bottom - top, glyph->height)};
}

static void put_letter(struct canvas *canvas, const struct glyph *glyph, const struct point *at,
                       const struct rect *clip, int ramp)
{
    struct rect part = visible(glyph, at, clip);
    for (int j = part.top; j < part.bottom; j++) {
        const uint8_t *from = glyph->pixels + (size_t)j * (size_t)glyph->width;
        uint8_t *to = row_at(canvas, at->y + glyph->top + j) + at->x + glyph->left;
        for (int i = part.left; i < part.right; i++)
            put_level(&to[i], from[i], ramp);
    }
}

void canvas_glyph(struct canvas *canvas, const struct glyph *glyph, const struct point *at, const struct rect *clip,
                  int ramp)
{
    if (!glyph->is_coloured)
        put_letter(canvas, glyph, at, clip, ramp);
    else if (canvas->stamp_count < STAMPS_MAX)
        canvas->stamps[canvas->stamp_count++] = (struct stamp){glyph, *at, *clip, canvas->palette[ramp]};
}

void canvas_fill(struct canvas *canvas, const struct rect *at, const struct rect *clip, int ramp)
{
    int left = MAX(at->left, clip->left), right = MIN(at->right, clip->right);
    for (int y = MAX(at->top, clip->top); y < MIN(at->bottom, clip->bottom) && left < right; y++)
        memset(row_at(canvas, y) + left, ramp + GLYPH_LEVELS - 1, (size_t)(right - left));
}

/* ---- emoji ---- */

/* Four bits of each part: some hundred of these colours are what a palette has left. */
static int bin_of(uint32_t colour)
{
    return (int)(part_of(colour, 16) >> 4 << 8 | part_of(colour, 8) >> 4 << 4 | part_of(colour, 0) >> 4);
}

static uint32_t colour_of(int bin)
{
    return (uint32_t)((bin >> 8) * 17 << 16 | (bin >> 4 & 15) * 17 << 8 | (bin & 15) * 17);
}

static uint32_t on_ground(uint32_t pixel, uint32_t alpha, uint32_t ground)
{
    uint32_t seen = 0;
    for (int shift = 0; shift <= 16; shift += 8)
        seen |= MIN(part_of(pixel, shift) + (part_of(ground, shift) * (255 - alpha) + 127) / 255, 255) << shift;
    return seen;
}

/* A premultiplied pixel on its ground, as a bin; -1 where only the ground is seen. */
static int bin_at(const struct stamp *stamp, int i, int j)
{
    uint32_t pixel;
    memcpy(&pixel, stamp->glyph->pixels + 4 * ((size_t)j * (size_t)stamp->glyph->width + (size_t)i), 4);
    uint32_t alpha = pixel >> 24;
    if (alpha < 16)
        return -1;
    return bin_of(alpha == 255 ? pixel : on_ground(pixel, alpha, stamp->ground));
}

static void count_colours(struct canvas *canvas, const struct stamp *stamp)
{
    struct rect part = visible(stamp->glyph, &stamp->at, &stamp->clip);
    for (int j = part.top; j < part.bottom; j++)
        for (int i = part.left; i < part.right; i++) {
            int bin = bin_at(stamp, i, j);
            if (bin >= 0)
                canvas->counts[bin]++;
        }
}

static int distance(uint32_t a, uint32_t b)
{
    int sum = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
        int difference = (int)part_of(a, shift) - (int)part_of(b, shift);
        sum += difference * difference;
    }
    return sum;
}

static int nearest(const struct canvas *canvas, uint32_t colour)
{
    int best = 0, least = INT32_MAX;
    for (int i = 0; i < canvas->colours; i++) {
        int off = distance(canvas->palette[i], colour);
        if (off < least) {
            least = off;
            best = i;
        }
    }
    return best;
}

struct frequency {
    int count, bin;
};

static int compare_frequencies(const void *a, const void *b)
{
    const struct frequency *one = a, *other = b;
    return one->count != other->count ? other->count - one->count : one->bin - other->bin;
}

/* The most frequent colours take what is left of the palette; -1 says that a bin has none. */
static void choose_colours(struct canvas *canvas)
{
    struct frequency found[BINS];
    int count = 0;
    for (int bin = 0; bin < BINS; bin++)
        if (canvas->counts[bin] > 0)
            found[count++] = (struct frequency){canvas->counts[bin], bin};
    qsort(found, (size_t)count, sizeof *found, compare_frequencies);
    memset(canvas->index, -1, sizeof canvas->index);
    for (int i = 0; i < count && canvas->colours < COLOURS; i++) {
        canvas->index[found[i].bin] = (int16_t)canvas->colours;
        canvas->palette[canvas->colours++] = colour_of(found[i].bin);
    }
}

static uint8_t index_of(struct canvas *canvas, int bin)
{
    if (canvas->index[bin] < 0)
        canvas->index[bin] = (int16_t)nearest(canvas, colour_of(bin));
    return (uint8_t)canvas->index[bin];
}

static void put_emoji(struct canvas *canvas, const struct stamp *stamp)
{
    struct rect part = visible(stamp->glyph, &stamp->at, &stamp->clip);
    for (int j = part.top; j < part.bottom; j++) {
        uint8_t *to = row_at(canvas, stamp->at.y + stamp->glyph->top + j) + stamp->at.x + stamp->glyph->left;
        for (int i = part.left; i < part.right; i++) {
            int bin = bin_at(stamp, i, j);
            if (bin >= 0)
                to[i] = index_of(canvas, bin);
        }
    }
}

void canvas_finish(struct canvas *canvas)
{
    if (canvas->stamp_count == 0)
        return;
    memset(canvas->counts, 0, sizeof canvas->counts);
    for (int i = 0; i < canvas->stamp_count; i++)
        count_colours(canvas, &canvas->stamps[i]);
    choose_colours(canvas);
    for (int i = 0; i < canvas->stamp_count; i++)
        put_emoji(canvas, &canvas->stamps[i]);
}

struct png_image canvas_image(const struct canvas *canvas)
{
    return (struct png_image){.width = canvas->width,
                              .height = canvas->height,
                              .rows = canvas->rows,
                              .palette = canvas->palette,
                              .colours = canvas->colours};
}
