import type { Finding, Scene } from '../../scene/contract.ts';
import { readAbout, readLog } from '../logs/about.ts';
import type { LogPicture } from '../logs/picture.ts';
import { healedAt, sinceHealed } from './healed.ts';
import { lineageOf } from './lineage.ts';
import type { Lineage } from './lineage.ts';

/** A scene with what was worked out of it once for all rules. */
export interface Study {
  readonly scene: Scene;
  readonly lineage: Lineage;
  /** Logs of the lineage. */
  readonly logs: readonly LogPicture[];
  /** When the first of the failing looks was made; null when nothing says. */
  readonly onset: number | null;
}

/** A rule reads a study and finds what speaks for a cause. It measures nothing itself. */
export type CauseRule = (study: Study) => readonly Finding[];

/** Reads the logs that the order is about, one after the other. Stops between two when the signal is raised. */
export async function studyOf(scene: Scene, signal?: AbortSignal): Promise<Study> {
  const lineage = lineageOf(scene);
  const onset = onsetOf(scene);
  const logs: LogPicture[] = [];
  for (const source of scene.logs) {
    signal?.throwIfAborted();
    if (lineage.entities.has(source.entity)) logs.push(await readLog(source, signal));
    else logs.push(...(await readAbout(source, lineage, signal)));
  }
  const fresh = logs.map((log) => sinceHealed(log, healedAt(log.entity, { scene, lineage, onset }), onset));
  return { scene, lineage, logs: fresh, onset };
}

function onsetOf(scene: Scene): number | null {
  const said = scene.incident?.failingSince ?? scene.wake?.failingSince;
  if (said !== undefined && !Number.isNaN(Date.parse(said))) return Date.parse(said);
  let first: number | null = null;
  for (const look of scene.looks(scene.order.probe)) {
    if (!failing.has(look.status)) break;
    first = look.at;
  }
  return first;
}

const failing: ReadonlySet<string> = new Set(['degraded', 'unhealthy', 'unreachable']);

/** `2026-11-21T10:02:10.000Z`, for evidence ids. */
export function iso(at: number): string {
  return new Date(at).toISOString();
}

/** An evidence id with its kind in front, whether or not it had one. */
export function evidenceId(kind: string, id: string): string {
  return id.startsWith(`${kind}:`) ? id : `${kind}:${id}`;
}
