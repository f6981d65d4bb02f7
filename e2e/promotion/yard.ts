import { z } from 'zod';
import type { FixEnvelope } from '../../packages/runtime/src/fix/contract.ts';
import { definePlugin } from '../../packages/runtime/src/plugin/contract.ts';
import type { ProbeCategory, ProbeSnapshot } from '../../packages/runtime/src/probe/contract.ts';
import type { Plugin } from '../../packages/runtime/src/plugin/contract.ts';

export const yardTools = [
  'yard__berths',
  'yard__crane',
  'yard__tides',
  'yard__crew',
  'yard__invoices',
  'yard__photos',
] as const;
const machines = ['pump', 'gate', 'belt'] as const;
export type Machine = (typeof machines)[number];

/** What can be done about each machine. */
const fixes: Readonly<Record<Machine, string>> = {
  pump: 'restart_pump',
  gate: 'reset_gate',
  belt: 'loosen_belt',
};

/**
 * A harbour in the process of a test: six things to look up, three machines that break when the test says so, and one way
 * to mend each, which works as long as the test says so.
 */
export class Yard {
  readonly plugin: Plugin;
  readonly manifest: object = {
    id: 'yard',
    contributes: { tools: [...yardTools], probes: [...machines] },
    capabilities: ['cap_yard_look', 'cap_yard_mend'],
  };
  /** What the berths tool calls its figure. */
  berthsWord = 'free';
  freeBerths = 4;
  /** Whether a restart brings a machine back. */
  mends = true;
  /** Which tools were run, in their order. */
  readonly looked: string[] = [];
  /** Which machines somebody tried to mend. */
  readonly tried: Machine[] = [];
  readonly #verifyMs: number;
  readonly #broken = new Map<Machine, ProbeCategory>();

  /** `verifyMs`: how long a probe may take to find well what was mended. */
  constructor(verifyMs = 20_000) {
    this.#verifyMs = verifyMs;
    this.plugin = definePlugin({
      id: 'yard',
      register: async (context) => {
        for (const [id, title] of [
          ['cap_yard_look', 'look around the yard'],
          ['cap_yard_mend', 'restart what stands still in the yard'],
        ] as const)
          await context.registerCapability({ id, title, risk: 'low', defaultVerdict: 'denied' });
        for (const name of yardTools)
          await context.registerTool({
            name,
            description: `The ${name.slice('yard__'.length)} of the yard as they are now, by what is asked of them.`,
            input: z.object({ of: z.string().max(100).optional() }),
            capability: 'cap_yard_look',
            sideEffects: 'none',
            run: () => {
              this.looked.push(name);
              const content =
                name === 'yard__berths'
                  ? { [this.berthsWord]: this.freeBerths, of: 12 }
                  : { value: this.looked.length };
              return Promise.resolve({ content });
            },
          });
        for (const machine of machines)
          await context.registerProbe({
            name: machine,
            kind: 'yard',
            target: machine,
            everyMs: 100,
            check: () => Promise.resolve(this.#look(machine)),
          });
        for (const machine of machines) await context.registerFix(this.#fixOf(machine));
      },
    });
  }

  breaks(machine: Machine, category: ProbeCategory = 'machine_down'): void {
    this.#broken.set(machine, category);
  }

  runs(machine: Machine): void {
    this.#broken.delete(machine);
  }

  #look(machine: Machine): ProbeSnapshot {
    const category = this.#broken.get(machine);
    if (category === undefined) return { status: 'healthy', details: { machine } };
    return { status: 'unhealthy', details: { machine }, error: `${machine} stands still`, category };
  }

  #fixOf(machine: Machine): FixEnvelope {
    const state = (): Readonly<Record<string, unknown>> => ({ running: !this.#broken.has(machine) });
    return {
      probe: machine,
      fixName: fixes[machine],
      title: `restart the ${machine}`,
      mode: 'approve',
      capability: 'cap_yard_mend',
      limits: { perTargetPerHour: 20 },
      timeoutMs: 2_000,
      verifyMs: this.#verifyMs,
      targets: () => [{ id: machine, title: `the ${machine}` }],
      conditions: ({ before }) => [
        { name: 'stands_still', holds: before['running'] === false, saw: JSON.stringify(before) },
      ],
      observe: () => Promise.resolve(state()),
      execute: () => {
        this.tried.push(machine);
        if (this.mends) this.#broken.delete(machine);
        return Promise.resolve();
      },
    };
  }
}
