import type { PluginRowView } from '@kora/runtime/client';
import { counted } from '../output/count.ts';
import { bytes } from '../output/size.ts';
import { span } from '../output/time.ts';

type Fact = readonly [string, string];
type Usage = NonNullable<PluginRowView['usage']>;

/** What a plugin used and where its pages are; of what cannot be known, that it is not. */
export function usageFacts({ usage, urls }: Pick<PluginRowView, 'usage' | 'urls'>): Fact[] {
  const pages: Fact[] = urls.length === 0 ? [] : [['pages', urls.join('  ')]];
  if (usage === null) return pages;
  const isShared = usage.loopMs !== null;
  return [
    ...pages,
    ['calls', `${usage.calls}, ${usage.errors} failed`],
    ['processor', isShared ? 'shares the runtime’s' : span(usage.cpuMs)],
    ['memory', memory(usage, isShared)],
    [isShared ? 'held the loop' : 'its loop late', delay(usage)],
    ['log', `${counted(usage.logLines, 'line')}, ${bytes(usage.logBytes)}, ${usage.dropped} dropped`],
    ...(isShared
      ? []
      : [
          [
            'process',
            `${counted(usage.crashes, 'crash', 'crashes')}, started again ${counted(usage.restarts, 'time')}`,
          ] as const,
        ]),
  ];
}

function memory({ residentMb }: Usage, isShared: boolean): string {
  if (isShared) return 'shares the runtime’s';
  return residentMb === null ? 'no process now' : `${Math.round(residentMb)} MB resident`;
}

function delay({ eventLoopDelayMs: late, loopMs }: Usage): string {
  if (late === null) return 'not measured yet';
  const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
  const each = `p50 ${ms(late.p50)}, p99 ${ms(late.p99)}, longest ${ms(late.max)}`;
  return loopMs === null ? each : `${ms(loopMs)} in all; each call ${each}`;
}
