import type { KoraClient, ProbeRow } from '@kora/runtime/client';
import type { Context, Run } from '../context.ts';
import { problemOf, refusal } from '../fault.ts';
import type { Input } from '../input.ts';
import { keyValues } from '../key-values.ts';
import { plain } from '../output/style.ts';
import { keysOf, nameFor } from '../probe-kinds.ts';
import { probeLines } from './probe.ts';
import { named, plugin, swap } from './probe-writing.ts';
import type { Probe } from './probe-writing.ts';

/** A look has ten seconds of its own, and may wait as long for its place. */
const lookTimeoutMs = 30_000;

/** Writes a probe into kora.json, and looks once: what it saw is the answer. */
export const add: Run = async (context) => {
  const { input, out } = context;
  const probe = probeOf(input);
  const name = String(probe['name']);
  const api = await context.client(lookTimeoutMs);
  const reason = input.text('reason') ?? `watch ${name}, from the command line`;
  const written = await swap(context, api, async (before) => {
    refuseAmong([...before, ...(await api.probes())], name, input.many('depends-on'));
    return { probes: [...before, probe], reason };
  });
  const { file, applied, state } = written;
  if (applied === 'next_start') {
    out.result({ probe, file, applied, seen: null, notSeen: null }, () => [
      `${out.style.good('written')}  ${plain(file)}`,
      `the plugin is ${state}: it looks from its next start`,
    ]);
    return 'ok';
  }
  const looked = await lookOnce(context, api, name);
  out.result({ probe, file, applied, ...looked }, () => [
    `${out.style.good('written')}  ${plain(file)}`,
    ...(looked.seen === null
      ? [out.style.warn(`not looked at yet: ${plain(looked.notSeen)}`)]
      : probeLines(looked.seen, out)),
    ...(looked.seen !== null && isBad(looked.seen)
      ? [
          '',
          out.style.dim(`it is watched all the same; kora probe remove ${plain(name)} takes it away again`),
        ]
      : []),
  ]);
  return looked.seen !== null && isBad(looked.seen) ? 'findings' : 'ok';
};

/** Takes a probe out of kora.json; what it saw stays in the history. */
export const remove: Run = async (context) => {
  const { input, out } = context;
  const name = input.argument('name');
  const api = await context.client();
  const reason = input.text('reason') ?? `watch ${name} no more, from the command line`;
  let kept: readonly Probe[] = [];
  const written = await swap(context, api, async (before) => {
    kept = before.filter((each) => each['name'] !== name);
    if (kept.length === before.length) {
      const built = 'what is built in, or comes from another plugin, is switched off there';
      const why = `kora.json has no probe ${JSON.stringify(name)}: ${built}`;
      throw refusal('KORA_PROBE_UNKNOWN', why, 'kora probe list');
    }
    // Where none of them stands there is nothing to put back: each that is taken out may be the one that was wrong.
    const stood = (await api.probes()).some((row) => row.pluginName === plugin);
    return { probes: kept, reason, keep: !stood };
  });
  const { file, applied } = written;
  const stillWrong =
    applied === 'failed' ? named(written.reason ?? 'the plugin does not come up', kept) : null;
  out.result({ removed: name, file, applied, stillWrong }, () => [
    `${out.style.good('removed')}  ${plain(name)}  ${plain(file)}`,
    ...(stillWrong === null ? [] : [out.style.warn(`nothing is watched yet: ${plain(stillWrong)}`)]),
  ]);
  return stillWrong === null ? 'ok' : 'findings';
};

/** Throws KORA_PROBE_DUPLICATE, and KORA_PROBE_UNKNOWN for one that is depended on and not there. */
function refuseAmong(
  others: readonly { readonly name?: unknown }[],
  name: string,
  dependsOn: readonly string[],
): void {
  const known = new Set(others.map((each) => each.name));
  if (known.has(name))
    throw refusal('KORA_PROBE_DUPLICATE', `there is a probe ${name} already`, 'name this one: --name NAME');
  const missing = dependsOn.find((needed) => !known.has(needed));
  if (missing === undefined) return;
  const why = `there is no probe ${missing} for ${name} to depend on`;
  throw refusal('KORA_PROBE_UNKNOWN', why, 'kora probe list');
}

function probeOf(input: Input): Probe {
  const [kind, target] = [input.argument('kind'), input.argument('target')];
  const set = keyValues(input, 'set');
  const everyMs = input.span('every');
  const timeoutMs = input.span('timeout');
  const consecutive = input.whole('consecutive', 1);
  const severity = input.text('severity');
  const dependsOn = input.many('depends-on');
  return {
    ...keysOf(
      kind,
      target,
      set.map(([key]) => key),
    ),
    name: input.text('name') ?? nameFor(kind, target),
    ...(everyMs === undefined ? {} : { everyMs }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(consecutive === undefined ? {} : { consecutive }),
    ...(severity === undefined ? {} : { severity }),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
    ...Object.fromEntries(set),
  };
}

type Looked =
  | { readonly seen: ProbeRow; readonly notSeen: null }
  | { readonly seen: null; readonly notSeen: string };

/** The probe stands already: that nobody may look now is told, and is no failure of adding it. */
async function lookOnce({ host }: Context, api: KoraClient, name: string): Promise<Looked> {
  try {
    return { seen: await api.runProbe(name), notSeen: null };
  } catch (error) {
    const { message } = problemOf(error, (await host.runtime.basics()).faultTable);
    return { seen: null, notSeen: message };
  }
}

function isBad({ status }: ProbeRow): boolean {
  return status === 'unhealthy' || status === 'unreachable';
}
