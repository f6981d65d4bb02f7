// `npm test`: everything that must hold, in one command. Ends with `N passed, N failed`, where each check counts
// as one. With arguments it runs only the tests they name: `npm test -- chain`.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { phase, Plain, prepare, root } from './prepare.mjs';

/**
 * Two lanes for two cores, cheap and telling first: what is written, and the parcels that are made of it. Walls and doors
 * are judged by the tests of `house/`, which also plant what they must find.
 */
const lanes = [
  [
    ['format (biome)', 'biome', 'ci', '--colors=off', '--error-on-warnings', '.'],
    ['types', 'tsc', '-p', 'tsconfig.check.json'],
    ['types of the page', 'tsc', '-p', 'packages/cockpit/src/web/tsconfig.json'],
    ['lint (oxlint)', 'oxlint', '--type-aware', '--deny-warnings'],
  ],
  [
    ['nothing unused (knip)', 'knip', '--no-progress'],
    ['declarations', 'turbo', 'run', 'declare', '--output-logs', 'errors-only'],
    ['parcels (publint, attw)', 'turbo', 'run', 'check', '--output-logs', 'errors-only'],
    ['parcels install alone', 'node', 'scripts/install-check.ts'],
  ],
];

/**
 * @param {string[]} filters names of test files; none means everything
 * @returns {Promise<number>} 0 when all of it holds
 */
export async function main(filters) {
  const total = { passed: 0, failed: 0 };
  const env = await environment();
  if (env === undefined) {
    process.stdout.write('\n0 passed, 1 failed\n');
    return 1;
  }
  /** @param {string[][]} lane */
  const walk = async (lane) => {
    for (const [name = '', command = '', ...args] of lane) {
      const ok = await phase(name, command, args, { env, beside: true });
      total[ok ? 'passed' : 'failed'] += 1;
    }
  };
  if (filters.length === 0) await Promise.all(lanes.map(walk));
  const tests = await vitest(filters, env);
  total.passed += tests.passed;
  total.failed += tests.failed;
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
  return total.failed === 0 ? 0 : 1;
}

/**
 * A checkout that does not install or build is one failure, told in the same last line as all others.
 * @returns {Promise<NodeJS.ProcessEnv | undefined>}
 */
async function environment() {
  try {
    return (await prepare({ pnpm: true })).env;
  } catch (error) {
    if (!(error instanceof Plain)) throw error;
    if (error.message !== '') process.stderr.write(`${error.message}\n`);
    return undefined;
  }
}

/**
 * @param {string[]} filters
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ passed: number, failed: number }>}
 */
async function vitest(filters, env) {
  const folder = mkdtempSync(join(tmpdir(), 'kora-test-'));
  const summary = join(folder, 'summary.json');
  try {
    /** @type {number} */
    const code = await new Promise((resolve, reject) => {
      // What takes minutes has a command of its own, `npm run faults`, and runs with the package that it is of.
      const child = spawn('vitest', ['run', '--project', '!faults', ...filters], {
        cwd: root,
        env: { ...env, KORA_TEST_SUMMARY: summary },
        stdio: 'inherit',
        shell: process.platform === 'win32',
      });
      child.on('error', reject).on('exit', (status) => resolve(status ?? 1));
    });
    /** @type {{ passed: number, failed: number }} */
    const counted = JSON.parse(readFileSync(summary, 'utf8'));
    // An exit code that no counted failure explains is itself a failure.
    if (code !== 0 && counted.failed === 0) counted.failed = 1;
    return counted;
  } catch (error) {
    process.stderr.write(`vitest did not report: ${String(error)}\n`);
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
