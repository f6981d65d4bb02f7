let isBarred = false;

/**
 * Node opens a debugger's port in a process that gets SIGUSR1, and whoever reaches that port runs what he likes in it. A
 * guest may be the same user as we are and has the network, so from the first guest on the signal means nothing to us.
 * For the life of the process: without a listener the signal would end it.
 */
export function barDebugger(): void {
  if (isBarred || process.platform === 'win32') return;
  isBarred = true;
  process.on('SIGUSR1', () => undefined);
}
