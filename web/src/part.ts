// What only some pages and sheets need of words and style. The style comes as text of a script: it
// asks for nothing more, and is there before what it is for.
import { chunk } from "./chunk";
import { learn, type Part } from "./text";

type Sheet = () => Promise<{ default: string }>;
const more: Sheet = () => import("./style/more.css?inline");
const personas: Sheet = () => import("./style/personas.css?inline");
/** In the order of their rules. */
const STYLES: Record<Part, Sheet[]> = { more: [more], personas: [more, personas] };

const worn = new Set<Sheet>();

/** The style holds from now on. */
export function wear(css: string): void {
  const style = new CSSStyleSheet();
  style.replaceSync(css);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, style];
}

async function wearAll(sheets: Sheet[]): Promise<void> {
  const texts = await chunk(() => Promise.all(sheets.map((sheet) => sheet())));
  sheets.forEach((sheet, place) => {
    if (!worn.has(sheet)) wear(texts[place]?.default ?? "");
    worn.add(sheet);
  });
}

/** A part of the application with the words and the style that it needs: it is shown when all are
 * there. */
export async function withPart<T>(part: Part, load: () => Promise<T>): Promise<T> {
  return (await Promise.all([chunk(load), learn(part), wearAll(STYLES[part])]))[0];
}
