"""A completion as an event stream: the chunks that OpenAI-compatible servers send for it."""
import json

PIECE = 3  # characters a chunk: tags and sentences are split in every way


def _pieces(value):
    """A text in pieces; anything else, like a list of parts, item by item or whole."""
    if isinstance(value, str):
        return [value[at:at + PIECE] for at in range(0, len(value), PIECE)] or [""]
    return [[part] for part in value] if isinstance(value, list) else [value]


def _chunk(completion, delta, **choice):
    about = {name: completion[name] for name in ("id", "created", "model") if name in completion}
    return about | {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta} | choice]}


def chunks(completion, usage):
    """The chunks, without the usage where it isn't asked for."""
    choice = completion["choices"][0]
    message = choice.get("message", {})
    yield _chunk(completion, {"role": "assistant", "content": ""}, finish_reason=None)
    for name, value in message.items():
        if name != "role" and value is not None:
            yield from (_chunk(completion, {name: piece}, finish_reason=None) for piece in _pieces(value))
    others = {name: value for name, value in choice.items() if name not in ("index", "message")}
    yield _chunk(completion, {}, **others)
    if usage and completion.get("usage"):
        yield {"object": "chat.completion.chunk", "choices": [], "usage": completion["usage"]}


def wants_stream(request):
    return isinstance(request.json, dict) and request.json.get("stream") is True


def begin(writer):
    """Chunked, as the length isn't known before."""
    writer.write(b"HTTP/1.1 200 Scripted\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")


async def send_line(writer, line):
    data = f"data: {line if isinstance(line, str) else json.dumps(line, ensure_ascii=False)}\n\n".encode()
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
    await writer.drain()


async def end(writer):
    await send_line(writer, "[DONE]")
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    return True


def words(text, finish=None):
    """A chunk with a piece of the text; with the reason why it ends, and no piece, the last one."""
    return {"object": "chat.completion.chunk",
            "choices": [{"index": 0, "delta": {} if finish else {"content": text}, "finish_reason": finish}]}


async def send(request, writer, completion):
    usage = (request.json.get("stream_options") or {}).get("include_usage")
    begin(writer)
    for chunk in chunks(completion, usage):
        await send_line(writer, chunk)
    return await end(writer)
