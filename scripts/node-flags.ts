// How a node is started, as its image has it: it is small.
export const nodeFlags = [
  '--lite-mode',
  '--max-semi-space-size=1',
  '--v8-pool-size=0',
  '--single-threaded-gc',
  '--compact-on-every-full-gc',
  '--bytecode-old-age=1',
  '--expose-gc',
  '--disable-sigusr1',
];
export const nodeSettings = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '32768',
  MALLOC_TOP_PAD_: '0',
  MALLOC_TRIM_THRESHOLD_: '0',
  UV_USE_IO_URING: '0',
};
