import { useId } from "preact/hooks";

interface SliderProps {
  label: string;
  value: number;
  /** The word of each value, from 0. */
  words: readonly string[];
  onInput: (value: number) => void;
}

/** The browser's own range, whose values have names. */
export function Slider({ label, value, words, onInput }: SliderProps) {
  const id = useId();
  return (
    <div class="field slider">
      <label for={id}>{label}</label>
      <output for={id}>{words[value]}</output>
      <input id={id} type="range" min={0} max={words.length - 1} step={1} value={value} aria-valuetext={words[value]}
        onInput={(event) => onInput(Number(event.currentTarget.value))} />
      <div class="slider-ends" aria-hidden="true"><span>{words[0]}</span><span>{words.at(-1)}</span></div>
    </div>
  );
}
