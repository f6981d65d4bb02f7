import { z } from 'zod';
import { fault } from '../fault/index.ts';
import type { ChangeKindSpec } from './contract.ts';

const kindPattern = /^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$/;

export interface RegisteredKind {
  readonly spec: ChangeKindSpec;
  /** A plugin's id, or `kora`. */
  readonly owner: string;
}

/** The kinds of changes that may be proposed here, each with whoever owns what is changed. */
export class Kinds {
  readonly #kinds = new Map<string, RegisteredKind>();

  /** Throws KORA_PLUGIN_INVALID, KORA_CHANGE_KIND_TAKEN. */
  add(spec: ChangeKindSpec, owner: string): () => void {
    const { kind } = spec;
    if (!kindPattern.test(kind) || kind.length > 100)
      throw fault(
        'KORA_PLUGIN_INVALID',
        `"${kind}" (${owner}) is not a kind of change: it is like book.entry`,
      );
    const holder = this.#kinds.get(kind);
    if (holder !== undefined)
      throw fault('KORA_CHANGE_KIND_TAKEN', `kind ${kind} of ${owner} is ${holder.owner}'s`);
    const row: RegisteredKind = { spec, owner };
    this.#kinds.set(kind, row);
    return () => {
      if (this.#kinds.get(kind) === row) this.#kinds.delete(kind);
    };
  }

  get(kind: string): RegisteredKind | undefined {
    return this.#kinds.get(kind);
  }

  /** Why a stored value is not acted by: nobody brings its kind, or it no longer has the shape of it. Null: it is. */
  misfit({ kind, value }: { readonly kind: string; readonly value: unknown }): string | null {
    const registered = this.#kinds.get(kind);
    if (registered === undefined) return 'nobody brings its kind now';
    const parsed = registered.spec.value.safeParse(value);
    return parsed.success ? null : z.prettifyError(parsed.error).replaceAll(/\s+/g, ' ');
  }

  list(): readonly RegisteredKind[] {
    return [...this.#kinds.values()];
  }
}
