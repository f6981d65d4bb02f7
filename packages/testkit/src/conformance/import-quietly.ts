import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readPackage } from '../manifest.ts';
import { failure } from './failure.ts';
import { importProbe } from './import-probe.ts';
import type { Subject } from './life.ts';

/** Imports the entry in a process of its own, which then says what has changed in it. */
export async function importsQuietly({ options }: Subject): Promise<void> {
  const { directory, manifest } = await readPackage(options.packageDir);
  const entry = join(directory, options.entry ?? manifest.entry);
  if (!existsSync(entry)) throw failure(`there is no ${entry}`, 'build the package');
  const problems = await importProbe(entry, options.nodeArgs ?? conditionsOf(process.execArgv));
  if (problems.length > 0)
    throw failure(
      `importing ${entry} ${problems.join('; ')}`,
      'move it into register, or into the start of a daemon',
    );
}

/** How this process finds modules is how the other must. */
function conditionsOf(args: readonly string[]): readonly string[] {
  return args.filter((arg) => arg.startsWith('--conditions'));
}
