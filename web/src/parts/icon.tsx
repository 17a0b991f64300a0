// The few pictures of buttons, drawn: a sign of the font is another one on each machine.
const PATHS = {
  close: "M5 5 15 15M15 5 5 15",
  theme: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14Zm0 2a5 5 0 0 1 0 10Z",
} as const;

export function Icon({ of }: { of: keyof typeof PATHS }) {
  return <svg class={`icon-${of}`} viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path d={PATHS[of]} /></svg>;
}
