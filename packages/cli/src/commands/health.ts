import type { HealthRollup } from '@kora/runtime/client';
import type { Run } from '../context.ts';
import type { Console } from '../output/console.ts';
import { plain, tint } from '../output/style.ts';
import { span, unknown } from '../output/time.ts';

export const health: Run = async ({ client, out }) => {
  const now = await (await client()).healthRollup();
  out.result(now, () => healthLines(now, out));
  // What people or the budget limit is as they want it.
  return now.overall === 'healthy' ? 'ok' : 'findings';
};

function healthLines(now: HealthRollup, out: Console): readonly string[] {
  const { style } = out;
  const limited = now.intentionallyLimited ? '  limited on purpose' : '';
  return [
    `${style.strong(tint(style, now.overall))}${limited}${now.reason === null ? '' : `  ${plain(now.reason)}`}`,
    ...out.facts([
      ['can it work', answerWords(now.canWork)],
      ['may it work', answerWords(now.mayWork)],
      ['is it working', answerWords(now.isWorking)],
    ]),
    '',
    ...signalLines(now, out),
  ];
}

function answerWords({ answer, because }: HealthRollup['canWork' | 'mayWork' | 'isWorking']): string {
  const word = answer.replace('_', ' ');
  return because.length === 0 ? word : `${word}: ${because.map(plain).join('; ')}`;
}

type Signal = HealthRollup['subsignals'][string];

function signalLines({ subsignals }: HealthRollup, out: Console): readonly string[] {
  return out.table(
    Object.entries(subsignals),
    [
      { title: 'signal', of: ([name]) => name },
      { title: 'is', of: ([, { status }]) => status, paint: (text) => tint(out.style, text) },
      { title: 'measured', of: ([, signal]) => measured(signal), flexible: true },
      {
        title: 'limit',
        of: ([, { thresholdSeconds: limit }]) => (limit === undefined ? '' : seconds(limit)),
      },
      { title: 'normal', of: ([, { expectation }]) => expectation, flexible: true },
    ],
    'nothing was looked at',
  );
}

function measured({ value, elapsedSeconds }: Signal): string {
  const parts = [
    ...(value === undefined ? [] : [value === null ? unknown : String(value)]),
    ...(elapsedSeconds === undefined ? [] : [seconds(elapsedSeconds)]),
  ];
  return parts.join(', ');
}

function seconds(count: number): string {
  return span(count * 1_000);
}
