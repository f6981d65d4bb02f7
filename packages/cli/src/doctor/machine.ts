import { oldestNode } from '../version.ts';
import { finding } from './check.ts';
import type { Check } from './check.ts';

/** The Node this command runs on, against what the package asks for. */
export const checkNode: Check = async () => {
  const wanted = oldestNode();
  const found = process.versions.node;
  if (compare(found, wanted) >= 0)
    return [finding('info', 'machine/node', `Node ${found}`, { path: process.execPath })];
  const hint = `install Node ${wanted} or newer`;
  return await Promise.resolve([
    finding('error', 'machine/node', `Node ${found} is too old; Kora needs ${wanted}`, {
      path: process.execPath,
      hint,
    }),
  ]);
};

function compare(one: string, other: string): number {
  const parts = (version: string): number[] => version.split('.').map(Number);
  const [left, right] = [parts(one), parts(other)];
  for (let at = 0; at < 3; at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
