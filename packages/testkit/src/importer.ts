// What a process imports to see what importing a plugin's entry does. It runs nothing else.
import { pathToFileURL } from 'node:url';
import { lendRuntime } from '@kora/runtime/testkit';

/** The standard streams, which are opened when they are first looked at, and the channel to the parent. */
const ours = new Set(['PipeWrap', 'TTYWrap', 'FSReqCallback', 'Immediate']);

const [entry = ''] = process.argv.slice(2);
lendRuntime();
const before = snapshot();
const problems: string[] = [];
try {
  await import(pathToFileURL(entry).href);
} catch (error) {
  problems.push(`failed: ${error instanceof Error ? error.message : String(error)}`);
}
// What an import starts shows within the next turns.
for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
const after = snapshot();
for (const [what, count] of after) {
  const more = count - (before.get(what) ?? 0);
  if (more > 0) problems.push(`left ${more} more ${what}`);
}
process.send?.(problems, () => process.exit(0));

/** What goes on in this process, by name and number. */
function snapshot(): Map<string, number> {
  const found = new Map<string, number>();
  const count = (what: string, many = 1): Map<string, number> =>
    found.set(what, (found.get(what) ?? 0) + many);
  for (const kind of process.getActiveResourcesInfo()) if (!ours.has(kind)) count(`open ${kind}`);
  for (const name of process.eventNames())
    count(`listeners for ${String(name)}`, process.listenerCount(name));
  count('variables in process.env', Object.keys(process.env).length);
  return found;
}
