#!/usr/bin/env node
// Verifies a file that `exportEvents` of Kora wrote, without Kora and without any package: Node 20 or newer is all.
//
//   node verify-export.mjs FILE [--key VERIFIER_KEY]... [--json]
//
// Every hash is recomputed, every link and body compared, every checkpoint's root and signature checked. Exit code 0: it
// proves; 1: it does not, and the first bad event is named; 2: the file could not be read. Give the keys you know from
// elsewhere with --key: those in the file itself prove nothing about who wrote it.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { createReadStream, realpathSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const searchSpan = 1_000;
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

// The form of the hash: fields as PostgreSQL sends them, each with its length before it; all ones for an absent one.
const none = Buffer.alloc(4, 0xff);
function sized(bytes) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
function int4(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return sized(bytes);
}
function int8(value) {
  if (value === null) return none;
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return sized(bytes);
}
const uuid = (value) => (value === null ? none : sized(Buffer.from(value.replaceAll('-', ''), 'hex')));
const text = (value) => (value === null ? none : sized(Buffer.from(value, 'utf8')));

/** Microseconds since 2000-01-01, from ISO 8601 with microseconds. */
function time(iso) {
  const [seconds, fraction = ''] = iso.slice(0, -1).split('.');
  const ms = Date.parse(`${seconds}Z`) - Date.UTC(2000, 0, 1);
  return BigInt(ms) * 1_000n + BigInt(fraction.padEnd(6, '0'));
}

/** The hash of an event line, under its own sequence or another. */
function hashOf(workspaceId, event, seq = event.seq) {
  return sha256(
    Buffer.from([1]),
    Buffer.from(event.previous, 'hex'),
    Buffer.from(event.bodyHash, 'hex'),
    int4(workspaceId),
    int8(seq),
    uuid(event.eventId),
    text(event.type),
    int4(event.schemaVersion),
    text(event.actorId),
    uuid(event.runtimeId),
    uuid(event.sessionId),
    text(event.correlationId),
    uuid(event.causationId),
    int8(event.ticketId),
    int8(event.fence),
    int8(time(event.occurredAt)),
  ).toString('hex');
}

/** The right edge of an RFC 6962 tree: the roots of its full subtrees, largest first. */
class Tree {
  size = 0;
  peaks = [];
  add(leaf) {
    let peak = sha256(Buffer.from([0]), leaf);
    for (let rest = this.size; rest % 2 === 1; rest = Math.floor(rest / 2))
      peak = sha256(Buffer.from([1]), this.peaks.pop(), peak);
    this.peaks.push(peak);
    this.size += 1;
  }
  root() {
    return this.peaks.reduceRight((right, left) => sha256(Buffer.from([1]), left, right));
  }
}

/** A verifier key: `name+id+base64` of a byte for Ed25519 and the key. */
function readKey(line) {
  const [, name, id, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(line) ?? [];
  const typed = Buffer.from(encoded ?? '', 'base64');
  const known = sha256(`${name}\n`, typed).toString('hex', 0, 4);
  if (typed.length !== 33 || typed[0] !== 1 || known !== id)
    throw new Error(`"${line}" is not a verifier key`);
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: typed.subarray(1).toString('base64url') };
  return { name, id, publicKey: createPublicKey({ key: jwk, format: 'jwk' }) };
}

/** A signed checkpoint: origin, size, root, the last event's hash; an empty line; signatures. */
function readCheckpoint(note, keys) {
  const end = note.lastIndexOf('\n\n');
  const signed = note.slice(0, end + 1);
  const [name, size, root, ...more] = signed.split('\n');
  const eventLine = more.find((line) => line.startsWith('event '))?.slice(6) ?? '';
  const verdicts = note
    .slice(end + 2)
    .split('\n')
    .flatMap((line) => {
      const [, signer, encoded = ''] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? [];
      const bytes = Buffer.from(encoded, 'base64');
      const key = keys.find((known) => known.name === signer && known.id === bytes.toString('hex', 0, 4));
      return key === undefined || key.name !== name
        ? []
        : [verify(null, Buffer.from(signed), key.publicKey, bytes.subarray(4))];
    });
  const hash = Buffer.from(eventLine, 'base64').toString('hex');
  return { size: Number(size), root, hash, known: verdicts.length > 0, valid: verdicts.every(Boolean) };
}

/** Reads lines one by one and keeps what the next needs. After the first finding only the lines around it matter. */
class Verifier {
  constructor(keys) {
    this.pinned = keys.map(readKey);
    this.keys = this.pinned;
    this.checked = 0;
    this.redacted = 0;
    this.checkpoints = 0;
    this.vouched = 0;
    this.bodiless = new Set();
  }

