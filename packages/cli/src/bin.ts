#!/usr/bin/env node
import { oldestNode, ownVersion } from './version.ts';

// Answered before anything else is loaded: scripts ask for it often.
if (process.argv.length === 3 && process.argv[2] === '--version') {
  process.stdout.write(`${ownVersion()}\n`);
} else if (isOlder(process.versions.node, oldestNode())) {
  process.stderr.write(`kora: Kora needs Node ${oldestNode()} or later, and this is ${process.version}\n`);
  process.exitCode = 1;
} else {
  await import('./compile-cache.ts');
  const [{ main }, { nodeHost }] = await Promise.all([import('./main.ts'), import('./node-host.ts')]);
  process.exitCode = await main(nodeHost((code) => process.exit(code)));
  // Ended by a stop: whatever a plugin has left open, this process goes.
  if (process.exitCode === 80) process.exit();
}

function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = than.split('.').map(Number);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}
