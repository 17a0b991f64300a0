import { useId } from "preact/hooks";

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
  autofocus?: boolean;
}

/** A field with its label, its hint and what is wrong with it. */
export function Field({ label, hint, error, onInput, autofocus, ...input }: FieldProps) {
  const id = useId();
  const told = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input id={id} {...input} autofocus={autofocus ?? false} aria-invalid={error !== undefined}
        {...(told === "" ? {} : { "aria-describedby": told })} onInput={(event) => onInput(event.currentTarget.value)} />
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {error && <p class="error" id={`${id}-error`}>{error}</p>}
    </div>
  );
}
