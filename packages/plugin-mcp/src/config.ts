import { z } from 'zod';

/** Which of the plugin's own secrets: the operator says it in `KORA_PLUGIN_MCP_SECRET_1` and so on. */
const secretName = z.string().regex(/^SECRET_(?:[1-9]|1\d|20)$/, 'must be SECRET_1 to SECRET_20');

const common = {
  /** What a call without a grant meets: the operator is asked about it, or it is refused. */
  leave: z.enum(['ask', 'denied']).default('ask'),
  /** What a call may do to the world outside; a server's own word on it is not believed. */
  sideEffects: z.enum(['none', 'idempotent', 'once']).default('once'),
  /** Milliseconds one call may take. */
  timeoutMs: z.number().int().min(100).max(60_000).default(30_000),
  /** Milliseconds between two looks whether it is there and its tools are as they were. */
  healthEveryMs: z.number().int().min(1_000).max(86_400_000).default(300_000),
};

/** On this machine what is said is heard by nobody else. */
function isHere(url: string): boolean {
  return /^(?:127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(new URL(url).hostname);
}

const overHttp = z
  .strictObject({
    ...common,
    /** Without a name and a password in it: secrets are named below. */
    url: z
      .url({ protocol: /^https?$/ })
      .refine(
        (url) => !/^https?:\/\/[^/?#]*@/i.test(url),
        'must hold no password: name a secret in "headers"',
      ),
    /** Sent as `Authorization: Bearer`. */
    bearer: secretName.optional(),
    /** Further headers, each the name of a secret. */
    headers: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,99}$/), secretName).default({}),
  })
  .superRefine(({ url, bearer, headers }, context) => {
    const isSecret = bearer !== undefined || Object.keys(headers).length > 0;
    if (isSecret && URL.canParse(url) && new URL(url).protocol === 'http:' && !isHere(url))
      context.addIssue({
        code: 'custom',
        path: ['url'],
        message: 'must be https:// where a secret goes along',
      });
  });

const overStdio = z.strictObject({
  ...common,
  command: z.string().min(1).max(1_000),
  args: z.array(z.string().max(4_000)).max(100).default([]),
  cwd: z.string().min(1).max(1_000).optional(),
  /** Variables of its process, each the name of a secret. Of our own environment it sees PATH, HOME and the like. */
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/), secretName).default({}),
});

export const configSchema = z.strictObject({
  /** MCP servers whose tools are offered to whoever thinks; by name. */
  servers: z
    .record(
      z.string().regex(/^[a-z][a-z0-9]{2,23}$/, 'must be 3 to 24 of a-z and 0-9'),
      z.union([overHttp, overStdio]),
    )
    .default({}),
});

export type McpConfig = z.infer<typeof configSchema>;
export type ServerConfig = McpConfig['servers'][string];
