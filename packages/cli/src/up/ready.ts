import { span } from '../output/time.ts';
import type { Ready } from '../runtime.ts';

/** What `up` prints when the runtime is ready, also after `--detach`. */
export function readyLines({ url, cockpitUrl, guestUrl, pid, bootMs, primaryState }: Ready): string[] {
  const line = `ready  ${url}  pid ${pid}  boot ${span(bootMs)}  state ${primaryState}`;
  return [
    line,
    ...(cockpitUrl === null ? [] : [`cockpit  ${cockpitUrl}`]),
    ...(typeof guestUrl === 'string' ? [`guest pages  ${guestUrl}`] : []),
  ];
}