  line(line) {
    if (line.trim() === '') return;
    let said;
    try {
      said = JSON.parse(line);
      if (this.header === undefined) this.begin(said);
      else if (said.end !== undefined) this.end = said.end;
      else if (said.checkpoint !== undefined) this.checkpoint(said.checkpoint);
      else this.event(said);
    } catch (error) {
      // A line that is cut off or no event at all: nothing behind it can be read.
      if (this.header === undefined) throw error;
      this.find(
        this.expected,
        'changed',
        `the line after event ${this.expected - 1} cannot be read: ${error.message}`,
      );
    }
  }

  begin(header) {
    if (header.format !== 'kora-chain-export' || header.version !== 1)
      throw new Error('this is no export of a Kora chain that this script knows (version 1)');
    this.header = header;
    this.expected = header.from;
    this.previous = header.previous;
    if (header.from === 1) this.tree = new Tree();
    if (this.pinned.length === 0) this.keys = header.keys.map(readKey);
    if (header.from === 1 && header.previous !== '0'.repeat(64))
      this.find(1, 'changed', 'the first event follows from nothing, and the header names a hash');
  }

  event(event) {
    if (this.finding !== undefined) return this.after(event);
    const { workspaceId } = this.header;
    const at = this.expected;
    if (event.seq !== at) {
      if (event.seq < at) return this.find(event.seq, 'inserted', `event ${event.seq} is there twice`);
      this.gap = { at, next: event.seq };
      return this.find(at, 'missing', `events ${at} to ${event.seq - 1} are not there`);
    }
    if (hashOf(workspaceId, event) !== event.hash) return this.displaced(event);
    if (event.body !== null && sha256(event.body).toString('hex') !== event.bodyHash)
      return this.find(at, 'changed', 'the body differs from its hash');
    if (event.previous !== this.previous) {
      this.find(at, 'inserted', 'it proves by itself, but the chain does not link it');
      this.unlinked = event;
      return undefined;
    }
    if (event.body === null) this.bodiless.add(at);
    else if (event.type === 'kora.event.redacted' && this.bodiless.delete(JSON.parse(event.body).seq))
      this.redacted += 1;
    this.tree?.add(Buffer.from(event.hash, 'hex'));
    this.previous = event.hash;
    this.checked += 1;
    this.expected += 1;
    return undefined;
  }

  displaced(event) {
    const home = this.homeOf(event);
    if (home === undefined) return this.find(event.seq, 'changed', 'a field differs from the hash');
    this.moved = { from: event.seq, home, copy: event.hash === this.previous };
    return this.find(event.seq, 'reordered', `event ${home} stands in the place of event ${event.seq}`);
  }

  homeOf(event) {
    for (let distance = 1; distance <= searchSpan; distance += 1)
      for (const seq of [event.seq + distance, event.seq - distance])
        if (seq > 0 && hashOf(this.header.workspaceId, event, seq) === event.hash) return seq;
    return undefined;
  }

  /** What comes after a finding says what it was. */
  after(event) {
    if (this.gap?.at === event.seq) {
      const detail = `event ${event.seq} stands behind event ${this.gap.next}`;
      this.finding = { firstBadSeq: event.seq, problem: 'reordered', detail };
      this.gap = undefined;
    }
    if (this.moved !== undefined) this.renumbered(event);
    if (this.unlinked !== undefined) this.linked(event.previous);
    return undefined;
  }

  /** When the line behind moved along, something was taken out or put in before them. */
  renumbered(event) {
    const { from, home, copy } = this.moved;
    this.moved = undefined;
    if (hashOf(this.header.workspaceId, event, event.seq - from + home) !== event.hash) return;
    const behind = 'and those behind were renumbered';
    if (home > from) this.refine(from, 'missing', `events ${from} to ${home - 1} are not there, ${behind}`);
    else if (copy) this.refine(from, 'inserted', `a copy of event ${home} was put in, ${behind}`);
    else this.refine(home, 'inserted', `events ${home} to ${from - 1} were put in, ${behind}`);
  }

  /** An event that the next one follows belongs to the chain: then it is the one before that does not. */
  linked(previous) {
    const { seq, hash } = this.unlinked;
    this.unlinked = undefined;
    if (previous !== hash) return;
    if (seq > this.header.from && seq - 1 > this.vouched)
      this.refine(
        seq - 1,
        'inserted',
        `event ${seq} follows another event than the ${seq - 1} that stands here`,
      );
    else this.refine(seq, 'reordered', 'it does not follow from the event before it');
  }

