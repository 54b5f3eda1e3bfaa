import type { ComponentChildren, JSX } from 'preact';

interface Choice<T extends string> {
  value: T;
  label: ComponentChildren;
  /** Where the label is a picture. */
  name?: string;
}

/** A few options of which one holds: radio buttons that look like one control. */
export function Segmented<T extends string>(props: {
  legend: string;
  name: string;
  value: T;
  choices: readonly Choice<T>[];
  onChoose: (value: T) => void;
}): JSX.Element {
  return (
    <fieldset class="segmented">
      <legend class="unseen">{props.legend}</legend>
      {props.choices.map(({ value, label, name }) => (
        <label key={value} title={name}>
          <input
            type="radio"
            name={props.name}
            value={value}
            checked={value === props.value}
            aria-label={name}
            onChange={() => props.onChoose(value)}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
