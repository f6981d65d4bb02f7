import { endpointIn } from '../cause/catalogue.ts';
import type { Study } from './study.ts';

/** Whom a text of an entity names and the entity needs; undefined where it names nobody. */
export function namedNeed(text: string, entity: string, { lineage }: Study): string | undefined {
  const words = new Set(text.toLowerCase().split(/[^\w-]+/));
  return [...lineage.entities.values()].find(
    ({ id, name, kind }) =>
      kind !== 'probe' &&
      kind !== 'host' &&
      id !== entity &&
      words.has(name.toLowerCase()) &&
      lineage.needs(entity, id),
  )?.id;
}

/** Whom a text blames: who has the address in it, or who is named in it and needed. */
export function blamedIn(text: string, entity: string, study: Study): string | undefined {
  const endpoint = endpointIn(text);
  const owner = endpoint === null ? null : study.lineage.named(endpoint);
  return owner?.id ?? namedNeed(text, entity, study);
}
