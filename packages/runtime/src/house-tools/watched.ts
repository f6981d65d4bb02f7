import { z } from 'zod';
import type { ToolSpec } from '../reason/index.ts';
import type { HouseReads } from './ports.ts';
import { reading, rowsWith, tool } from './spec.ts';

const longestText = 300;

/** What is looked at, and what broke. Errors and details are in the words of what was looked at. */
export function watchedTools(reads: HouseReads): readonly ToolSpec[] {
  return [
    tool({
      ...reading,
      name: 'kora__list_probes',
      snapshotField: 'service_health',
      description:
        'Everything that is watched, with what the last look saw: status, since when, how long it took, the error, what was measured.',
      input: z.strictObject({}),
      run: async () => {
        const shown = rowsWith(await reads.probes(), (probe) => {
          const { name, kind, target, everyMs, status, since, lastGoodAt, checkedAt, latencyMs } = probe;
          const row = { name, kind, target, everyMs, status, since, lastGoodAt, checkedAt, latencyMs };
          return {
            id: lookOf(name, checkedAt),
            what: `${name} is ${status ?? 'not looked at yet'}`,
            row: { ...row, error: cut(probe.error), incidentId: probe.incidentId, details: probe.details },
          };
        });
        return { ...shown, untrusted: true };
      },
    }),
    tool({
      ...reading,
      name: 'kora__get_probe_history',
      description:
        'The last looks at one probe, newest first: whether it was well, how long it took, what failed.',
      input: z.strictObject({
        probe: z.string().min(1).max(200),
        limit: z.number().int().min(1).max(100).default(30),
      }),
      run: async (query) => {
        const shown = rowsWith(
          await reads.probeHistory(query),
          ({ probe, at, status, latencyMs, error }) => ({
            id: lookOf(probe, at),
            what: `${probe} was ${status} at ${at}`,
            row: { at, status, latencyMs, error: cut(error) },
          }),
        );
        return { ...shown, untrusted: true };
      },
    }),
    tool({
      ...reading,
      name: 'kora__list_incidents',
      snapshotField: 'alerts',
      description:
        'What broke, open incidents first and then the newest: which probe, how bad, since when, whether the operator has seen it, and the ticket that investigates it.',
      input: z.strictObject({
        status: z.enum(['open', 'resolved']).optional(),
        limit: z.number().int().min(1).max(50).default(20),
      }),
      run: async (query) => {
        const shown = rowsWith(await reads.incidents(query), ({ wakeId: _wake, detail, ...incident }) => ({
          id: `incident:${incident.incidentId}`,
          what: `${incident.title} is ${incident.status}`,
          row: { ...incident, detail: cut(detail) },
        }));
        return { ...shown, untrusted: true };
      },
    }),
  ];
}

/** The look at a probe of that time; before the first there is only the probe. */
function lookOf(probe: string, at: string | null): string {
  const name = probe.replaceAll(/[^\p{L}\p{N}_.:/-]/gu, '_').slice(0, 100);
  return at === null ? `probe:${name}` : `probe:${name}@${at}`;
}

function cut(text: string | null): string | null {
  return text === null ? null : text.slice(0, longestText);
}
