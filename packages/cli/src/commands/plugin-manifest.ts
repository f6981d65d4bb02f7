import type { BenchOrder, ManifestAnswer } from '@kora/testkit/bench';
import { atBench, pluginFolder } from '../bench.ts';
import type { Run } from '../context.ts';
import { plain } from '../output/style.ts';

export const manifest: Run = async (context) => {
  const { input, out } = context;
  const check = input.on('check');
  const entry = input.text('entry');
  const directory = pluginFolder(context);
  const order: BenchOrder = { verb: 'manifest', directory, check, ...(entry === undefined ? {} : { entry }) };
  const answer = (await atBench(context, order)) as ManifestAnswer;
  const { changes, written } = answer;
  out.result(answer, () => {
    if (changes.length === 0) return ['the manifest says what the plugin registers'];
    const lines = changes.map(
      (change) => `${out.style.warn(check ? 'differs' : 'changed')}  ${plain(change)}`,
    );
    return check
      ? [...lines, `${out.style.dim('fix:')} kora plugin manifest`]
      : [...lines, out.style.dim(`written: ${written.map(plain).join(', ')}`)];
  });
  return check && changes.length > 0 ? 'findings' : 'ok';
};
