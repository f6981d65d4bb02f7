import { readFile } from 'node:fs/promises';
import type { FixEnvelope, FixState, FixTarget } from '@kora/runtime/plugin';
import { z } from 'zod';
import type { FlyProbe } from '../config.ts';
import type { MachineFix } from './config.ts';
import { boundsOf, condition, notDone, word } from './envelope.ts';

export const flyCapability = {
  id: 'cap_probe_autofix_fly_restart',
  title: 'restart a machine of Fly that a probe finds not started',
  risk: 'high',
  defaultVerdict: 'ask',
} as const;

/** What the look at Fly says could be restarted. */
const namedSchema = z.object({
  targets: z.array(z.object({ id: z.string(), app: z.string(), state: z.string() })),
});
const machineSchema = z.object({
  id: z.string(),
  name: z.string().optional(),
  state: z.string(),
  region: z.string().optional(),
  instance_id: z.string().optional(),
});

/** On its way to somewhere: whoever moves it is at it. */
const moving: ReadonlySet<string> = new Set([
  'starting',
  'stopping',
  'restarting',
  'replacing',
  'destroying',
]);

interface MachineTools {
  /** A secret of this plugin by its name. */
  readonly secret: (name: string) => Promise<string | undefined>;
}

/** Restarts one machine of Fly by its Machines API: the only one that is down, and never two at once. */
export function machineFix(fix: MachineFix, probe: FlyProbe, tools: MachineTools): FixEnvelope {
  return {
    ...boundsOf(fix),
    fixName: 'restart_unhealthy_machine',
    title: 'restarts the one machine that is not started',
    capability: flyCapability.id,
    targets: ({ details }) => {
      const named = namedSchema.safeParse(details);
      return named.success
        ? named.data.targets.map(({ app, id }) => ({
            id: `fly:${app}/${id}`,
            title: `machine ${id} of ${app}`,
          }))
        : [];
    },
    conditions: ({ targets, before }) => {
      const state = word(before['state']);
      return [
        condition(
          'single_machine_not_started',
          targets.length === 1,
          `${targets.length} machines are not started`,
        ),
        condition('machine_not_started', state !== 'started', `it is ${state}`),
        condition('machine_at_rest', !moving.has(state) && state !== 'destroyed', `it is ${state}`),
      ];
    },
    observe: (target, signal) => look(probe, tools, target, signal),
    execute: async (target, { signal, key }) => {
      const response = await fetch(`${addressOf(probe, target)}/restart`, {
        method: 'POST',
        signal,
        redirect: 'manual',
        headers: { ...(await headersOf(probe, tools)), 'idempotency-key': key },
      });
      await response.body?.cancel();
      if (!response.ok) throw notDone(`Fly answered HTTP ${response.status}`);
    },
  };
}

async function look(
  probe: FlyProbe,
  tools: MachineTools,
  target: FixTarget,
  signal: AbortSignal,
): Promise<FixState> {
  const headers = await headersOf(probe, tools);
  const response = await fetch(addressOf(probe, target), { signal, redirect: 'manual', headers });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw notDone(`Fly answered HTTP ${response.status}`);
  }
  const { id, name, state, region, instance_id: instanceId } = machineSchema.parse(await response.json());
  return { id, name: name ?? null, state, region: region ?? null, instanceId: instanceId ?? null };
}

/** The address is composed here: an id that a look named goes in as one part of a path and as nothing else. */
function addressOf({ baseUrl }: FlyProbe, { id }: FixTarget): string {
  const [, app = '', machine = ''] = /^fly:([^/]+)\/(.+)$/.exec(id) ?? [];
  const base = baseUrl.replace(/\/$/, '');
  return `${base}/v1/apps/${encodeURIComponent(app)}/machines/${encodeURIComponent(machine)}`;
}

async function headersOf({ tokenFile }: FlyProbe, { secret }: MachineTools): Promise<Record<string, string>> {
  const token = (
    tokenFile === undefined ? await secret('FLY_API_TOKEN') : await readFile(tokenFile, 'utf8')
  )?.trim();
  if (token === undefined || token === '') throw notDone('there is no token for Fly');
  return { authorization: `Bearer ${token}`, accept: 'application/json', 'user-agent': 'kora-fix' };
}
