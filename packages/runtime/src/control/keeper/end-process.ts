/** A main thread that can still be interrupted takes far less. */
const graceMs = 1_000;

/**
 * Ends the process from a thread that is not its main one. A thread's own exit ends only that thread; so the main thread
 * is made to leave with `exitCode` through the inspector, which interrupts also a loop that never yields. One that stands
 * in a system call cannot be interrupted, and a Node without an inspector cannot do it: SIGKILL follows.
 */
export function endProcess(exitCode: number): void {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), graceMs);
  try {
    const { Session } = process.getBuiltinModule('node:inspector');
    const session = new Session();
    session.connectToMainThread();
    session.post('Runtime.evaluate', { expression: `process.reallyExit(${exitCode})` });
  } catch {
    process.kill(process.pid, 'SIGKILL');
  }
}
