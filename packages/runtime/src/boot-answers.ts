import { listBoots, runGates } from './boot/index.ts';
import { BootProgress, outcomeOfVerdict } from './boot-progress.ts';
import type { BootSequence } from './boot-sequence.ts';
import { gatesOf } from './gated-house.ts';
import type { House } from './http/index.ts';

const historyLength = 20;

/** What the API says of boots: this one, those before, and how one would go now. */
export function bootAnswers(sequence: BootSequence): Pick<House, 'bootStatus' | 'checkBoot'> {
  const { ground, rooms, progress } = sequence;
  return {
    bootStatus: async () => ({
      current: progress.report(),
      history: (await listBoots(rooms.database, rooms.workspace.workspaceId, historyLength)).map((boot) => ({
        ...boot,
        gates: [...boot.gates],
        phases: [...boot.phases],
      })),
    }),
    checkBoot: async () => {
      const check = new BootProgress(ground.clock);
      const gates = gatesOf(sequence, true);
      check.opened(progress.bootId);
      check.gatesAre(gates);
      const verdict = await runGates(gates, {
        clock: ground.clock,
        signal: ground.scope.signal,
        onReport: (report) => check.gate(report),
        onRetry: () => undefined,
        once: true,
      });
      check.ended(outcomeOfVerdict(verdict));
      return check.report();
    },
  };
}
