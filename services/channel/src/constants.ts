// PROTOCOL.md, Constants: every row under its name there. Milliseconds where a name ends in Ms, bytes where in FrameMax.

export const joinFrameMax = 2048;
export const dataFrameMax = 65536;
/** Samples in a REPORT. */
export const reportSamples = 64;
/** The number of a sample that a WELCOME's `through` can be. */
export const throughMax = 2 ** 52;
/** Broadcast numbers in an ASK. */
export const askMax = 64;
/** Arrays and maps inside one another. */
export const cborDepth = 8;
/** Sequences. */
export const replayWindow = 1024;
export const rekeyAfterMs = 3_600_000;
/** Messages in either direction. */
export const rekeyAfterMessages = 2 ** 24;
export const sessionMaxMs = 4_500_000;
/** Messages that one key seals, and the highest sequence of a session. */
export const sessionMaxMessages = 2 ** 24 + 2 ** 16;
/** How long an old session or epoch stays open. */
export const overlapMs = 10_000;
export const epochMaxMs = 86_400_000;
export const epochAfterJoinMs = 30_000;
/** Joins that wait for their CONFIRM. */
export const pendingJoins = 1024;
/** Of those, of one node id. */
export const pendingJoinsPerNode = 4;
export const pendingJoinMs = 10_000;
export const joinTimeoutMs = 2000;
export const joinTries = 3;
export const ackTimeoutMs = 3000;
export const ackTries = 3;
export const keepaliveMs = 10_000;
export const awayMs = 30_000;
export const commandRetryMs = 5000;
/** How late after a CONFIRM a message under the older session proves a second machine. */
export const cloneAfterMs = 2000;
/** How long the older session of another instance stays open. */
export const cloneWatchMs = 15_000;
/** Messages that a session may say at once. */
export const sessionBurst = 128;
/** Messages a second in the long run. */
export const sessionRate = 32;
export const zapTimeoutMs = 2000;
export const rejoinMinMs = 1000;
export const rejoinMaxMs = 60_000;
/** After an attempt that did not reach the master. */
export const rejoinUnreachedMaxMs = 8000;
export const heartbeatIntervalMs = 5000;
export const heartbeatTimeoutMs = 15_000;
