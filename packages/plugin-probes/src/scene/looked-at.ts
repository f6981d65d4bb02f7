import type { Scene } from './contract.ts';

/** What was read for a conclusion, so that it can be read again. */
export interface LookedAt {
  /** The beginning of the evidence ids that are of it: `log:shop`, `look:shop`, `unit:shop`. */
  readonly id: string;
  /** How much of it, in words. */
  readonly what: string;
  /** The file that it lies in; null when it is Kora's own to show. */
  readonly path: string | null;
}

const most = 60;

/** All that a scene held, the logs first; `pathOf` tells the file of a log. */
export function lookedAt(scene: Scene, pathOf: (log: string) => string | null): readonly LookedAt[] {
  const own = (id: string, what: string): LookedAt => ({ id, what, path: null });
  const probes = scene.entities.filter(({ kind }) => kind === 'probe');
  return [
    ...scene.logs.map(({ id, bytes, truncated }) => ({
      id,
      what: `${bytes} bytes${truncated ? ', the end of them' : ''}`,
      path: pathOf(id),
    })),
    ...probes.flatMap(({ name }) => {
      const looks = scene.looks(name).length;
      return looks === 0 ? [] : [own(`look:${name}`, `${looks} looks`)];
    }),
    ...scene.units.map(({ entity, state }) => own(entity, state)),
    ...scene.certificates.map(({ id, notAfter }) => own(id, `valid to ${new Date(notAfter).toISOString()}`)),
    own('incident', `${scene.incidents.length} incidents${scene.incidentsComplete ? '' : ', the latest'}`),
    own('change', `${scene.changes.length} changes in the 15 minutes before`),
  ].slice(0, most);
}
