import type { Run } from '../context.ts';
import { opener } from '../browser.ts';
import { ago } from '../output/time.ts';

export const cockpit: Run = async ({ client, host, input, out }) => {
  const pairing = await (await client()).pairing();
  out.result(pairing, () => [pairing.url]);
  const wanted = input.on('open') && host.stdout.isTTY && !out.json;
  const command = wanted ? opener(host.env, process.platform) : undefined;
  if (command === undefined) {
    out.note(`open it in a browser; it works once and ends ${ago(pairing.expiresAt, out.now)}`);
    return 'ok';
  }
  const browser = await host.start({
    command: command[0],
    args: [...command[1], pairing.url],
    env: host.env,
  });
  browser.onEnd((code) => {
    if (code !== 0 && code !== null) out.note(`${command[0]} did not open it; copy the address above`);
  });
  browser.release();
  out.note(`opened in the browser; it works once and ends ${ago(pairing.expiresAt, out.now)}`);
  return 'ok';
};
