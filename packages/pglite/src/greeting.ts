import { timingSafeEqual } from 'node:crypto';
import { type Frame, frame, int32, readyForQuery, startupParameters, textAt } from './wire.ts';

const protocol3 = 3;
const sslRequest = 80_877_103;
const gssRequest = 80_877_104;

export type FirstWord =
  | { readonly kind: 'encrypt' }
  | { readonly kind: 'hello'; readonly parameters: Map<string, string> }
  /** A wish to cancel, which a session that runs in one piece cannot grant, or nothing that we speak. */
  | { readonly kind: 'other' };

/** What a client wants that has just connected. */
export function firstWord({ body }: Frame): FirstWord {
  const code = body.readInt32BE(0);
  if (code === sslRequest || code === gssRequest) return { kind: 'encrypt' };
  if (code >>> 16 !== protocol3) return { kind: 'other' };
  return { kind: 'hello', parameters: startupParameters(body) };
}

/** The socket's folder is closed to others, but whoever runs as this user could reach it by name. */
export function askPassword(): Buffer {
  return frame('R', int32(3));
}

export function isPassword({ type, body }: Frame, password: string): boolean {
  const given = Buffer.from(textAt(body));
  const right = Buffer.from(password);
  return type === 'p' && given.length === right.length && timingSafeEqual(given, right);
}

/** What a PostgreSQL says to a client that it let in. */
export function welcome(version: string, connection: number): Buffer {
  const parameters = Object.entries({
    server_version: version,
    server_encoding: 'UTF8',
    client_encoding: 'UTF8',
    DateStyle: 'ISO, MDY',
    IntervalStyle: 'postgres',
    TimeZone: 'UTC',
    integer_datetimes: 'on',
    standard_conforming_strings: 'on',
  });
  return Buffer.concat([
    frame('R', int32(0)),
    ...parameters.map(([name, value]) => frame('S', name, value)),
    frame('K', int32(connection), int32(0)),
    readyForQuery('I'),
  ]);
}
