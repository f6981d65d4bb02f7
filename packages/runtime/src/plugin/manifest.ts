import { z } from 'zod';

/** What a plugin says it brings; compared with what it registers. */
const names = z.array(z.string().min(1)).default([]);
const contributesSchema = z.object({
  identities: names,
  daemons: names,
  tasks: names,
  /** Probes by name, or by kind where the names come from the operator's configuration. */
  probes: names,
  tools: names,
  /** Who thinks: one engine serves a workspace. */
  engines: names,
  channels: names,
  ticketKinds: names,
  events: names,
  mounts: names,
  loops: names,
  /** Kinds of changes that loops may propose. */
  changeKinds: names,
  /** Cockpit panels, as data. */
  panels: names,
});

/**
 * Ids that would let a plugin speak in the house's name: they begin event types and schema names. `kora` words first,
 * then the families of the runtime's own events.
 */
export const reservedIds: readonly string[] = (
  'kora core runtime system host operator plugin plugins api public ' +
  'ticket probe incident daemon task boot state message inbox alert chain event identity workspace spend reason ' +
  'capability promotion health artifact admission control store hold stop'
).split(' ');

const idSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,39}$/, 'must be 2 to 40 of a-z, 0-9 and -, and begin with a letter')
  .refine((id) => !reservedIds.includes(id), 'is reserved for the runtime')
  // What a check by code says, said again for whoever has only the schema.
  .meta({ not: { enum: [...reservedIds] } });

/** As it stands in a variable's name; `_FILE` at the end would be the name of another variable. */
const secretName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'must be capital letters, digits and _, and begin with a letter')
  .refine((name) => !name.endsWith('_FILE'), 'must not end in _FILE: that names the file of another secret')
  .meta({ not: { pattern: '_FILE$' } });

const versionPattern = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

/**
 * Relative, without a step up, a backslash or a control character, and naming something. Lexically; the index also follows links (`insidePackage`), since a
 * link may lead out.
 */
const insidePattern =
  /^(?!\/)(?!(?:[\s\S]*\/)?\.\.(?:\/|$))(?=(?:[\s\S]*\/)?(?!\.(?:\/|$))[^/])[ -[\]-\uFFFF]+$/;

const setupSchema = z.object({
  channel: z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/),
  title: z.string().min(1),
  /** What to do first, line by line. */
  guide: z.array(z.string()).max(40).default([]),
  fields: z
    .array(
      z.object({
        /** A key of the plugin's block in kora.json, dotted where it lies deeper; of a secret, its name in `secrets`. */
        key: z.string().min(1).max(200),
        prompt: z.string().min(1).max(300),
        /** Where to get it. */
        where: z.string().max(500).optional(),
        secret: z.boolean().default(false),
        kind: z.enum(['text', 'number', 'flag', 'list']).default('text'),
        pattern: z.string().max(500).optional(),
        optional: z.boolean().default(false),
      }),
    )
    .min(1)
    .max(30),
});

const manifestSchema = z.object({
  id: idSchema,
  api: z.number().int().positive(),
  entry: z
    .string()
    .regex(insidePattern, 'must be a relative path inside the package, such as "./dist/index.js"'),
  minRuntime: z.string().regex(versionPattern, 'must be a version such as "0.1.0"').optional(),
  contributes: contributesSchema.prefault({}),
  capabilities: names,
  /** Secrets it may ask for, by name; the operator says them outside of kora.json. */
  secrets: z.array(secretName).max(50).default([]),
  /** How its channels are set up: what the operator is asked, as data. */
  setup: z.array(setupSchema).max(5).optional(),
  configSchema: z.string().regex(insidePattern, 'must be a relative path inside the package').optional(),
  needs: z.object({ network: z.boolean().default(false) }).prefault({}),
});

const packageSchema = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  peerDependencies: z.record(z.string(), z.string()).default({}),
  keywords: z.array(z.string()).default([]),
});

/** A package.json as far as it makes a plugin: what `@kora/runtime/manifest.schema.json` is made from. */
export const pluginPackageSchema = z
  .looseObject({ ...packageSchema.shape, kora: manifestSchema })
  .describe('package.json of a Kora plugin');

export type Contributes = z.infer<typeof contributesSchema>;
/** The `kora` block of a package.json, with absent lists empty. */
export type Manifest = z.infer<typeof manifestSchema>;
export type PackageFacts = z.infer<typeof packageSchema>;

/** A key of package.json that is not as it should be. */
export interface ManifestProblem {
  /** Dotted from the top of the file: `kora.contributes.daemons.0`. */
  readonly key: string;
  readonly message: string;
}

export type ManifestReading =
  | { readonly kind: 'plugin'; readonly facts: PackageFacts; readonly manifest: Manifest }
  | { readonly kind: 'malformed'; readonly problems: readonly ManifestProblem[] }
  /** A package like any other: it has no `kora` block. */
  | { readonly kind: 'ordinary' };

/** Reads a parsed package.json as a plugin's manifest. Runs no code of the package; reports every problem at once. */
export function readManifest(packageJson: unknown): ManifestReading {
  if (typeof packageJson !== 'object' || packageJson === null) return { kind: 'ordinary' };
  const block = (packageJson as { readonly kora?: unknown }).kora;
  if (block === undefined) return { kind: 'ordinary' };
  const facts = packageSchema.safeParse(packageJson);
  const manifest = manifestSchema.safeParse(block);
  if (facts.success && manifest.success)
    return { kind: 'plugin', facts: facts.data, manifest: manifest.data };
  return {
    kind: 'malformed',
    problems: [...problemsOf(facts.error, []), ...problemsOf(manifest.error, ['kora'])],
  };
}

/** Whether a plugin may have this id. */
export function isPluginId(id: string): boolean {
  return idSchema.safeParse(id).success;
}

/** How an id is written in SQL and in event types. Two ids that agree here are one. */
export function idInNames(id: string): string {
  return id.replaceAll('-', '_');
}

function problemsOf(error: z.ZodError | undefined, at: readonly string[]): ManifestProblem[] {
  return (error?.issues ?? []).map((issue) => ({
    key: [...at, ...issue.path.map(String)].join('.'),
    message: issue.message,
  }));
}
