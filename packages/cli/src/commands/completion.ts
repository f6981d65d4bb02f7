import { completionScript, shells } from '../completion.ts';
import type { Run } from '../context.ts';
import { usage } from '../fault.ts';

export const completion: Run = async ({ input, out }) => {
  const wanted = input.argument('shell');
  const shell = shells.find((each) => each === wanted);
  if (shell === undefined)
    throw usage(`there is no completion for ${JSON.stringify(wanted)}`, `one of ${shells.join(', ')}`);
  const script = completionScript(shell);
  out.result({ shell, script }, () => [script]);
  return await Promise.resolve('ok' as const);
};
