// All that is the user's, as one file: the API gives it in pages, so that none is too large.
import { ask, type Answer } from "./api";

type Export = Answer<"get", "/me/export">;

/** Lists grow by the page's; what isn't one is the same in each. */
export function joined(pages: Export[]): Record<string, unknown> {
  const all: Record<string, unknown> = {};
  for (const page of pages)
    for (const [name, value] of Object.entries(page))
      all[name] = Array.isArray(value) ? [...((all[name] as unknown[] | undefined) ?? []), ...value] : value;
  delete all["next_cursor"];
  return all;
}

async function pages(): Promise<Export[]> {
  const all: Export[] = [];
  for (let cursor: string | undefined = undefined; cursor !== ""; ) {
    const { data }: { data: Export | undefined } = await ask("get", "/me/export", { query: { cursor } });
    if (data === undefined) break;
    all.push(data);
    cursor = data.next_cursor;
  }
  return all;
}

/** The token goes in a header, which a link can't send: the file is made here. */
export async function download(): Promise<void> {
  const file = new Blob([JSON.stringify(joined(await pages()), null, 2)], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = "personaworlds-export.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser may still read it
}
