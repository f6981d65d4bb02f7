import type { Ruled } from '../../../packages/plugin-probes/src/diagnose/diagnose.ts';
import { conclude } from '../../../packages/plugin-probes/src/rules/conclude.ts';
import { findCauses } from '../../../packages/plugin-probes/src/rules/findings.ts';
import type { Scene } from '../../../packages/plugin-probes/src/scene/contract.ts';
import { planted } from '../planted/rungs.ts';
import { plain } from './plain.ts';

/** What is held against the cases. */
export type Rule = (scene: Scene) => Promise<Ruled>;

/** The rules that ship. */
const rules: Rule = async (scene) => {
  const findings = await findCauses(scene);
  const entities = scene.entities.map(({ id }) => id);
  return { conclusion: conclude(scene, findings), entities, lines: [] };
};

const rungs = new Map<string, Rule>([['rules', rules], ['plain', plain], ...Object.entries(planted)]);

/** Throws for a name that nobody has. */
export function rungNamed(name: string): Rule {
  const rule = rungs.get(name);
  if (rule === undefined)
    throw new Error(`there are no rules called ${name}: ${[...rungs.keys()].join(', ')}`);
  return rule;
}
