import { writeFileSync } from 'node:fs';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule, TestRunEndReason, Vitest } from 'vitest/node';

/**
 * Prints the plain last line `N passed, N failed`, summed over all projects.
 * A file that fails to load is one failure, an error outside any test is one, a skipped test is one
 * (unless a name filter skipped it), and a run that met no test at all is one.
 */
export default class Tally implements Reporter {
  #filtered = false;

  onInit(vitest: Vitest): void {
    this.#filtered = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(
    modules: readonly TestModule[],
    errors: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    const { passed, failed, skipped } = count(modules);
    const complaints = this.#filtered ? [] : skipped.map((name) => `skipped, so not passed: ${name}`);
    if (passed + failed + skipped.length === 0) complaints.push('no test ran');
    if (errors.length > 0) complaints.push(`${errors.length} errors outside any test`);
    if (reason === 'interrupted') complaints.push('interrupted');

    const bad = failed + complaints.length;
    if (bad > 0) process.exitCode = 1;
    for (const complaint of complaints) process.stdout.write(`\n${complaint}`);
    // scripts/test.mjs adds the figures to those of its own checks, and then it prints the last line.
    const summary = process.env['KORA_TEST_SUMMARY'];
    if (summary === undefined) process.stdout.write(`\n${passed} passed, ${bad} failed\n`);
    else writeFileSync(summary, JSON.stringify({ passed, failed: bad }));
  }
}

function count(modules: readonly TestModule[]): { passed: number; failed: number; skipped: string[] } {
  const total = { passed: 0, failed: 0, skipped: [] as string[] };
  for (const module of modules) {
    let failedHere = 0;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') total.passed += 1;
      else if (state === 'failed') failedHere += 1;
      else total.skipped.push(`${module.relativeModuleId} > ${test.fullName}`);
    }
    // A module can fail without a failed test: it did not load, or a hook around its tests threw.
    if (failedHere === 0 && module.state() === 'failed') failedHere = 1;
    total.failed += failedHere;
  }
  return total;
}
