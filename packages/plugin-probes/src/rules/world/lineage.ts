import type { Entity, Scene } from '../../scene/contract.ts';

/** The part of the world that an order is about: what failed, and all that it rests on. */
export interface Lineage {
  /** What failed; null when no such thing is known. */
  readonly subject: Entity | null;
  readonly entities: ReadonlyMap<string, Entity>;
  /** Ids that something in it needs and nobody knows. */
  readonly unseen: readonly string[];
  /** How many steps below the subject, 0 for what lies outside. */
  depth(id: string): number;
  /** Whether the one needs the other, itself or through others. */
  needs(one: string, other: string): boolean;
  /** The entity that a host, a name or an address belongs to. */
  named(name: string): Entity | null;
}

export function lineageOf(scene: Scene): Lineage {
  const all = withSettings(scene.entities);
  const subject = subjectOf(scene);
  const depths = new Map<string, number>();
  const unseen = new Set<string>();
  const { roots, beside } = startOf(scene, subject, all);
  const queue: (readonly [id: string, depth: number])[] = roots.map((id) => [id, 0]);
  for (let index = 0; index < queue.length; index += 1) {
    const [id, depth] = queue[index] ?? ['', 0];
    if (depths.has(id)) continue;
    const entity = all.get(id);
    if (entity === undefined) {
      unseen.add(id);
      continue;
    }
    depths.set(id, depth);
    for (const next of below(entity, all)) {
      if (id !== subject?.id || !beside.has(next)) queue.push([next, depth + 1]);
    }
  }
  const entities = new Map([...depths.keys()].flatMap((id) => withEntity(id, all)));
  return {
    subject,
    entities,
    unseen: [...unseen],
    depth: (id) => depths.get(id) ?? 0,
    needs: (one, other) => reaches(one, other, all),
    named: (name) => namedIn(name, scene.entities),
  };
}

/** What a probe looks at, where that is one thing; anything else is itself. */
export function watchedBy({ id, kind, dependsOn }: Entity): string {
  if (kind !== 'probe') return id;
  const things = dependsOn.filter((other) => !other.startsWith('probe:'));
  return (things.length === 1 ? things[0] : undefined) ?? id;
}

function withEntity(id: string, all: ReadonlyMap<string, Entity>): [string, Entity][] {
  const entity = all.get(id);
  return entity === undefined ? [] : [[id, entity]];
}

/** All entities by id; each also rests on the objects that are called after it: `settings/shop` of `shop`. */
function withSettings(entities: readonly Entity[]): ReadonlyMap<string, Entity> {
  const objects = entities.filter(({ kind, name }) => kind === 'object' && name.includes('/'));
  const byName = Map.groupBy(objects, ({ name }) => name.slice(name.lastIndexOf('/') + 1));
  return new Map(
    entities.map((entity) => {
      const { id, kind, name, dependsOn } = entity;
      const own = kind === 'probe' || kind === 'object' ? [] : (byName.get(name) ?? []);
      // What is made of it, a job of its runs, is not set by it.
      const set = own.filter((object) => !object.dependsOn.includes(id)).map((object) => object.id);
      return [id, set.length === 0 ? entity : { ...entity, dependsOn: [...dependsOn, ...set] }];
    }),
  );
}

/** What an entity rests on: what it depends on, and the host it lives on where that is known. */
function below(entity: Entity, all: ReadonlyMap<string, Entity>): readonly string[] {
  const host = entity.host === undefined ? undefined : hostEntity(entity.host, all);
  return host === undefined || host === entity.id ? entity.dependsOn : [...entity.dependsOn, host];
}

function hostEntity(host: string, all: ReadonlyMap<string, Entity>): string | undefined {
  if (all.has(host)) return host;
  return all.has(`host:${host}`) ? `host:${host}` : undefined;
}

function reaches(one: string, other: string, all: ReadonlyMap<string, Entity>): boolean {
  const seen = new Set([one]);
  for (const id of seen) {
    const entity = all.get(id);
    if (entity === undefined) continue;
    for (const next of below(entity, all)) {
      if (next === other) return true;
      seen.add(next);
    }
  }
  return false;
}