  checkpoint(note) {
    if (this.finding !== undefined) return;
    const { size, root, hash, known, valid } = readCheckpoint(note, this.keys);
    if (!known) return;
    if (!valid) this.find(size, 'bad_signature', `the checkpoint of ${size} events is signed falsely`);
    else if (
      size !== this.expected - 1 ||
      hash !== this.previous ||
      (this.tree && this.tree.root().toString('base64') !== root)
    ) {
      const first = Math.min(size, Math.max(this.header.from, this.vouched + 1));
      this.find(first, 'rewound', `the signed checkpoint of ${size} events proves another history`);
    } else {
      this.checkpoints += 1;
      this.vouched = size;
    }
  }

  finish() {
    if (this.header === undefined) throw new Error('the file is empty');
    if (this.unlinked !== undefined) this.linked(this.end?.hash);
    if (this.finding === undefined) this.judgeEnd();
    const [lost] = [...this.bodiless].sort((a, b) => a - b);
    if (lost !== undefined && lost < (this.finding?.firstBadSeq ?? Number.POSITIVE_INFINITY))
      this.refine(
        lost,
        'body_missing',
        'the body is not there, and no event of this file says it was redacted',
      );
    const { workspace, from, to } = this.header;
    const { checked, redacted, checkpoints, vouched, finding } = this;
    const completeness = { redacted, prunedThrough: from - 1, checkpoints, checkpointedThrough: vouched };
    const pinned = this.pinned.length > 0;
    return { ok: finding === undefined, workspace, from, to, checked, ...finding, completeness, pinned };
  }

  judgeEnd() {
    const { to } = this.header;
    if (this.expected <= to)
      this.find(this.expected, 'truncated_tail', `events ${this.expected} to ${to} are gone from the end`);
    else if (this.expected > to + 1)
      this.refine(to + 1, 'inserted', `it stands behind the last event, which is ${to}`);
    else if (this.end === undefined) this.find(this.expected, 'truncated_tail', 'the last line is gone');
    else if (this.end.seq !== to || this.end.hash !== this.previous)
      this.find(to, 'head_mismatch', 'the last line names another hash');
    else if (this.end.checkpoints !== this.checkpoints && this.keys.length > 0)
      this.find(
        to,
        'missing',
        `${this.end.checkpoints} checkpoints were exported, and ${this.checkpoints} of known keys are here`,
      );
  }

  find(firstBadSeq, problem, detail) {
    this.finding ??= { firstBadSeq, problem, detail };
  }

  refine(firstBadSeq, problem, detail) {
    this.finding = { firstBadSeq, problem, detail };
    this.checked = Math.min(this.checked, Math.max(0, firstBadSeq - this.header.from));
  }
}

/** Verifies the lines of an export. Throws when they are none. */
export async function verifyExport(lines, keys = []) {
  const verifier = new Verifier(keys);
  for await (const line of lines) verifier.line(line);
  return verifier.finish();
}

async function main(args) {
  const keys = args.flatMap((argument, at) => (args[at - 1] === '--key' ? [argument] : []));
  const [file] = args.filter((argument, at) => !argument.startsWith('--') && args[at - 1] !== '--key');
  if (file === undefined)
    throw new Error('usage: node verify-export.mjs FILE [--key VERIFIER_KEY]... [--json]');
  const found = await verifyExport(
    createInterface({ input: createReadStream(file), crlfDelay: Infinity }),
    keys,
  );
  const { ok, checked, firstBadSeq, problem, detail, completeness, pinned } = found;
  if (args.includes('--json')) process.stdout.write(`${JSON.stringify(found)}\n`);
  else {
    const { redacted, checkpoints, checkpointedThrough } = completeness;
    const verdict = ok
      ? `ok  ${checked} events prove`
      : `${problem} at #${firstBadSeq}  after ${checked} events that prove\n${detail}`;
    const vouched = `${checkpoints} checkpoints, up to #${checkpointedThrough}; ${redacted} bodies redacted`;
    const whose =
      pinned || checkpoints === 0 ? '' : '\nthe keys came from the file itself: give yours with --key';
    process.stdout.write(`${verdict}\n${vouched}${whose}\n`);
  }
  return ok ? 0 : 1;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2)).catch((error) => {
    process.stderr.write(`${error.message}\n`);
    return 2;
  });
}
