import { z } from 'zod';

const named = {
  /** What doctor and docs call it, and what its place in the queue is kept under. Left out: made from the rest. */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes, beginning with a letter')
    .optional(),
  timeoutSeconds: z.number().int().min(1).max(600).default(30),
};

/** A word that a command would take for an option is not a place. */
const place = z.string().min(1).regex(/^[^-]/, 'must not begin with a dash');

const anchorSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('command'),
    ...named,
    /** Gets the checkpoint on its input; exit code 0 means that it is kept. */
    command: z.array(z.string()).min(1),
    /** Prints the newest checkpoint that was kept, or nothing. */
    read: z.array(z.string()).min(1).optional(),
  }),
  z.strictObject({
    kind: z.literal('git'),
    ...named,
    remote: place,
    branch: place.default('kora-checkpoints'),
    /** Folder in the repository. */
    directory: z
      .string()
      .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/, 'a relative folder')
      .default('checkpoints'),
  }),
  z.strictObject({
    kind: z.literal('workspace'),
    ...named,
    /** Another workspace of the same store. */
    workspace: z.string().min(1),
  }),
]);

export type AnchorConfiguration = z.infer<typeof anchorSchema>;

/** The `chain` block. */
export const chainSchema = z
  .strictObject({
    checkpoint: z
      .strictObject({
        everyEvents: z.number().int().min(1).max(1_000_000).default(1_024),
        everySeconds: z.number().min(1).max(86_400).default(60),
        /** `env:NAME` or `file:/path` of an Ed25519 key as PEM. Left out: an embedded store's home makes its own. */
        key: z
          .string()
          .regex(/^(env|file):./, 'env:NAME or file:/path: a key is not written into a configuration')
          .optional(),
        /** Verifier keys (`name+id+base64`) whose checkpoints count, beside those that this home signs with. */
        publicKeys: z.array(z.string()).default([]),
      })
      .prefault({}),
    /** Places outside this store that keep the checkpoints. */
    anchors: z.array(anchorSchema).default([]),
  })
  .prefault({});
