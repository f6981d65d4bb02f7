import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Context, Run } from '../../context.ts';
import { problemOf, refusal } from '../../fault.ts';
import { carry } from './carry.ts';

/**
 * `kora mcp`: for programs that start their MCP servers. Each line of stdin goes to the runtime that runs now, and what it
 * answers goes to stdout; nothing else is ever written there. A runtime that is away is said, and tried with the next line.
 */
export const stdio: Run = async (context) => {
  const { host, out } = context;
  const token = await tokenOf(context);
  const way = { fetch: host.fetch, token, url: async () => (await context.running()).url };
  const session: { version: string | undefined } = { version: undefined };
  const words = async (error: unknown): Promise<string> => {
    const { message, hint } = problemOf(error, (await host.runtime.basics()).faultTable);
    return hint === undefined ? message : `${message}; ${hint}`;
  };
  const under = new Set<Promise<void>>();
  const lines = createInterface({ input: host.stdin(), crlfDelay: Number.POSITIVE_INFINITY });
  out.closed.addEventListener('abort', () => lines.close(), { once: true });
  const release = host.onInterrupt(() => lines.close());
  try {
    for await (const line of lines) {
      if (line.trim() === '') continue;
      const done = carry(line, way, session, words).then((answers) =>
        host.stdout.write(answers.map((each) => `${each}\n`).join('')),
      );
      under.add(done);
      void done.finally(() => under.delete(done));
    }
    await Promise.all(under);
  } finally {
    release();
  }
  return 'ok';
};

const path = z.string().min(1);

/** Of this caller; never the operator's, which may do everything. */
async function tokenOf({ host }: Pick<Context, 'host'>): Promise<string> {
  const { KORA_MCP_TOKEN: said, KORA_MCP_TOKEN_FILE: file } = host.env;
  if (said !== undefined && said !== '') return said;
  const named = path.safeParse(file);
  if (named.success) return (await readFile(named.data, 'utf8')).trim();
  throw refusal(
    'KORA_AUTH_MISSING',
    'kora mcp needs KORA_MCP_TOKEN, or KORA_MCP_TOKEN_FILE with a file that holds it',
    'kora mcp token add NAME --grant read_runtime',
  );
}
