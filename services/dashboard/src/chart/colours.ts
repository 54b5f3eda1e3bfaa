/** The page's colours as a canvas takes them. */
export interface ChartColours {
  first: string;
  firstFill: string;
  second: string;
  rule: string;
  ink: string;
}

export function chartColours(): ChartColours {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    first: of('--line-first'),
    firstFill: of('--line-first-fill'),
    second: of('--line-second'),
    rule: of('--rule'),
    ink: of('--ink-quiet'),
  };
}
