// A process whose child ends and is not looked after: this one sits in its event loop's way until it is told to end.
import { spawn } from 'node:child_process';
import { readSync } from 'node:fs';

const child = spawn('true', { stdio: 'ignore' });
process.stdout.write(`${child.pid}\n`);
// Blocks the thread, so that libuv cannot reap the child.
readSync(0, Buffer.alloc(8));
process.exit();
