import * as shape from '../contract.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';

export function controlReads(read: Reader, { house }: RoutesOptions): void {
  read('/kora-control', () => house().koraControl());
  read('/dr-state', () => house().drState());
}

export function controlWrites(write: Writer, { house }: RoutesOptions): void {
  write('/stop', shape.stopSchema, (request) => house().stop(request));
  write('/pause', shape.pauseSchema, (request) => house().pause(request));
  write('/resume', shape.resumeSchema, (request) => house().resume(request));
}
