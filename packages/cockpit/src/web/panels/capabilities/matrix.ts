import type { CapabilityRow, GrantRow, PluginRowView } from '@kora/runtime/client';

/** Whoever may be granted something: `plugin:slack`. */
export interface Subject {
  readonly key: string;
  readonly kind: GrantRow['kind'];
  readonly name: string;
}

export interface MatrixCell {
  /** `asked`: its manifest asks for it and no grant holds. */
  readonly state: 'granted' | 'asked' | 'none';
  /** Of what is granted; null: until it is revoked. */
  readonly expiresAt: string | null;
}

export interface MatrixRow {
  readonly id: string;
  readonly title: string | null;
  /** Null of one that nobody declares here. */
  readonly risk: CapabilityRow['risk'] | null;
  readonly owner: string | null;
  readonly defaultVerdict: CapabilityRow['defaultVerdict'] | null;
  /** By the key of the subject. */
  readonly cells: ReadonlyMap<string, MatrixCell>;
  /** How many subjects ask for it in vain. */
  readonly wanting: number;
}

export interface Matrix {
  readonly subjects: readonly Subject[];
  readonly rows: readonly MatrixRow[];
}

const none: MatrixCell = { state: 'none', expiresAt: null };

interface Asking {
  readonly capabilities: readonly CapabilityRow[];
  readonly grants: readonly GrantRow[];
  readonly plugins: readonly Pick<PluginRowView, 'id' | 'capabilities'>[];
}

/**
 * Who may what, and who asks for what it may not: capabilities down, subjects across. What is asked for in vain comes
 * first, then by name; a capability that a plugin asks for and nobody declares is there too.
 */
export function matrixOf({ capabilities, grants, plugins }: Asking): Matrix {
  const live = grants.filter((grant) => grant.status === 'live');
  const subjects = new Map<string, Subject>();
  const add = (kind: Subject['kind'], name: string): void => {
    const key = `${kind}:${name}`;
    subjects.set(key, { key, kind, name });
  };
  for (const { kind, subject } of live) add(kind, subject);
  for (const { id, capabilities: asked } of plugins) if (asked.length > 0) add('plugin', id);
  const declared = new Map(capabilities.map((each) => [each.id, each]));
  const ids = new Set([...declared.keys(), ...plugins.flatMap((plugin) => plugin.capabilities)]);
  const rows = [...ids].map((id) => {
    const cells = new Map([...subjects.keys()].map((key) => [key, none]));
    for (const plugin of plugins)
      if (plugin.capabilities.includes(id))
        cells.set(`plugin:${plugin.id}`, { state: 'asked', expiresAt: null });
    for (const grant of live)
      if (grant.capability === id)
        cells.set(`${grant.kind}:${grant.subject}`, { state: 'granted', expiresAt: grant.expiresAt });
    const known = declared.get(id);
    return {
      id,
      title: known?.title ?? null,
      risk: known?.risk ?? null,
      owner: known?.owner ?? null,
      defaultVerdict: known?.defaultVerdict ?? null,
      cells,
      wanting: [...cells.values()].filter((cell) => cell.state === 'asked').length,
    };
  });
  return {
    subjects: [...subjects.values()].sort((a, b) => a.key.localeCompare(b.key)),
    rows: rows.sort((a, b) => Number(b.wanting > 0) - Number(a.wanting > 0) || a.id.localeCompare(b.id)),
  };
}
