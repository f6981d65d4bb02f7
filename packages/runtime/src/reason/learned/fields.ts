import { z } from 'zod';
import { withDeadline } from '../../clock/index.ts';
import type { Clock } from '../../clock/index.ts';
import { KoraError } from '../../fault/index.ts';
import { isStoreAway } from '../../store/index.ts';
import type { SnapshotSection } from '../snapshot/contract.ts';
import { freshForMs } from '../snapshot/value.ts';
import { fieldTypes, pickField } from './pick.ts';
import type { FieldValue } from './pick.ts';

/** What the key of a field begins with, as `{snapshot.learned.NAME}` does. */
export const fieldPrefix = 'learned.';
export const fieldName = /^[a-z][a-z0-9_]{0,63}$/;

/** Seconds between two calls. No longer than half of what a snapshot is fresh for: what is kept over one failure is fresh. */
const quickestS = 30;
const slowestS = freshForMs / 2_000;

/** Where a field comes from: what of which tool's answer to which input, and how often it is asked. */
export const fieldSchema = z.strictObject({
  tool: z.string().min(1).max(64),
  input: z.record(z.string(), z.unknown()).default({}),
  /** `open`, `rows.length`, `0.name`; empty for the answer itself. */
  pick: z.string().max(200),
  everyS: z.number().int().min(quickestS).max(slowestS),
  type: z.enum(fieldTypes),
});
export type FieldSource = z.infer<typeof fieldSchema>;

export interface LearnedFieldsOptions {
  readonly clock: Clock;
  /** The content of a tool's answer. Throws why there is none. */
  readonly read: (
    name: string,
    source: Pick<FieldSource, 'tool' | 'input'>,
    signal: AbortSignal,
  ) => Promise<unknown>;
  readonly onError: (where: string, error: unknown) => void;
}

interface Collected {
  readonly source: FieldSource;
  /** Whether the last look failed: each failure is told once. */
  failing: boolean;
  /** Milliseconds; never before the first. */
  triedAt: number;
  last: { readonly value: FieldValue; readonly at: number } | undefined;
}

/** A tool that takes longer leaves its field unknown, and holds up no section. */
const patienceMs = 2_000;

/**
 * The section of the snapshot that was learned: each field is what one tool says, asked when a snapshot is taken and its
 * time has come. A field whose tool fails is unknown, and no other with it.
 */
export class LearnedFields {
  readonly #options: LearnedFieldsOptions;
  #fields: ReadonlyMap<string, Collected> = new Map();

  constructor(options: LearnedFieldsOptions) {
    this.#options = options;
  }

  /** All that is in force, by name; one whose source is what it was keeps its value. */
  take(sources: ReadonlyMap<string, FieldSource>): void {
    this.#fields = new Map(
      [...sources].map(([name, source]) => {
        const before = this.#fields.get(name);
        const isSame = before !== undefined && JSON.stringify(before.source) === JSON.stringify(source);
        return [name, isSame ? before : { source, failing: false, triedAt: -Infinity, last: undefined }];
      }),
    );
  }

  get(name: string): FieldSource | undefined {
    return this.#fields.get(name)?.source;
  }

  get names(): ReadonlySet<string> {
    return new Set(this.#fields.keys());
  }

  /** As a section: what is not known is null. */
  get section(): SnapshotSection {
    return {
      name: 'learned',
      schema: z.object({}).catchall(z.union([z.number(), z.string(), z.boolean()]).nullable()),
      read: (signal) => this.#read(signal),
    };
  }

  async #read(signal: AbortSignal): Promise<Record<string, FieldValue | null>> {
    await Promise.all([...this.#fields].map(([name, field]) => this.#collect(name, field, signal)));
    const now = this.#options.clock.now();
    return Object.fromEntries([...this.#fields].map(([name, field]) => [name, held(field, now)]));
  }

  async #collect(name: string, field: Collected, signal: AbortSignal): Promise<void> {
    const { clock, read, onError } = this.#options;
    const { source } = field;
    const at = clock.now();
    const sinceMs = at - field.triedAt;
    if (sinceMs >= 0 && sinceMs < source.everyS * 1_000) return;
    field.triedAt = at;
    const deadline = { ms: patienceMs, what: `field ${fieldPrefix}${name}`, signal, graceMs: 1 };
    try {
      const content = await withDeadline(clock, deadline, (ends) => read(name, source, ends));
      const value = pickField(content, source);
      field.failing = false;
      field.last = value === undefined ? undefined : { value, at };
    } catch (error) {
      if (isExpected(error)) return;
      if (!field.failing) onError(`snapshot ${fieldPrefix}${name}`, error);
      field.failing = true;
    }
  }
}

/** The house is held, or whoever brings the tool is away: that is told elsewhere, and the field is unknown until it is over. */
function isExpected(error: unknown): boolean {
  if (!(error instanceof KoraError)) return isStoreAway(error);
  const isHeld = error.code === 'KORA_ADMISSION_DENIED' && error.details['cause'] !== 'capability_denied';
  return isHeld || error.code === 'KORA_TOOL_UNKNOWN' || isStoreAway(error);
}

/** One look may fail: what was read twice as long ago as it is asked says nothing about now. */
function held({ source, last }: Collected, now: number): FieldValue | null {
  if (last === undefined) return null;
  const age = now - last.at;
  return age >= 0 && age <= 2 * source.everyS * 1_000 ? last.value : null;
}
