import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FakeClock } from '../clock/index.ts';
import { faultRow } from '../fault/index.ts';
import {
  announce,
  dropToken,
  findHostProject,
  homeFiles,
  makeHome,
  openHome,
  readRunningRuntime,
  resolveHome,
  withdraw,
} from './index.ts';
import { writeAtomic } from './home.ts';
import { testFolder } from './testing/folder.ts';
import { startProcess } from './testing/process.ts';

const clock = new FakeClock();
const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);
const nobody = 65_534;

test('a home is named by the flag, then KORA_HOME, then the host project, then the user’s own', () => {
  const project = testFolder();
  const plain = testFolder();
  writeFileSync(join(project, 'package.json'), '{"dependencies":{"@kora/runtime":"1"}}');
  const env = { KORA_HOME: 'from-env', HOME: '/home/ada' };
  expect(resolveHome({ flag: 'flag', env, cwd: project })).toBe(join(project, 'flag'));
  expect(resolveHome({ env, cwd: project })).toBe(join(project, 'from-env'));
  expect(resolveHome({ flag: '', env, cwd: project })).toBe(join(project, 'from-env'));
  expect(resolveHome({ env: { HOME: '/home/ada' }, cwd: project })).toBe(join(project, '.kora'));
  expect(resolveHome({ env: { KORA_HOME: '', HOME: '/home/ada' }, cwd: plain })).toBe('/home/ada/.kora');
});

test('a host project is the nearest package.json with a kora.json or a @kora dependency', () => {
  const top = testFolder();
  const inner = join(top, 'packages', 'inner');
  mkdirSync(inner, { recursive: true });
  writeFileSync(join(inner, 'package.json'), '{"dependencies":{"left-pad":"1"}}');
  expect(findHostProject(inner)).toBeUndefined();
  writeFileSync(join(top, 'package.json'), 'not JSON');
  writeFileSync(join(top, 'kora.json'), '{}');
  expect(findHostProject(inner)).toEqual({ directory: top });
});

test('a home is made private, and so is one that an operator prepared', async () => {
  const folder = testFolder();
  const fresh = join(folder, 'deep', 'home');
  await makeHome(fresh);
  expect(modeOf(fresh)).toBe('700');
  const prepared = join(folder, 'prepared');
  mkdirSync(prepared);
  chmodSync(prepared, 0o755);
  writeFileSync(join(prepared, homeFiles.config), '{}');
  await makeHome(prepared);
  expect(modeOf(prepared)).toBe('700');
});

test('a folder that holds other things is never closed to others', async () => {
  const shared = testFolder();
  chmodSync(shared, 0o755);
  writeFileSync(join(shared, 'index.html'), '');
  await makeHome(shared);
  await openHome(shared, clock);
  await makeHome(shared);
  expect(modeOf(shared)).toBe('755');
});

test('a path that is a file is no home, and the error says which', async () => {
  const file = join(testFolder(), 'file');
  writeFileSync(file, '');
  await expect(makeHome(file)).rejects.toMatchObject({
    code: 'KORA_HOME_UNREADABLE',
    details: { home: file },
  });
});

test('identity and token are made once and stay', async () => {
  const home = testFolder();
  const first = await openHome(home, clock);
  expect(await openHome(home, clock)).toEqual(first);
  expect(first.token).toMatch(/^[\w-]{43}$/);
  expect(modeOf(join(home, homeFiles.token))).toBe('600');
  expect(modeOf(join(home, homeFiles.identity))).toBe('600');
});

test.each(['', '{}', '{"runtimeId":"me","createdAt":""}', '\0\0\0'])(
  'a home.json that says %j is named as damaged and left as it is',
  async (text) => {
    const home = testFolder();
    const file = join(home, homeFiles.identity);
    writeFileSync(file, text);
    const error = await openHome(home, clock).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'KORA_HOME_UNREADABLE', details: { file } });
    expect(faultRow(error).exit).toBe(77);
    expect(readFileSync(file, 'utf8')).toBe(text);
  },
);

test('a token that was cut to nothing is made anew', async () => {
  const home = testFolder();
  await openHome(home, clock);
  writeFileSync(join(home, homeFiles.token), '\n');
  const { token } = await openHome(home, clock);
  expect(token).not.toBe('');
  expect(readFileSync(join(home, homeFiles.token), 'utf8')).toBe(`${token}\n`);
});

test('a running runtime is found by its home, until it withdraws', async () => {
  const directory = testFolder();
  const home = await openHome(directory, clock);
  expect(await readRunningRuntime(directory)).toBeUndefined();
  await announce(home, 'http://127.0.0.1:1', clock);
  expect(await readRunningRuntime(directory)).toEqual({
    url: 'http://127.0.0.1:1',
    pid: process.pid,
    startedAt: new Date(clock.now()).toISOString(),
    token: home.token,
  });
  await withdraw(home);
  await withdraw(home);
  expect(await readRunningRuntime(directory)).toBeUndefined();
});

test('a runtime that died without withdrawing is not running', async () => {
  const directory = testFolder();
  await openHome(directory, clock);
  const running = { url: 'http://127.0.0.1:1', pid: 2 ** 22 + 1, startedAt: '' };
  writeFileSync(join(directory, homeFiles.running), JSON.stringify(running));
  expect(await readRunningRuntime(directory)).toBeUndefined();
});

test('a file is replaced whole, and nothing is left beside it', async () => {
  const folder = testFolder();
  const file = join(folder, 'note');
  await writeAtomic(file, 'one');
  await writeAtomic(file, 'two');
  expect(readFileSync(file, 'utf8')).toBe('two');
  expect(existsSync(`${file}.${process.pid}.tmp`)).toBe(false);
});

test('a home of another user is refused with exit 77, and nothing in it changes', async () => {
  const home = testFolder();
  const asOther = process.getuid?.() === 0 ? { uid: nobody } : {};
  // Root passes every mode, so the taker is another user; whoever is not root meets a folder closed to itself.
  if (process.getuid?.() === 0) chownSync(home, 0, 0);
  else chmodSync(home, 0o500);
  const taker = startProcess(new URL('./testing/holder.ts', import.meta.url), { args: [home], ...asOther });
  expect(await taker.line()).toBe('up');
  taker.say('take');
  const answer = await taker.line();
  expect(answer).toMatch(/^KORA_HOME_UNREADABLE 77 /);
  expect(answer).toContain(home);
  expect(existsSync(join(home, homeFiles.lock))).toBe(false);
});

test('a token that was dropped is replaced by a fresh one at the next start; who the home is stays', async () => {
  const directory = testFolder();
  const first = await openHome(directory, clock);
  await dropToken(first);
  await dropToken(first);
  const next = await openHome(directory, clock);
  expect(next.token).not.toBe(first.token);
  expect(next.runtimeId).toBe(first.runtimeId);
});
