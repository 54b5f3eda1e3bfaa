/** How much attention a value asks for. Colour and a sign say it together. */
export type Level = 'usual' | 'high' | 'critical';

const bounds = {
  cpu: [85, 95],
  memory: [85, 95],
  swap: [60, 85],
  disk: [85, 95],
  temperature: [75, 85],
} as const;

export function levelOf(what: keyof typeof bounds, value: number | null | undefined): Level {
  const [high, critical] = bounds[what];
  if (value === null || value === undefined || value < high) return 'usual';
  return value < critical ? 'high' : 'critical';
}
