import * as shape from '../contract.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';

export function controlReads(read: Reader, { house }: RoutesOptions): void {
  read('/kora-control', { data: shape.koraControlSchema }, () => house().koraControl());
  read('/dr-state', { data: shape.drStateSchema }, () => house().drState());
}

export function controlWrites(write: Writer, { house }: RoutesOptions): void {
  write('/stop', { body: shape.stopSchema, data: shape.stopCommandSchema }, (request) =>
    house().stop(request),
  );
  write('/pause', { body: shape.pauseSchema, data: shape.holdSchema }, (request) => house().pause(request));
  write('/resume', { body: shape.resumeSchema, data: shape.operationalStateSchema }, (request) =>
    house().resume(request),
  );
}
