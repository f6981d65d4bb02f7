import type { ProbeSnapshot } from '@kora/runtime/plugin';
import type { TcpProbe } from '../config.ts';
import { dial } from './connect.ts';
import { look, millisecondsSince } from './look.ts';
import type { LookClock } from './look.ts';
import { faultOf, timeoutFault } from './network-fault.ts';

/** `db.internal:5432`, with IPv6 addresses in brackets. */
export function shownEndpoint(probe: Pick<TcpProbe, 'host' | 'port'>): string {
  return `${probe.host.includes(':') ? `[${probe.host}]` : probe.host}:${probe.port}`;
}

/** Opens a connection, notes how long it took, closes it again. Nothing is sent. */
export async function lookAtTcp(
  probe: TcpProbe,
  clock: LookClock,
  signal: AbortSignal,
): Promise<ProbeSnapshot> {
  const looked = await look({ timeoutMs: probe.timeoutMs, clock, signal }, async (current) => {
    const from = performance.now();
    const socket = await dial(probe, current);
    const latencyMs = millisecondsSince(from);
    socket.destroy();
    return latencyMs;
  });
  const target = shownEndpoint(probe);
  if (looked.kind !== 'answered') {
    const fault =
      looked.kind === 'timeout' ? timeoutFault(probe.timeoutMs, looked.waitingFor) : faultOf(looked.error);
    return {
      status: fault.status,
      details: { failure: fault.failure },
      error: `TCP ${target} : ${fault.words}`,
      category: fault.category,
    };
  }
  const latencyMs = looked.answer;
  if (probe.slowMs === undefined || latencyMs <= probe.slowMs)
    return { status: 'healthy', latencyMs, details: {} };
  return {
    status: 'degraded',
    latencyMs,
    details: { failure: 'slow' },
    error: `TCP ${target} : connected after ${latencyMs} ms, slower than ${probe.slowMs} ms`,
    category: 'latency',
  };
}
