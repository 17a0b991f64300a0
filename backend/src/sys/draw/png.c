#include "sys/draw/png.h"

#include <stdlib.h>

#include "sys/draw/libraries.h"

/* ISA-L's level 1 draws a card in the least time; 2 and 3 take longer and come out larger. */
enum { LEVEL = 1, LEVEL_BYTES = ISAL_DEF_LVL1_DEFAULT, DEPTH = 8, INDEXED = 3 };

struct png_press {
    const struct draw_libraries *lib;
    struct isal_zstream stream;
    uint8_t level[LEVEL_BYTES];
};

struct png_press *png_press_new(const struct draw_libraries *lib)
{
    struct png_press *press = must_calloc(1, sizeof *press);
    press->lib = lib;
    return press;
}

void png_press_free(struct png_press *press)
{
    free(press);
}

static void put_number(uint8_t bytes[4], uint32_t number)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(number >> (24 - 8 * i));
}

static void add_number(struct buf *out, uint32_t number)
{
    uint8_t bytes[4];
    put_number(bytes, number);
    buf_add(out, (const char *)bytes, sizeof bytes);
}

/* Length, kind, data, and a checksum of kind and data. */
static void add_chunk(struct png_press *press, struct buf *out, const char *kind, const uint8_t *data, size_t len)
{
    add_number(out, (uint32_t)len);
    size_t start = out->len;
    buf_add(out, kind, 4);
    buf_add(out, (const char *)data, len);
    add_number(out, press->lib->crc32_gzip_refl(0, (const uint8_t *)out->text + start, len + 4));
}

static void add_header(struct png_press *press, const struct png_image *image, struct buf *out)
{
    static const char signature[8] = {'\x89', 'P', 'N', 'G', '\r', '\n', '\x1a', '\n'};
    uint8_t header[13] = {[8] = DEPTH, [9] = INDEXED}, palette[3 * 256];
    put_number(header, (uint32_t)image->width);
    put_number(header + 4, (uint32_t)image->height);
    for (int i = 0; i < image->colours; i++)
        for (int part = 0; part < 3; part++)
            palette[3 * i + part] = (uint8_t)(image->palette[i] >> (16 - 8 * part));
    buf_add(out, signature, sizeof signature);
    add_chunk(press, out, "IHDR", header, sizeof header);
    add_chunk(press, out, "PLTE", palette, 3 * (size_t)image->colours);
}

/* The rows as a zlib stream in `out`, which has room for what doesn't compress at all. */
static size_t deflate_rows(struct png_press *press, const struct png_image *image, uint8_t *out, size_t room)
{
    struct isal_zstream *stream = &press->stream;
    press->lib->isal_deflate_stateless_init(stream);
    stream->level = LEVEL;
    stream->level_buf = press->level;
    stream->level_buf_size = sizeof press->level;
    stream->gzip_flag = IGZIP_ZLIB;
    stream->end_of_stream = 1;
    /* ISA-L's type lacks the const; it only reads. */
    stream->next_in = (uint8_t *)(uintptr_t)image->rows;
    stream->avail_in = (uint32_t)(image->height * (image->width + 1));
    stream->next_out = out;
    stream->avail_out = (uint32_t)room;
    int outcome = press->lib->isal_deflate_stateless(stream);
    INVARIANT(outcome == COMP_OK); /* nothing but a lack of room can fail */
    return stream->total_out;
}

void png_write(struct png_press *press, const struct png_image *image, struct buf *out)
{
    size_t raw = (size_t)image->height * (size_t)(image->width + 1), room = raw + raw / 1000 + 1024;
    uint8_t *rows = must_alloc(room);
    add_header(press, image, out);
    add_chunk(press, out, "IDAT", rows, deflate_rows(press, image, rows, room));
    add_chunk(press, out, "IEND", (const uint8_t *)"", 0);
    free(rows);
}
