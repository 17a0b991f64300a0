// A persona's mark, as no pictures exist: one of twelve pairs of colours, one of six shapes, and the
// initial. The id alone decides, so a persona looks the same everywhere.
import { language } from "../text";

const SHAPES = [
  "M20 2 38 20 20 38 2 20Z", "M4 4H36V36H4Z", "M20 2A18 18 0 1 1 20 38 18 18 0 1 1 20 2Z",
  "M11 3H29L38 20 29 37H11L2 20Z", "M20 2 37 14 31 36H9L3 14Z", "M10 2H30Q38 2 38 10V30Q38 38 30 38H10Q2 38 2 30V10Q2 2 10 2Z",
];
const PAIRS = 12;

/** FNV-1a, 32 bits (Fowler, Noll, Vo). */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return value;
}

/** A letter that nothing joins; a browser's first Intl.Segmenter takes it 50 ms. */
const PLAIN = /^\p{L}(?!\p{M})/u;

export function initial(name: string, language: string): string {
  const text = name.trim().normalize();
  const first = PLAIN.exec(text)?.[0] ?? new Intl.Segmenter(language).segment(text)[Symbol.iterator]().next().value?.segment;
  return (first ?? "?").toLocaleUpperCase(language);
}

export function Mark({ id, name }: { id: string; name: string }) {
  const number = hash(id);
  return (
    <span class={`mark pair-${number % PAIRS}`} data-initial={initial(name, language.value)} aria-hidden="true">
      <svg viewBox="0 0 40 40"><path d={SHAPES[Math.floor(number / PAIRS) % SHAPES.length]} /></svg>
    </span>
  );
}
