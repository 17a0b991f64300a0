// Server-sent events as a response's body brings them. EventSource can't send a token, or a body.
// The format: HTML Standard, section 9.2.6 "Interpreting an event stream".

export interface ServerEvent {
  name: string;
  data: unknown;
  id: string | undefined;
}

/** One block of lines, without the empty line that ends it. Comments and unknown fields are nothing. */
function parseEvent(block: string): ServerEvent | undefined {
  let name = "message", id: string | undefined;
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const [, field, value = ""] = /^(\w+)(?:: ?(.*))?$/.exec(line) ?? [];
    if (field === "event") name = value;
    else if (field === "data") data.push(value);
    else if (field === "id") id = value;
  }
  return data.length === 0 ? undefined : { name, data: JSON.parse(data.join("\n")) as unknown, id };
}

/** Each event as it comes. `onBytes` is told whenever anything comes, comments too. */
export async function* readEvents(body: ReadableStream<Uint8Array>, onBytes?: () => void): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes?.();
      text += decoder.decode(value, { stream: true });
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const event = parseEvent(text.slice(0, end));
        text = text.slice(end + 2);
        if (event !== undefined) yield event;
      }
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}
