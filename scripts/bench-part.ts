/** Of the usual time that each measurement takes: BENCH_PART, or all of it. */
export const part = Number(process.env['BENCH_PART'] ?? 1);

if (!(part > 0 && part <= 1)) throw new Error('BENCH_PART is a number above 0, and 1 at most');
