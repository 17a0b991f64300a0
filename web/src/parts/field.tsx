import { useId } from "preact/hooks";
import { number } from "../text";

interface FieldProps {
  label: string;
  value: string;
  onInput: (value: string) => void;
  name: string;
  type?: "text" | "email" | "password" | "search";
  autocomplete?: string;
  hint?: string;
  error?: string | undefined;
  required?: boolean;
  minLength?: number;
  /** The keyboard of a phone, and what the browser takes for right. */
  inputMode?: "numeric";
  pattern?: string;
  /** Code points, as the server counts; shown while one types. */
  max?: number;
  /** Lines that are shown; without it the field has one and no more. */
  rows?: number;
  /** The language of what is typed, where it isn't the page's. */
  lang?: string;
  placeholder?: string;
  autofocus?: boolean;
  /** The key that leads here. */
  shortcut?: string;
}

export function codePoints(text: string): number {
  return [...text].length;
}

/** A field with its label, its hint, how full it is, and what is wrong with it. */
export function Field({ label, hint, error, onInput, autofocus, max, rows, shortcut, ...input }: FieldProps) {
  const id = useId();
  const length = codePoints(input.value);
  const isOver = max !== undefined && length > max;
  const told = [hint && `${id}-hint`, error && `${id}-error`, max && `${id}-count`].filter(Boolean).join(" ");
  const common = {
    id, ...input, autofocus: autofocus ?? false, "aria-invalid": error !== undefined || isOver,
    ...(told === "" ? {} : { "aria-describedby": told }), ...(shortcut && { "aria-keyshortcuts": shortcut }),
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {rows === undefined
        ? <input {...common} dir="auto" onInput={(event) => onInput(event.currentTarget.value)} />
        : <textarea {...common} dir="auto" rows={rows} onInput={(event) => onInput(event.currentTarget.value)} />}
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {error && <p class="error" id={`${id}-error`}>{error}</p>}
      {max !== undefined && <p class={isOver ? "count error" : "count hint"} id={`${id}-count`}>{number(length)}/{number(max)}</p>}
    </div>
  );
}
