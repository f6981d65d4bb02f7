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
  const all = new Map(scene.entities.map((entity) => [entity.id, entity]));
  const subject = subjectOf(scene);
  const depths = new Map<string, number>();
  const unseen = new Set<string>();
  const queue: (readonly [id: string, depth: number])[] = rootsOf(scene, subject, all).map((id) => [id, 0]);
  for (let index = 0; index < queue.length; index += 1) {
    const [id, depth] = queue[index] ?? ['', 0];
    if (depths.has(id)) continue;
    const entity = all.get(id);
    if (entity === undefined) {
      unseen.add(id);
      continue;
    }
    depths.set(id, depth);
    for (const next of below(entity, all)) queue.push([next, depth + 1]);
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

function withEntity(id: string, all: ReadonlyMap<string, Entity>): [string, Entity][] {
  const entity = all.get(id);
  return entity === undefined ? [] : [[id, entity]];
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

/**
 * Where to begin. A probe that looks at many things and named one is about that one; a probe that says not what it
 * looks at is about what its words name, and if they name nothing, about everything.
 */
function rootsOf(scene: Scene, subject: Entity | null, all: ReadonlyMap<string, Entity>): readonly string[] {
  const others = scene.entities.filter(({ id, kind }) => id !== subject?.id && kind !== 'probe');
  const said = spoken(scene);
  const named = others.filter(({ name, id }) => mentions(said, name) || said.includes(id.toLowerCase()));
  const located = named.flatMap((host) => (host.kind === 'host' ? livingOn(host, others) : []));
  if (subject === null) return named.length > 0 ? unique(named, located) : [];
  if (subject.kind === 'host') return unique([subject], livingOn(subject, others));
  const own = subject.dependsOn.filter((id) => all.has(id));
  if (own.length === 0 && subject.kind === 'probe') {
    return named.length > 0 ? unique([subject, ...named], located) : unique([subject, ...others], []);
  }
  const direct = named.filter(({ id }) => subject.dependsOn.includes(id));
  const hosts = direct.filter(({ kind }) => kind === 'host');
  if (direct.length === 0 || direct.length === own.length) {
    const only = own.length === 1 ? all.get(own[0] ?? '') : undefined;
    return unique([subject], only?.kind === 'host' ? livingOn(only, others) : []);
  }
  return unique(
    direct,
    hosts.flatMap((host) => livingOn(host, others)),
  );
}

function unique(one: readonly Entity[], other: readonly Entity[]): readonly string[] {
  return [...new Set([...one, ...other].map(({ id }) => id))];
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
