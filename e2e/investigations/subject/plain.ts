import type { Ruled } from '../../../packages/plugin-probes/src/diagnose/diagnose.ts';
import type {
  CauseClass,
  Conclusion,
  Entity,
  Finding,
  LogSource,
  Scene,
} from '../../../packages/plugin-probes/src/scene/contract.ts';

const everything = 1_000_000;

/** How a unit that says why it ended says it. */
const endings: readonly (readonly [RegExp, CauseClass])[] = [
  [/oom/i, 'out_of_memory'],
  [/^exec|executable file not found/i, 'missing_executable'],
  [/ImagePull|ErrImage/, 'image_pull'],
];

/**
 * The bar: what fifty lines do that anybody would write first. They look at how units ended, at certificates, and for the
 * earliest error. Rules that are worth their keep do better, and the harness is tried on these, which change with nothing.
 */
export async function plain(scene: Scene): Promise<Ruled> {
  const found = lineage(scene);
  const ids = new Set(found.map(({ id }) => id));
  const findings = [...ended(scene, ids), ...over(scene, ids), ...(await earliest(scene, ids))];
  const [first] = findings;
  return { conclusion: conclusionOf(first), entities: scene.entities.map(({ id }) => id), lines: [] };
}

/** What the probe looks at, and all that this needs. */
export function lineage({ entities, order }: Scene): Entity[] {
  const byId = new Map(entities.map((entity) => [entity.id, entity]));
  const found = new Map<string, Entity>();
  const open = [`probe:${order.probe}`];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const entity = byId.get(id);
    if (entity === undefined || found.has(id)) continue;
    found.set(id, entity);
    open.push(...entity.dependsOn);
  }
  return [...found.values()];
}

/** The lines of a log that call themselves errors. */
export async function errorsOf(log: LogSource): Promise<{ line: number; at: number | null; text: string }[]> {
  const lines = await log.lines({ limit: everything });
  return lines.filter(({ text }) => /\b(?:error|fatal)\b:?\s|level=(?:error|fatal)/i.test(text.slice(0, 60)));
}

function ended({ units }: Scene, ids: ReadonlySet<string>): Finding[] {
  return units.flatMap(({ entity, last }) => {
    if (!ids.has(entity) || last === null) return [];
    const cause = endings.find(([shape]) => shape.test(last.reason))?.[1];
    return cause === undefined
      ? []
      : [finding(cause, entity, last.reason, { at: last.at, evidence: [entity] })];
  });
}

function over({ certificates, now }: Scene, ids: ReadonlySet<string>): Finding[] {
  return certificates
    .filter(({ entity }) => ids.has(entity))
    .filter(({ notAfter }) => notAfter < now)
    .map(({ id, entity, subject, notAfter }) =>
      finding('certificate_expired', entity, `${subject} is over`, { at: notAfter, evidence: [id] }),
    );
}

async function earliest({ logs }: Scene, ids: ReadonlySet<string>): Promise<Finding[]> {
  const firsts: Finding[] = [];
  for (const log of logs) {
    if (!ids.has(log.entity)) continue;
    const [first] = await errorsOf(log);
    if (first === undefined) continue;
    const evidence = [`${log.id}#${first.line}`];
    firsts.push(finding('log_error', log.entity, first.text, { at: first.at, evidence }));
  }
  return firsts.sort((one, other) => (one.at ?? 0) - (other.at ?? 0));
}

function finding(
  cause: CauseClass,
  entity: string,
  text: string,
  { at, evidence }: Pick<Finding, 'at' | 'evidence'>,
): Finding {
  return { rule: 'plain', cause, entity, text, at, evidence, weight: 'deciding' };
}

function conclusionOf(first: Finding | undefined): Conclusion {
  if (first === undefined) return { kind: 'abstained', why: 'no_evidence', needs: [], findings: [] };
  const { cause, entity, text } = first;
  return { kind: 'concluded', cause, entities: [entity], findings: [first], confidence: 0.6, next: text };
}
