import type { ComponentChildren, JSX } from 'preact';
import type { Level } from './levels.ts';

const spoken = { usual: undefined, high: 'high', critical: 'critical' };

/** A value that may ask for attention: with a sign before it, never by colour alone. */
export function Value({ level = 'usual', children }: { level?: Level; children: ComponentChildren }): JSX.Element {
  if (level === 'usual') return <span class="value">{children}</span>;
  return (
    <span class={`value ${level}`}>
      <span class="sign" role="img" aria-label={spoken[level]}>
        {level === 'high' ? '▲' : '◆'}
      </span>
      {children}
    </span>
  );
}

/** A share of a whole as a bar; the number stands beside it, so the bar is not read out. */
export function Meter({ share, level = 'usual' }: { share: number; level?: Level }): JSX.Element {
  return (
    <span class="meter" aria-hidden="true">
      <span class={`meter-fill ${level}`} style={{ transform: `scaleX(${Math.min(1, Math.max(0, share / 100))})` }} />
    </span>
  );
}
