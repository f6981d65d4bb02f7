import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { z } from 'zod';

// The page's own package has it, and pins its version.
const besideThePage = createRequire(new URL('../../packages/cockpit/package.json', import.meta.url));
const axeSource = readFileSync(besideThePage.resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** What a theme can spoil; the rest of the rules does not look at colours. */
const ofColour = ['color-contrast', 'link-in-text-block'];

const findings = z.array(z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) }));
const results = z.object({ violations: findings, incomplete: findings });

export interface Judged {
  /** `rule: markup`, one for each place. */
  readonly violations: readonly string[];
  /** Rules of which axe could not say whether they are kept. */
  readonly incomplete: readonly string[];
}

/** What axe finds on the page as it stands: by every rule, or by those alone that a theme can spoil. */
export async function judge(page: Page, rules: 'all' | 'colour' = 'all'): Promise<Judged> {
  // Playwright evaluates past the page's policy, so axe needs no hole in it.
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(axeSource);
  const runOnly = rules === 'all' ? tags : { type: 'rule', values: ofColour };
  const options = { runOnly, resultTypes: ['violations', 'incomplete'] };
  const { violations, incomplete } = results.parse(
    await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`),
  );
  return {
    violations: violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html }) => `${id}: ${html.slice(0, 300)}`),
    ),
    incomplete: incomplete.map(({ id }) => id),
  };
}
