import { useId } from "preact/hooks";

interface SegmentedProps {
  label: string;
  value: string;
  /** What may be chosen: its value, and its word. */
  choices: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
}

/** One of a few, all of them in view. */
export function Segmented({ label, value, choices, onChange }: SegmentedProps) {
  const name = useId();
  return (
    <fieldset class="segmented">
      <legend>{label}</legend>
      <div>
        {choices.map(([choice, word]) => (
          <label key={choice}>
            <input type="radio" name={name} value={choice} checked={choice === value}
              onChange={() => onChange(choice)} />
            <span>{word}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
