import type { Causes, CauseStep } from '@kora/runtime/client';
import type { Run } from '../context.ts';
import type { Console } from '../output/console.ts';
import { plain } from '../output/style.ts';
import { cut } from '../output/table.ts';
import { clock } from '../output/time.ts';
import { sequence } from './event/sequence.ts';
import { explainIncident } from './explain-incident.ts';
import { explainRun } from './explain-run.ts';
import { runIdIn } from './reason.ts';

export const explain: Run = async (context) => {
  const { client, input, out } = context;
  const what = input.argument('what');
  if (what.startsWith('run:')) return await explainRun(context, runIdIn(what));
  if (what.startsWith('incident:')) return await explainIncident(context, what.slice('incident:'.length));
  const causes = await (await client()).causes(sequence(what));
  out.result(causes, () => [
    ...beginning(causes, out),
    ...causes.steps.map((step) => stepLine(step, out, step.seq === causes.seq ? '▶' : ' ')),
    ...followedLines(causes, out),
  ]);
  return 'ok';
};

/** What is missing before the first line is said, so that it is not taken for the beginning. */
function beginning({ ended, missing }: Causes, { style }: Console): readonly string[] {
  if (ended === 'too_long') return [style.warn('… and so on: the way back is longer than this')];
  if (missing === null) return [];
  const where = missing.pruned
    ? 'is not on the log, whose beginning was pruned'
    : 'is not on the log of this workspace';
  return [style.warn(`the cause ${missing.eventId} ${where}`)];
}

function followedLines({ followed, more }: Causes, out: Console): readonly string[] {
  if (followed.length === 0) return ['', out.style.dim('nothing followed from it')];
  return [
    '',
    out.style.dim('what followed from it'),
    ...followed.map((step) => stepLine(step, out, ' ')),
    ...(more ? [out.style.dim('… and more')] : []),
  ];
}

function stepLine(step: CauseStep, { style, width }: Console, mark: string): string {
  const head = `${mark} ${clock(step.occurredAt)} #${step.seq}`;
  const type = plain(step.type);
  const link = step.by === null || step.by === 'causation' ? '' : `  (by ${step.by})`;
  const room = (width ?? Infinity) - `${head} ${type}  ${link}`.length;
  return `${style.dim(head)} ${style.strong(type)}  ${cut(plain(step.words), Math.max(room, 20))}${style.dim(link)}`;
}
