import type { cspReportsSchema, diagnosticsSchema } from '@kora/runtime/client';
import type { z } from 'zod';
import { oneLine } from '../../kit/plain.ts';

export type Diagnostics = z.infer<typeof diagnosticsSchema>;
export type PolicyReports = z.infer<typeof cspReportsSchema>;

/** What the page knows of itself. */
export interface PageFacts {
  /** As the browser calls itself. */
  readonly browser: string;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** What the page says of its link: `live`, `stale`. */
  readonly link: string;
}

/**
 * Everything a person needs who is asked for help, as plain text: the runtime's figures, its plugins, what it finds
 * wrong, and the page around. It holds no secret; what is not known says so. Texts of
 * others stand on one line each, so that none of them can look like a heading.
 */
export function bundleOf(data: Diagnostics, page: PageFacts): string {
  const { store } = data;
  return [
    '# Kora diagnostics',
    '',
    ...factLines([
      ['at', data.at],
      ['version', data.version],
      ['node', data.node],
      ['platform', data.platform],
      ['uptime', withUnit(data.uptimeMs, 'ms')],
      ['boot', known(data.bootId)],
      ['store', `${store.kind} ${known(store.version)}, ${withUnit(store.latencyMs, 'ms')}`],
      ['sequence', known(data.seq)],
      ['event lag', withUnit(data.eventLagMs, 'ms')],
      ['streams', known(data.streams)],
      ['memory', withUnit(data.memoryMiB, 'MiB')],
      ['event loop delay', withUnit(data.eventLoopDelayMs, 'ms')],
      ['clock skew', withUnit(data.clockSkewMs, 'ms')],
      ...Object.entries(data.counts ?? {}).map(([name, value]) => [name, String(value)] as const),
    ]),
    ...part(
      'Findings',
      data.findings.map(
        ({ level, subject, message, fix }) =>
          `${level} ${subject}: ${message}${fix === null ? '' : ` Fix: ${fix}`}`,
      ),
    ),
    ...part(
      'Plugins',
      data.plugins.map(({ id, version, state }) => `${id} ${version} ${state}`),
    ),
    ...part(
      'Stopped by the policy of the page',
      data.policyReports.map(({ at, directive, blocked }) => `${at} ${directive} ${blocked}`),
    ),
    ...part('Page', [
      `browser: ${page.browser}`,
      `window: ${page.width} x ${page.height}`,
      `link: ${page.link}`,
    ]),
    '',
  ].join('\n');
}

function factLines(facts: readonly (readonly [string, string])[]): string[] {
  return facts.map(([name, value]) => `- ${oneLine(name)}: ${oneLine(value)}`);
}

/** Characters that one line of a part may have. */
const longest = 2_000;

function part(title: string, lines: readonly string[]): string[] {
  const shown = lines.length === 0 ? ['none'] : lines;
  return ['', `## ${title}`, '', ...shown.map((line) => `- ${oneLine(line, longest)}`)];
}

function known(value: number | string | null | undefined): string {
  return value === null || value === undefined ? 'unknown' : String(value);
}

/** Figures of a measurement to a tenth. */
function withUnit(value: number | null | undefined, unit: string): string {
  return value === null || value === undefined ? 'unknown' : `${Math.round(value * 10) / 10} ${unit}`;
}
