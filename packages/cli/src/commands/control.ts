import type { KoraControl } from '@kora/runtime/client';
import type { Run } from '../context.ts';
import type { Console } from '../output/console.ts';
import { plain } from '../output/style.ts';
import { ago, span } from '../output/time.ts';
import { holdWords, mendLines } from './status.ts';

type Command = KoraControl['commands'][number];
type Acknowledgement = Command['acknowledgements'][number];

export const control: Run = async ({ client, out }) => {
  const now = await (await client()).koraControl();
  out.result(now, () => [
    ...headLines(now, out),
    ...now.holds.map((hold) => `held by ${holdWords(hold, out.now)}`),
    ...mendLines(now, out),
    ...now.commands.flatMap((command) => commandLines(command, now, out)),
  ]);
  return 'ok';
};

function headLines({ stopLevel, sentinel, credentialsLocked }: KoraControl, out: Console): string[] {
  const { style } = out;
  return [
    stopLevel === 0 ? 'no stop is in force' : style.warn(`L${stopLevel} is in force`),
    ...(credentialsLocked ? [style.warn('secrets of services are locked')] : []),
    ...(sentinel === null
      ? []
      : [`STOP lies in the home: L${sentinel.level} by ${plain(sentinel.by)}, ${plain(sentinel.reason)}`]),
  ];
}

function commandLines(command: Command, { inForce }: KoraControl, out: Console): string[] {
  const isInForce = inForce.some(({ sequence }) => sequence === command.sequence);
  const over = command.supersededBy === null ? 'its time is over' : `ended by #${command.supersededBy}`;
  const end = command.level === 0 ? 'reset' : isInForce ? 'in force' : over;
  const { sequence, level, issuerActor, via, createdAt, reason } = command;
  return [
    '',
    `#${sequence} L${level} by ${issuerActor} (${via}) ${ago(createdAt, out.now)}, ${end}: ${plain(reason)}`,
    ...command.acknowledgements.map((each) => `  ${acknowledgementWords(each, command)}`),
  ];
}

function acknowledgementWords(said: Acknowledgement, { createdAt }: Command): string {
  const after = (at: string | null): string =>
    at === null ? 'not yet' : `after ${span(sinceMs(at, createdAt))}`;
  const { runtimeId, observedAt, acknowledgedAt, enforcedAt, effect, failure } = said;
  const figures =
    effect === null
      ? []
      : [
          `${effect.claimsReleased} claims released`,
          `${effect.claimsHeld} held`,
          `${effect.callsRefused} calls refused`,
        ];
  const times = [
    `seen ${after(observedAt)}`,
    `acknowledged ${after(acknowledgedAt)}`,
    `in effect ${after(enforcedAt)}`,
  ];
  const trouble = failure === null ? [] : [`trouble: ${plain(failure)}`];
  return `${runtimeId.slice(0, 8)}  ${[...times, ...figures, ...trouble].join(', ')}`;
}

function sinceMs(at: string, from: string): number {
  return Math.max(0, Date.parse(at) - Date.parse(from));
}
