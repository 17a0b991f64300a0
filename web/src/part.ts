import { chunk } from "./chunk";
import { learn, type Part } from "./text";

const STYLES: Record<Part, () => Promise<unknown>> = {
  more: () => import("./style/more"),
  personas: () => import("./style/personas"),
};

/** A view or a sheet, with the words and the style that it needs beside what all pages have. */
export async function withPart<T>(part: Part, load: () => Promise<T>): Promise<T> {
  return (await Promise.all([chunk(load), learn(part), chunk(STYLES[part])]))[0];
}
