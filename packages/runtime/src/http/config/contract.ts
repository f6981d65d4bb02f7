import { z } from 'zod';
import { formFieldSchema } from '../../plugin/panel/contract.ts';
import { reasonSchema } from '../words/contract.ts';

const bound = z.number().nullable();

/** A field of a form over a configuration: what may stand there, and why it may not be filled in from a page. */
export const configFieldSchema = formFieldSchema.extend({
  unit: z.string().optional(),
  /** Of a number, or of how many there are in a list. */
  min: z.number().optional(),
  max: z.number().optional(),
  integer: z.boolean().optional(),
  pattern: z.string().optional(),
  /** What holds where nothing is filled in. */
  usual: z.string().optional(),
  /** Why a page may not write it, and the command that does; left out: it may. */
  closed: z.object({ why: z.string(), command: z.string() }).optional(),
});

export const configClassSchema = z.enum(['hot', 'restart-daemon', 'restart-process']);

export const configKeySchema = z.object({
  key: z.string(),
  value: z.unknown(),
  hidden: z.boolean(),
  /** Whether it says anything at all: of a secret, that is all that is told. */
  set: z.boolean(),
  /** flag, environment, .env, file, default. */
  origin: z.string(),
  /** What starts anew before another value is in force: nothing, its plugin, the runtime. */
  class: configClassSchema,
  means: z.string().nullable(),
  usual: z.unknown(),
  kind: z.enum(['boolean', 'number', 'text', 'choice', 'lines', 'json', 'secret', 'block']),
  unit: z.string().nullable(),
  choices: z.array(z.string()).nullable(),
  /** Of a number, or of how many there are in a list. */
  min: bound,
  max: bound,
  integer: z.boolean(),
  pattern: z.string().nullable(),
  /** What the file says, which need not be in force yet; null where it says nothing, and of a secret always. */
  inFile: z.unknown(),
  isInFile: z.boolean(),
  /** The file says another value than the one in force: it waits for a start. */
  waits: z.boolean(),
  /** A flag or a variable says it: what the file says does not count. */
  overruled: z.boolean(),
  /** Why a page may not write it; null where it may. */
  closed: z.string().nullable(),
  /** The command that sets it. */
  command: z.string(),
});

/** `GET /api/config`: every key as `kora config explain` tells it; secrets by name and never by value. */
export const configKeysSchema = z.object({
  /** The file that was read; null where there is none. */
  file: z.string().nullable(),
  /** Where a key would be written. */
  target: z.string(),
  /** Of the file's text: what a write has to name. */
  digest: z.string(),
  /** Why the file as it stands now is no configuration. */
  problem: z.string().nullable(),
  keys: z.array(configKeySchema),
});

const keyName = z.string().min(1).max(200);

/** `POST /api/config`: compare and swap, all of them or none. Without a value a key is taken out, and its default holds. */
export const configChangeSchema = reasonSchema.extend({
  changes: z
    .array(z.strictObject({ key: keyName, value: z.unknown().optional() }))
    .min(1)
    .max(50)
    .refine((all) => new Set(all.map(({ key }) => key)).size === all.length, 'names a key twice'),
  digest: z.string().min(1).max(100),
});

export const configWrittenSchema = configKeysSchema.extend({
  written: z.array(
    z.object({
      key: z.string(),
      /** What the file said and says; null for nothing, and of a secret always. */
      from: z.unknown(),
      to: z.unknown(),
      class: configClassSchema,
      /** `now`; `restart`: when what its class says was started anew; `overruled`: not while a flag or variable says it. */
      holds: z.enum(['now', 'restart', 'overruled']),
    }),
  ),
});
