import type { Context, Run } from '../context.ts';
import { problemOf, refusal } from '../fault.ts';
import { span } from '../output/time.ts';

const defaultTimeoutS = 60;
const lookEveryMs = 100;
/** A runtime that went so fast that its answer was cut off is given this long to be gone. */
const graceMs = 2_000;

export const down: Run = async (context) => {
  const { host, input, out } = context;
  const limitMs = (input.whole('timeout', 1) ?? defaultTimeoutS) * 1_000;
  const { pid } = await context.running();
  const began = host.now();
  const unheard = await ask(context);
  out.note(`asked the runtime (pid ${pid}) to stop; waiting until it is gone`);
  const gone = await waitUntilGone(context, pid, unheard === undefined ? limitMs : graceMs);
  if (!gone && unheard !== undefined) throw unheard;
  if (!gone) {
    throw refusal(
      'KORA_TIMEOUT',
      `pid ${pid} is still there after ${span(limitMs)}; it goes on stopping`,
      `kill -TERM ${pid}`,
    );
  }
  const tookMs = host.now() - began;
  out.result({ pid, stopped: true, tookMs }, () => [`stopped  pid ${pid}  ${span(tookMs)}`]);
  return 'ok';
};

/** Asks over the API; what kept the answer from coming is told only if the process stays. */
async function ask(context: Context): Promise<Error | undefined> {
  const { pid } = await context.running();
  try {
    await (await context.client()).down(context.input.text('reason') ?? 'kora down');
    return undefined;
  } catch (error) {
    const { type, code, message } = problemOf(error, (await context.host.runtime.basics()).faultTable);
    if (type !== 'unreachable' && type !== 'temporary') throw error;
    return refusal(code, message, `kill -TERM ${pid}`);
  }
}

async function waitUntilGone({ host }: Context, pid: number, limitMs: number): Promise<boolean> {
  const until = host.now() + limitMs;
  while (host.alive(pid)) {
    if (host.now() >= until) return false;
    await host.sleep(lookEveryMs);
  }
  return true;
}
