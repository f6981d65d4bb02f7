import type { Plugin } from '@kora/runtime/plugin';
import { configRoundTrips } from './config-schema.ts';
import type { ConformanceCheck, ConformanceOptions } from './contract.ts';
import { crossesAProcess, everythingParses } from './crossing.ts';
import { importsQuietly } from './import-quietly.ts';
import { Subject } from './life.ts';
import {
  comesAgain,
  leavesNothing,
  shutsDownInTime,
  startupHonoursSignal,
  tasksHonourAbort,
} from './lifecycle.ts';
import { declaredIsRegistered, registersAllOrNothing } from './registering.ts';
import { toolsHonourAbort, toolsTakeWhatTheySay } from './tools.ts';

type Check = (subject: Subject) => Promise<void>;

const checks: readonly (readonly [id: string, title: string, check: Check])[] = [
  [
    'declared-is-registered',
    'it registers what its manifest declares, and nothing else',
    declaredIsRegistered,
  ],
  [
    'register-all-or-nothing',
    'when one registration is refused, register rejects, and nothing stands or was done',
    registersAllOrNothing,
  ],
  ['dispose-leaves-nothing', 'when it is taken down, nothing of it is left', leavesNothing],
  ['dispose-twice', 'it is taken down twice, and comes again after it', comesAgain],
  ['startup-honours-signal', 'a start that is given up ends soon', startupHonoursSignal],
  ['shutdown-in-time', 'its daemons shut down within their time', shutsDownInTime],
  ['import-does-nothing', 'importing its entry starts, prints and changes nothing', importsQuietly],
  ['config-round-trips', 'its configuration can be written as JSON Schema and read by it', configRoundTrips],
  ['tasks-honour-abort', 'a task that is aborted ends soon', tasksHonourAbort],
  [
    'tools-say-what-they-take',
    'its tools take what a model is told, under leave that it asks for',
    toolsTakeWhatTheySay,
  ],
  ['tools-honour-abort', 'a tool that is aborted ends soon', toolsHonourAbort],
  ['everything-parses', 'everything it emits fits what it declared', everythingParses],
  ['crosses-a-process', 'everything it hands over arrives unchanged in another process', crossesAProcess],
];

/**
 * The suite that every plugin can run, under any test framework: each check makes houses of its own and rejects with
 * what is wrong. `test.each(conformance(plugin, { packageDir }))('$title', ({ run }) => run());`
 */
export function conformance(plugin: Plugin, options: ConformanceOptions): readonly ConformanceCheck[] {
  const subject = new Subject(plugin, options);
  return checks.map(([id, title, check]) => ({ id, title, run: () => check(subject) }));
}
