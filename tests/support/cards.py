"""Battles with what was said in them, and their cards as pictures."""
import struct
import zlib

from support.people import new_email


def new_battle(database, room, content="Topic: Should every service begin as a monolith?", status="PUBLISHED",
               author=None, language="en"):
    """A post of somebody new, by their persona where an author is named."""
    owner = database.value("INSERT INTO users (email, password_hash) VALUES (%s, 'x') RETURNING id", new_email())
    return str(database.value("INSERT INTO posts (room_id, user_id, persona_id, content, status) "
                              "VALUES (%s, %s, %s, %s, %s) RETURNING id", room.id, owner,
                              author and new_persona(database, owner, author, language), content, status))


def new_persona(database, owner, name, language="en"):
    return database.value("INSERT INTO personas (user_id, name, writing_samples, preferred_language) "
                          "VALUES (%s, %s, '[]', %s) RETURNING id", owner, name, language)


def reply(database, battle, content="Split when the team hurts. Not before.", name=None,
          language="en"):
    persona = None
    if name is not None:
        owner = database.value("SELECT user_id FROM posts WHERE id = %s", battle)
        persona = new_persona(database, owner, name, language)
    return str(database.value("INSERT INTO replies (post_id, persona_id, content) VALUES (%s, %s, %s) RETURNING id",
                              battle, persona, content))


def card(api, battle, **headers):
    return api.client.get(f"/b/{battle}/card.png",
                          headers={name.replace("_", "-"): value for name, value in headers.items()})


def decoded(png):
    """A card's rows and palette; checks the PNG's frame on the way (ISO/IEC 15948): signature, chunks
    with right checksums, IHDR, palette, size of the data."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, chunks = 8, []
    while at < len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        data = png[at + 8:at + 8 + length]
        assert struct.unpack_from(">I", png, at + 8 + length)[0] == zlib.crc32(kind + data)
        chunks.append((kind, data))
        at += 12 + length
    assert chunks[0][0] == b"IHDR" and chunks[-1] == (b"IEND", b"")
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", chunks[0][1])
    assert (width, height, depth, colour, interlace) == (1200, 630, 8, 3, 0)
    rows = zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"))
    assert len(rows) == height * (1 + width)
    palette = dict(chunks)[b"PLTE"]
    assert max(rows) < len(palette) // 3
    return rows, palette


CELL = 5  # pixels of a card that are one of its small picture
SMALL = (1200 // CELL, 630 // CELL)


def small_picture(png):
    """The card at a fifth of its size: three bytes a pixel, each the mean of its cell."""
    rows, palette = decoded(png)
    parts = [bytes(palette[part::3]).ljust(256, b"\0") for part in range(3)]
    small = bytearray()
    for top in range(0, 630, CELL):
        sums = [[0] * SMALL[0] for _ in parts]
        for y in range(top, top + CELL):
            row = rows[y * 1201 + 1:(y + 1) * 1201]
            for part, values in enumerate(parts):
                seen = row.translate(values)
                sums[part] = list(map(sum, zip(sums[part], *(seen[i::CELL] for i in range(CELL)), strict=True)))
        for pixel in zip(*sums, strict=True):
            small += bytes(total // CELL ** 2 for total in pixel)
    return bytes(small)


def as_png(small):
    """A small picture as a PNG, to be looked at."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    width, height = SMALL
    rows = b"".join(b"\0" + small[at:at + 3 * width] for at in range(0, len(small), 3 * width))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def from_png(png):
    """A small picture from what as_png made of it."""
    (length,) = struct.unpack_from(">I", png, 33)
    rows, stride = zlib.decompress(png[41:41 + length]), 3 * SMALL[0] + 1
    return b"".join(rows[at + 1:at + stride] for at in range(0, len(rows), stride))


TILE = 14  # small pixels


def difference(one, other):
    """How much two small pictures differ where they differ most: the mean difference of a tile's
    colours, of 255. All letters a pixel further to the right and down come to 17, another word
    of a topic to 29."""
    width, height = SMALL
    worst = 0
    for top in range(0, height, TILE):
        sums = [0] * -(-width // TILE)
        for y in range(top, top + TILE):
            row = slice(3 * width * y, 3 * width * (y + 1))
            for x, (a, b) in enumerate(zip(one[row], other[row], strict=True)):
                sums[x // (3 * TILE)] += abs(a - b)
        worst = max(worst, *sums)
    return worst / (3 * TILE * TILE)


def pixels(png):
    """A card's rows as they are compressed."""
    return decoded(png)[0]
