import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { harmlessLine } from '../format/harmless.ts';
import { Field } from '../piece/field.tsx';
import { argumentLine, program, runSeconds } from '../state/draft.ts';
import { splitArguments } from './argument-line.ts';

/** A program and its arguments, each as the node gets it. */
export function Argv({ argv }: { argv: readonly string[] }): JSX.Element {
  return (
    <ol class="argv">
      {argv.map((each, i) => (
        <li key={i}>
          <code>{each === '' ? <span class="quiet">empty</span> : harmlessLine(each)}</code>
        </li>
      ))}
    </ol>
  );
}

/** What to run, and for how long at most. */
export function RunFields(): JSX.Element {
  const path = useRef<HTMLInputElement>(null);
  useEffect(() => path.current?.focus({ preventScroll: true }), []);
  const given = splitArguments(argumentLine.value);
  return (
    <>
      <Field id="run-program" label="Program">
        <input
          ref={path}
          id="run-program"
          class="line"
          placeholder="/usr/bin/systemctl"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          value={program.value}
          onInput={(event) => {
            program.value = event.currentTarget.value;
          }}
        />
      </Field>
      <Field
        id="run-arguments"
        label="Arguments"
        hint="Split at spaces; quotes keep words together. No shell sees them."
      >
        <input
          id="run-arguments"
          class="line"
          aria-describedby="run-arguments-hint"
          placeholder="restart nginx"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          value={argumentLine.value}
          onInput={(event) => {
            argumentLine.value = event.currentTarget.value;
          }}
        />
      </Field>
      {given && program.value.trim() !== '' && (
        <div class="argv-preview" role="group" aria-label="What each node is to run">
          <Argv argv={[program.value.trim(), ...given]} />
        </div>
      )}
      <Field id="run-seconds" label="Stop it after" inline>
        <span class="with-unit">
          <input
            id="run-seconds"
            type="number"
            inputMode="numeric"
            min={1}
            max={3600}
            step={1}
            value={Number.isNaN(runSeconds.value) ? '' : runSeconds.value}
            onInput={(event) => {
              runSeconds.value = event.currentTarget.valueAsNumber;
            }}
          />
          <span>seconds</span>
        </span>
      </Field>
    </>
  );
}
