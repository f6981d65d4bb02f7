import { diagnose } from '../../../packages/plugin-probes/src/diagnose/diagnose.ts';
import type { Diagnosis, Ruled } from '../../../packages/plugin-probes/src/diagnose/diagnose.ts';
import type { Subject } from '../../../packages/plugin-probes/src/diagnose/question.ts';
import type { Conclusion } from '../../../packages/plugin-probes/src/scene/contract.ts';
import type { Run } from '../score.ts';
import { readWorld } from '../world.ts';
import type { WholeWorld } from '../world.ts';
import { Reading } from './reading.ts';
import { rungNamed } from './rungs.ts';
import type { Rule } from './rungs.ts';
import { sceneOf } from './scene-of.ts';
import type { AskedOutside, Broke, Orders, Ran, Said } from './speech.ts';
import { thinkOutside } from './think.ts';
import type { Shown } from './think.ts';

/** Whoever ordered the work: it is told what came of each case, and answers for the model. */
export interface Outside {
  tell(told: Ran | Broke): void | Promise<void>;
  ask(question: AskedOutside): Promise<Said>;
}

/** Works every case by rules, and those in which they abstain also with a model where there is one. */
export async function workAll({ rung, thinks, worlds }: Orders, outside: Outside): Promise<void> {
  const rule = rungNamed(rung);
  for (const { id, folder } of worlds) {
    try {
      await outside.tell(
        await workOne(id, readWorld(folder), { rule, ...(thinks ? { ask: outside.ask } : {}) }),
      );
    } catch (error) {
      await outside.tell(broke(id, error));
    }
  }
}

async function workOne(
  id: string,
  world: WholeWorld,
  { rule, ask }: { readonly rule: Rule; readonly ask?: Outside['ask'] },
): Promise<Ran> {
  const reading = new Reading();
  const scene = sceneOf(world, reading);
  const began = performance.now();
  const ruled = await rule(scene);
  const ms = performance.now() - began;
  const base = { id, at: world.now, read: reading.ids };
  const alone: Run = { ...base, conclusion: ruled.conclusion, ms, shown: [], characters: 0 };
  if (ask === undefined || ruled.conclusion.kind !== 'abstained')
    return { kind: 'ran', alone, together: alone };
  const shown: Shown = { ids: [], characters: 0 };
  const diagnosis = await diagnose(ruled, subjectOf(world), thinkOutside(id, shown, ask));
  const together: Run = {
    ...base,
    conclusion: secondOf(diagnosis, ruled),
    ms: performance.now() - began,
    shown: shown.ids,
    characters: shown.characters,
  };
  return { kind: 'ran', alone, together };
}

function broke(id: string, error: unknown): Broke {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  // What it was not let near.
  const resource = error instanceof Error && 'resource' in error ? ` (${String(error.resource)})` : '';
  return { kind: 'broke', id, error: `${what}${resource}` };
}

function subjectOf({ order, incident }: WholeWorld): Subject {
  const { probe, category, severity, incidentId } = order;
  return {
    route: 'probe_investigation',
    what: `probe ${probe} of kind http (${category}, ${severity}): ${incident?.detail ?? 'no incident'}`,
    thread: `incident:${incidentId}`,
    critical: severity === 'critical',
    wake: `incident ${incidentId}`,
    limits: { deadlineMs: 60_000, costMicroUsd: 100_000 },
  };
}

/** What it came to after the model, in the words of a conclusion; where that gave nothing, what rules said stands. */
function secondOf(diagnosis: Diagnosis, { conclusion }: Ruled): Conclusion {
  const { kind, cause, entities, evidence, confidence, text, next } = diagnosis;
  const [entity] = entities;
  if (kind !== 'concluded' || cause === null || entity === undefined) return conclusion;
  const said = {
    rule: 'model',
    cause,
    entity,
    text: text ?? '',
    evidence,
    at: null,
    weight: 'deciding' as const,
  };
  return { kind, cause, entities, findings: [said], confidence: confidence ?? 0, next: next ?? '' };
}
