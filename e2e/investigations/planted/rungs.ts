import { readFileSync } from 'node:fs';
import type { Ruled } from '../../../packages/plugin-probes/src/diagnose/diagnose.ts';
import type { Conclusion, Finding, Scene } from '../../../packages/plugin-probes/src/scene/contract.ts';
import { errorsOf, lineage, plain } from '../subject/plain.ts';

/** Bad rules, each bad in one way. A harness that lets one of them pass measures nothing. */
export type Planted =
  | 'forger'
  | 'prophet'
  | 'blind'
  | 'guesser'
  | 'loudest'
  | 'sleeper'
  | 'mute'
  | 'scatter'
  | 'broken'
  | 'spy';

export const planted: Readonly<Record<Planted, (scene: Scene) => Promise<Ruled>>> = {
  /** Right, on evidence that it made up. */
  forger: async (scene) => citing(await plain(scene), ['log:nowhere#1']),
  /** Right, because it knows what happens afterwards. */
  prophet: async (scene) => citing(await plain(scene), ['change:900']),
  /** Cites what is there and what it never looked at. */
  blind: async (scene) =>
    citing(await plain(scene), [scene.logs[0] === undefined ? 'log:none#1' : unread(scene)]),
  /** Always sure, always the disk. */
  guesser: (scene) =>
    Promise.resolve(ruledAs(scene, sureOf('disk_full', lineage(scene).at(-1)?.id ?? 'unit:none'))),
  /** Blames whoever shouts most, not who was first. */
  loudest: async (scene) => {
    const counts = await Promise.all(scene.logs.map(async (log) => ({ log, errors: await errorsOf(log) })));
    const [most] = counts.sort((one, other) => other.errors.length - one.errors.length);
    const line = most?.errors[0];
    if (most === undefined || line === undefined) return mute(scene);
    return ruledAs(scene, sureOf('log_error', most.log.entity, `${most.log.id}#${line.line}`));
  },
  /** Nothing is ever wrong. */
  sleeper: (scene) =>
    Promise.resolve(ruledAs(scene, { kind: 'no_incident', why: 'all is well', findings: [] })),
  /** It never knows. */
  mute: (scene) => Promise.resolve(mute(scene)),
  /** Names everything there is, so that the true one is among it. */
  scatter: async (scene) => {
    const ruled = await plain(scene);
    const { conclusion } = ruled;
    if (conclusion.kind !== 'concluded') return ruled;
    return { ...ruled, conclusion: { ...conclusion, entities: scene.entities.map(({ id }) => id) } };
  },
  /** Throws. */
  broken: () => Promise.reject(new Error('this rule is broken')),
  /** Looks the truth up, in the folder that lies beside the snapshots. */
  spy: (scene) => {
    const truth = JSON.parse(readFileSync('truth/R1.json', 'utf8')) as { roots: string[][] };
    return Promise.resolve(ruledAs(scene, sureOf('out_of_memory', truth.roots[0]?.[0] ?? '')));
  },
};

function citing(ruled: Ruled, evidence: readonly string[]): Ruled {
  const findings = ruled.conclusion.findings.map((finding): Finding => ({ ...finding, evidence }));
  return { ...ruled, conclusion: { ...ruled.conclusion, findings } };
}

/** A line that no query of the plain rules can have given: they read logs of their lineage alone, so it is of another. */
function unread(scene: Scene): string {
  const known = new Set(lineage(scene).map(({ id }) => id));
  const other = scene.logs.find(({ entity }) => !known.has(entity));
  if (other !== undefined) return `${other.id}#1`;
  const memory = scene.memories[0] ?? scene.certificates.find(({ entity }) => !known.has(entity));
  return memory?.id ?? scene.series[0]?.id ?? 'log:none#1';
}

function sureOf(cause: Finding['cause'], entity: string, evidence: string = entity): Conclusion {
  const finding: Finding = {
    rule: 'planted',
    cause,
    entity,
    text: `it is ${cause}`,
    evidence: [evidence],
    at: null,
    weight: 'deciding',
  };
  return {
    kind: 'concluded',
    cause,
    entities: [entity],
    findings: [finding],
    confidence: 0.95,
    next: 'mend it',
  };
}

function mute(scene: Scene): Ruled {
  return ruledAs(scene, { kind: 'abstained', why: 'no_evidence', needs: [], findings: [] });
}

function ruledAs({ entities }: Scene, conclusion: Conclusion): Ruled {
  return { conclusion, entities: entities.map(({ id }) => id), lines: [] };
}
