#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { ownVersion } from './version.ts';

// Answered before anything else is loaded: scripts ask for it often.
if (process.argv.length === 3 && process.argv[2] === '--version') {
  process.stdout.write(`${ownVersion()}\n`);
} else {
  enableCompileCache();
  const [{ main }, { nodeHost }] = await Promise.all([import('./main.ts'), import('./node-host.ts')]);
  process.exitCode = await main(nodeHost((code) => process.exit(code)));
  // Ended by a stop: whatever a plugin has left open, this process goes.
  if (process.exitCode === 80) process.exit();
}
