import type { Finding } from '@kora/runtime/client';
import { messageOf } from '@kora/runtime/plugin';
import type { Context, Run } from '../context.ts';
import { finding, reaches, severities } from '../doctor/check.ts';
import type { Check } from '../doctor/check.ts';
import { checkDoors } from '../doctor/doors.ts';
import { checkHolder, checkHome } from '../doctor/home.ts';
import { checkNode } from '../doctor/machine.ts';
import { checkPort } from '../doctor/port.ts';
import { checkConfiguration, checkProject } from '../doctor/project.ts';
import { checkRuntime } from '../doctor/runtime.ts';
import { checkStore } from '../doctor/store.ts';
import type { Console } from '../output/console.ts';
import { plain } from '../output/style.ts';

/** In the order they are told. */
const checks: readonly Check[] = [
  checkNode,
  checkHome,
  checkHolder,
  checkConfiguration,
  checkStore,
  checkPort,
  checkProject,
  checkDoors,
  checkRuntime,
];

export const doctor: Run = async (context) => {
  const { input, out } = context;
  const least = input.choice('severity-min', severities) ?? 'error';
  const home = await context.home();
  const found = (await Promise.all(checks.map(async (check) => await guarded(check, context, home)))).flat();
  const shown = input.on('lint') ? found.filter(({ severity }) => reaches(severity, least)) : found;
  out.result(shown, () => [
    ...shown.flatMap((each) => findingLines(each, out)),
    ...(input.on('lint') ? [] : [summary(found, out)]),
  ]);
  return found.some(({ severity }) => reaches(severity, least)) ? 'findings' : 'ok';
};

/** A check that breaks is a finding too, and keeps no other from being made. */
async function guarded(check: Check, context: Context, home: string): Promise<readonly Finding[]> {
  try {
    return await check(context, home);
  } catch (error) {
    return [finding('error', 'doctor/broken-check', `a check failed: ${messageOf(error)}`)];
  }
}

function findingLines({ id, severity, message, path, hint }: Finding, { style }: Console): string[] {
  const mark = {
    info: style.good('ok     '),
    warning: style.warn('warning'),
    error: style.bad('error  '),
  }[severity];
  const where = path === null ? '' : `  ${style.dim(plain(path))}`;
  const head = `${mark}  ${plain(message)}${where}${severity === 'info' ? '' : style.dim(`  (${id})`)}`;
  // What is well needs no mending; there may be something to do all the same.
  const lead = severity === 'info' ? 'then:' : 'fix:';
  return hint === null ? [head] : [head, `${' '.repeat(9)}${style.dim(lead)} ${plain(hint)}`];
}

function summary(found: readonly Finding[], { style }: Console): string {
  const count = (severity: Finding['severity']): number =>
    found.filter((each) => each.severity === severity).length;
  const many = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
  const words = [many(count('error'), 'error'), many(count('warning'), 'warning'), `${count('info')} well`];
  return style.dim(words.join(', '));
}
