import { createContext } from './connect.ts';
import type { Globals } from './context.ts';
import type { Outcome, Problem } from './fault.ts';
import type { Host } from './host.ts';
import { createConsole } from './output/console.ts';
import type { Console } from './output/console.ts';

/** Runs one command line to its end and tells the exit code. It writes to the host's streams and ends nothing. */
export async function main(host: Host): Promise<number> {
  // A line that is refused has no parsed flags yet, and its refusal must come in the form that was asked for.
  const asked = host.argv.slice(0, host.argv.includes('--') ? host.argv.indexOf('--') : undefined);
  let out = consoleFor(host, {
    json: asked.includes('--json'),
    quiet: asked.includes('--quiet'),
    colour: !asked.includes('--no-color'),
  });
  try {
    const { readCommandLine } = await import('./program.ts');
    const request = readCommandLine(host.argv);
    if (request.kind === 'help') return await help(host, request);
    if (request.kind === 'version') {
      out.result({ version: request.version, node: process.versions.node }, () => [request.version]);
      return 0;
    }
    out = consoleFor(host, request.globals);
    const run = await request.spec.load();
    const { createInput } = await import('./input.ts');
    const { globals, raw } = request;
    return await exitOf(await run(createContext({ host, globals, out, input: createInput(raw) })), host);
  } catch (error) {
    const problem = await problemIn(error, host);
    out.problem(problem);
    return problem.exit;
  }
}

async function problemIn(error: unknown, host: Host): Promise<Problem> {
  const { problemOf } = await import('./fault.ts');
  try {
    return problemOf(error, (await host.runtime.basics()).faultTable);
  } catch (cause) {
    // The table of exit codes is in the very package that does not load; 2 is its `couldNotRun`.
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `@kora/runtime cannot be loaded: ${why}`;
    return { type: 'could_not_run', code: 'KORA_INTERNAL', message, hint: 'reinstall @kora/cli', exit: 2 };
  }
}

function consoleFor(
  host: Host,
  { json, quiet, colour }: Pick<Globals, 'json' | 'quiet' | 'colour'>,
): Console {
  return createConsole(host, { json, quiet, colour });
}

async function help(host: Host, { text, asked }: { text: string; asked: boolean }): Promise<number> {
  const ended = text.endsWith('\n') ? text : `${text}\n`;
  if (asked) host.stdout.write(ended);
  else host.stderr.write(ended);
  return await exitOf(asked ? 'ok' : 'usage', host);
}

async function exitOf(outcome: Outcome | number, host: Host): Promise<number> {
  if (typeof outcome === 'number') return outcome;
  // The usual end needs no table, and so no runtime loaded.
  if (outcome === 'ok') return 0;
  return (await host.runtime.basics()).exitCodes[outcome] ?? 1;
}
