import { z } from 'zod';
import type { Snapshots } from '../snapshot/snapshots.ts';
import type { RegisteredTool } from '../tool/registry.ts';
import type { ChangeKindSpec, ChangePlace, ChangeSeen } from './contract.ts';
import { fieldName, fieldPrefix, fieldSchema } from './fields.ts';
import type { FieldSource, LearnedFields } from './fields.ts';
import { snapshotFieldKind } from './kind-names.ts';
import { changed, unreadable } from './seen.ts';

export interface SnapshotFieldPorts {
  readonly fields: Pick<LearnedFields, 'take' | 'get' | 'names'>;
  readonly snapshots: Pick<Snapshots, 'changed'>;
  readonly tools: {
    get(name: string): RegisteredTool | undefined;
    list(): readonly RegisteredTool[];
  };
  /** Whether the snapshot may ask this tool. Throws what the store throws. */
  readonly mayRead: (tool: RegisteredTool) => Promise<boolean>;
}

/** More would be asked with every snapshot. */
const mostFields = 20;

/** A field of the snapshot that a tool is asked for: key is `learned.NAME`. */
export function snapshotFieldOf(ports: SnapshotFieldPorts): ChangeKindSpec {
  const { fields, snapshots } = ports;
  return {
    kind: snapshotFieldKind,
    means:
      'a field of the snapshot that a tool which only reads is asked for, so that nobody who thinks must',
    value: fieldSchema,
    examine: (change) => examine(ports, change),
    take: async (overlays) => {
      fields.take(
        new Map(
          overlays.flatMap(({ key, value }) => {
            const parsed = fieldSchema.safeParse(value);
            const name = nameOf(key);
            return parsed.success && name !== undefined ? [[name, parsed.data]] : [];
          }),
        ),
      );
      snapshots.changed();
    },
    places: async () => ports.tools.list().map((tool) => placeOf(ports, tool)),
  };
}

function placeOf({ fields }: SnapshotFieldPorts, { spec, trusted }: RegisteredTool): ChangePlace {
  const { name: tool, sideEffects, snapshotField } = spec;
  return {
    key: `${fieldPrefix}${tool}`,
    value: fields.get(tool) ?? null,
    facts: { tool, sideEffects, untrusted: !trusted, backedBy: snapshotField ?? null },
  };
}

async function examine(
  ports: SnapshotFieldPorts,
  { key, value }: { readonly key: string; readonly value: unknown },
): Promise<ChangeSeen> {
  const title = `{snapshot.${key}} in the snapshot`;
  const name = nameOf(key);
  const parsed = fieldSchema.safeParse(value);
  if (name === undefined)
    return unreadable(title, `a field is called ${fieldPrefix}name, in small letters, digits and _`);
  if (!parsed.success) return unreadable(title, z.prettifyError(parsed.error));
  const source = parsed.data;
  const { fields, tools } = ports;
  const tool = tools.get(source.tool);
  const before = fields.get(name);
  const isMore = before === undefined && fields.names.size >= mostFields;
  return {
    title: `{snapshot.${key}} from ${source.tool}`,
    // What is said in words is said by whoever brings the tool; a figure of the house's own is a figure.
    risk: tool?.owner === 'kora' && source.type !== 'string' ? 'low' : 'high',
    lines: changed(before === undefined ? null : { ...before }, { ...source }),
    blastRadius: `${source.tool} is asked every ${source.everyS} s at most, and only reads; the field stands in the snapshot that comes with every question`,
    refusal: isMore
      ? `there are ${mostFields} learned fields already`
      : await refusalOf(ports, { source, tool, isInForce: before?.tool === source.tool }),
  };
}

async function refusalOf(
  { mayRead }: SnapshotFieldPorts,
  {
    source,
    tool,
    isInForce,
  }: {
    readonly source: FieldSource;
    readonly tool: RegisteredTool | undefined;
    readonly isInForce: boolean;
  },
): Promise<string | null> {
  // Its plugin may be away for a moment: the field is unknown until it is back.
  if (tool === undefined) return isInForce ? null : `there is no tool ${source.tool}`;
  const { name, sideEffects, snapshotField, capability } = tool.spec;
  if (sideEffects !== 'none') return `${name} does more than read`;
  if (!tool.trusted) return `what ${name} says is a stranger's word, and none stands in the snapshot`;
  if (snapshotField !== undefined) return `the snapshot has it already, as ${snapshotField}`;
  const input = await tool.spec.input.safeParseAsync(source.input);
  if (!input.success) return `${name} does not take this input: ${z.prettifyError(input.error)}`;
  if (await mayRead(tool)) return null;
  return `nobody granted ${capability} for it: kora capability grant ${capability} --to route:scheduled_task --reason '...'`;
}

function nameOf(key: string): string | undefined {
  const name = key.startsWith(fieldPrefix) ? key.slice(fieldPrefix.length) : '';
  return fieldName.test(name) && name !== 'as_of' ? name : undefined;
}
