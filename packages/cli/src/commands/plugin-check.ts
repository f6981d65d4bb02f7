import type { CheckAnswer, PackageFinding } from '@kora/testkit/bench';
import { atBench, nodeArgs, pluginFolder } from '../bench.ts';
import type { Run } from '../context.ts';
import type { Console } from '../output/console.ts';
import { plain } from '../output/style.ts';
import { sarifOf } from './plugin-sarif.ts';

export const check: Run = async (context) => {
  const { input, out, host } = context;
  const directory = pluginFolder(context);
  const order = { verb: 'check', directory, execute: input.on('execute'), nodeArgs: nodeArgs() } as const;
  const answer = (await atBench(context, order)) as CheckAnswer;
  if (input.on('sarif')) host.stdout.write(`${JSON.stringify(sarifOf(answer), null, 2)}\n`);
  else out.result(answer, () => checkLines(answer, out));
  return answer.findings.some(({ severity }) => severity === 'error') ? 'findings' : 'ok';
};

function checkLines({ findings, executed, directory }: CheckAnswer, out: Console): readonly string[] {
  const { style } = out;
  const many = (severity: PackageFinding['severity']): string => {
    const count = findings.filter((each) => each.severity === severity).length;
    return `${count} ${severity}${count === 1 ? '' : 's'}`;
  };
  const how = executed ? 'read and executed' : 'read, not executed';
  return [
    ...findings.flatMap((each) => findingLines(each, out)),
    style.dim(`${plain(directory)}: ${many('error')}, ${many('warning')} (${how})`),
  ];
}

function findingLines({ id, severity, message, path, hint }: PackageFinding, { style }: Console): string[] {
  const mark = severity === 'error' ? style.bad('error  ') : style.warn('warning');
  const head = `${mark}  ${plain(message)}  ${style.dim(`${plain(path)} (${id})`)}`;
  return hint === null ? [head] : [head, `${' '.repeat(9)}${style.dim('fix:')} ${plain(hint)}`];
}
