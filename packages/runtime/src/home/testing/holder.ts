// A process that takes a home's lock when told to, says how it went, and gives it back when told to.
import { createInterface } from 'node:readline';
import { systemClock } from '../../clock/index.ts';
import { faultRow, KoraError } from '../../fault/index.ts';
import { lockHome, makeHome } from '../index.ts';

const [home = ''] = process.argv.slice(2);
let release: (() => Promise<void>) | undefined;

async function obey(command: string): Promise<string> {
  if (command === 'release') {
    await release?.();
    return 'released';
  }
  try {
    await makeHome(home);
    release = await lockHome(home, systemClock());
    return 'held';
  } catch (error) {
    return error instanceof KoraError
      ? `${error.code} ${faultRow(error).exit} ${error.message}`
      : String(error);
  }
}

process.stdout.write('up\n');
for await (const command of createInterface({ input: process.stdin })) {
  process.stdout.write(`${await obey(command)}\n`);
}