/** The entity that the order names: its probe, or what the probe looks at. */
function subjectOf({ order, entities }: Scene): Entity | null {
  return (
    entities.find(({ id }) => id === `probe:${order.probe}`) ??
    entities.find(({ id }) => id === order.target || id === order.probe) ??
    entities.find(({ name }) => name === order.probe || name === order.target) ??
    null
  );
}

interface Start {
  readonly roots: readonly string[];
  /** What the subject looks at too, and this is not about. */
  readonly beside: ReadonlySet<string>;
}

/**
 * Where to begin. A probe that looks at many things and named some is about those; a probe that says not what it looks
 * at is about what its words name, and if they name nothing, about everything.
 */
function startOf(scene: Scene, subject: Entity | null, all: ReadonlyMap<string, Entity>): Start {
  const others = scene.entities.filter(({ id, kind }) => id !== subject?.id && kind !== 'probe');
  const said = spoken(scene);
  const named = others.filter(({ name, id }) => mentions(said, name) || said.includes(id.toLowerCase()));
  const begin = (entities: readonly Entity[], beside: readonly string[] = []): Start => {
    const hosts = entities.filter(({ kind }) => kind === 'host');
    const living = hosts.flatMap((host) => livingOn(host, others));
    return { roots: [...new Set([...entities, ...living].map(({ id }) => id))], beside: new Set(beside) };
  };
  if (subject === null) return begin(named);
  const own = subject.dependsOn.flatMap((id) => all.get(id) ?? []).filter(({ kind }) => kind !== 'probe');
  if (subject.kind === 'probe' && own.length <= 1) {
    const saysNothing = subject.dependsOn.length === 0;
    return begin([subject, ...own, ...(saysNothing ? (named.length > 0 ? named : others) : [])]);
  }
  const direct = own.filter(({ id }) => named.some((one) => one.id === id));
  if (direct.length === 0) return begin([subject]);
  const beside = own.filter((one) => !direct.includes(one)).map(({ id }) => id);
  return begin([subject, ...direct], beside);
}

function livingOn(host: Entity, entities: readonly Entity[]): readonly Entity[] {
  return entities.filter((entity) => entity.host === host.id || entity.host === host.name);
}

/** The short texts by which people call an incident; its details quote all sorts of neighbours. */
function spoken({ order, wake, incident }: Scene): string {
  return [order.target, wake?.title ?? '', incident?.title ?? ''].join(' \n ').toLowerCase();
}

function mentions(text: string, name: string): boolean {
  const wanted = name.toLowerCase();
  if (wanted.length < 2) return false;
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const before = text[at - 1] ?? ' ';
    const after = text[at + wanted.length] ?? ' ';
    if (!/[\w-]/.test(before) && !/[\w-]/.test(after)) return true;
  }
  return false;
}

function namedIn(name: string, entities: readonly Entity[]): Entity | null {
  const wanted = name.toLowerCase();
  const host = wanted.replace(/^\w+:\/\//, '').replace(/[:/].*$/, '');
  const short = /^[\d.]+$/.test(host) ? host : (host.split('.')[0] ?? host);
  const known = entities.filter(({ kind }) => kind !== 'probe');
  return (
    known.find((entity) => entity.id.toLowerCase() === wanted || entity.name.toLowerCase() === wanted) ??
    known.find(({ labels }) => Object.values(labels).some((label) => label.toLowerCase() === wanted)) ??
    known.find((entity) => entity.name.toLowerCase() === host || addressOf(entity) === host) ??
    known.find((entity) => entity.name.toLowerCase() === short) ??
    null
  );
}

function addressOf({ labels }: Entity): string | undefined {
  const label = labels['address'] ?? labels['host'] ?? labels['ip'] ?? labels['endpoint'] ?? labels['url'];
  return label
    ?.toLowerCase()
    .replace(/^\w+:\/\//, '')
    .replace(/[:/].*$/, '');
}
