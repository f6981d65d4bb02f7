import type { PluginContext } from '@kora/runtime/plugin';
import type { LogsConfig } from '../config/logs.ts';
import { factLines } from '../investigate.ts';
import type { Rule } from '../investigate.ts';
import { conclude } from '../rules/conclude.ts';
import { findCauses } from '../rules/findings.ts';
import type { Conclusion } from '../scene/contract.ts';
import { logFiles } from '../scene/log-files.ts';
import { lookedAt } from '../scene/looked-at.ts';
import { stateOfWorld } from '../scene/state-of-world.ts';

/** The rung of rules over the state of the world, as far as probes and the logs of what they watch tell it. */
export function ruleRung(context: Pick<PluginContext<LogsConfig>, 'probes' | 'config'>): Rule {
  const { logs } = context.config;
  const logsOf = logFiles(logs);
  const paths = new Map(logs.map(({ probe, path, name = probe }) => [`log:${name}`, path]));
  return async ({ about: { order, scene }, facts, signal }) => {
    const state = await stateOfWorld(context, scene, { signal, logsOf });
    const findings = await findCauses(state, signal);
    return {
      conclusion: withoutBareNeeds(conclude(state, findings)),
      entities: state.entities.map(({ id }) => id),
      lines: factLines(order, facts),
      looked: lookedAt(state, (id) => paths.get(id) ?? null),
    };
  };
}

/** That there is nothing to read is no step that a person could take: the one by how it failed is better. */
function withoutBareNeeds(conclusion: Conclusion): Conclusion {
  return conclusion.kind === 'abstained' && conclusion.why === 'no_evidence'
    ? { ...conclusion, needs: [] }
    : conclusion;
}
