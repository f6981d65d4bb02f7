// Pictures and axe of every route in both themes and four widths, against a staged house:
//   node scripts/look.ts [--out FOLDER] [--page dist/web] [--only NAME] [--browser /usr/bin/chromium]
// Needs the page built and a Chromium. Exits 1 when axe or the page's policy finds anything.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { AxeResults } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { pageDirectory } from '../src/index.ts';
import { busyHouse, emptyHouse, type House, troubledHouse } from '../src/web/stage/house.ts';
import { stageNow } from '../src/web/stage/rows.ts';
import { type Refusal, serveStaged, type StagedServer } from './staged-server.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'pictures' },
    page: { type: 'string', default: '' },
    only: { type: 'string', default: '' },
    browser: { type: 'string', default: '/usr/bin/chromium' },
  },
});

const widths = [1440, 1024, 640, 320] as const;
const themes = ['light', 'dark'] as const;
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Scene {
  readonly name: string;
  readonly path: string;
  readonly house: () => House;
  /** What is done before the picture. */
  readonly act?: (page: Page, server: StagedServer) => Promise<void>;
  readonly widths?: readonly number[];
}

const lists = ['/', '/tickets', '/daemons', '/probes', '/inbox', '/events', '/boot', '/plugins'];
const nameOf = (path: string): string => path.replace(/^\//, '').replaceAll(/[/?=]/g, '-') || 'overview';

const scenes: readonly Scene[] = [
  ...lists.map((path) => ({ name: nameOf(path), path, house: busyHouse })),
  ...['/tickets/43', '/incidents/12', '/probes/shop', '/events?seq=48215', '/nowhere'].map((path) => ({
    name: nameOf(path),
    path,
    house: busyHouse,
    widths: [1440, 320],
  })),
  ...[
    '/reasoning',
    '/reasoning/r-0199f2a4',
    '/reasoning/r-0199f2a4?view=timeline',
    '/cost',
    '/cost?days=1',
    '/phrasebook',
    '/promotions',
    '/promotions?view=loops',
    '/promotions/12',
  ].map((path) => ({ name: `mind-${nameOf(path)}`, path, house: busyHouse, widths: [1440, 320] })),
  ...[
    '/state',
    '/state?z=7d&cycles=each',
    '/approvals',
    '/approvals/11',
    '/tickets?v=list&lane=queued',
    '/tickets?group=reason',
    '/daemons/mirror-sync',
    '/tasks/probes.shop',
    '/inbox?side=received',
    '/inbox?side=refused',
    '/inbox/out-31',
  ].map((path) => ({ name: `work-${nameOf(path)}`, path, house: busyHouse, widths: [1440, 320] })),
  ...['/alerts', '/alerts/7', '/wakes', '/logs', '/recovery'].map((path) => ({
    name: nameOf(path),
    path,
    house: busyHouse,
    widths: [1440, 320],
  })),
  ...[
    { name: 'mind-ask', path: '/reasoning', button: 'Ask a question' },
    { name: 'mind-editor', path: '/phrasebook', button: 'Edit yours' },
    { name: 'mind-approve', path: '/promotions/12', button: 'Approve' },
    { name: 'mind-reconcile', path: '/cost', button: 'Reconcile' },
  ].map(({ name, path, button }) => ({
    name,
    path,
    house: busyHouse,
    widths: [1440, 320],
    act: (page: Page) => page.getByRole('button', { name: button, exact: true }).click(),
  })),
  ...lists.map((path) => ({ name: `${nameOf(path)}-empty`, path, house: emptyHouse, widths: [1440] })),
  ...['/', '/tickets', '/inbox', '/events', '/boot', '/incidents/12'].map((path) => ({
    name: `${nameOf(path)}-trouble`,
    path,
    house: troubledHouse,
    widths: [1440, 320],
  })),
  { name: 'pair', path: '/pair', house: busyHouse, widths: [1440, 320] },
  { name: 'pair-refused', path: '/pair#code=wrong', house: busyHouse, widths: [1440] },
  {
    name: 'overview-stale',
    path: '/',
    house: busyHouse,
    widths: [1440],
    act: (page, server) => silence(page, server, 14_000),
  },
  {
    name: 'overview-offline',
    path: '/',
    house: busyHouse,
    widths: [1440, 640],
    act: (page, server) => silence(page, server, 190_000),
  },
  {
    name: 'overview-keys',
    path: '/',
    house: busyHouse,
    widths: [1440],
    act: (page) => openedBy(page, '?'),
  },
  {
    name: 'overview-menu',
    path: '/',
    house: busyHouse,
    widths: [320],
    act: (page) => page.getByRole('button', { name: 'Panels' }).click(),
  },
  {
    name: 'overview-refused',
    path: '/',
    house: busyHouse,
    widths: [1440],
    act: (page, server) =>
      refuse(page, server, { status: 503, code: 'KORA_NOT_READY', message: 'The runtime is still booting.' }),
  },
  {
    name: 'overview-forbidden',
    path: '/',
    house: busyHouse,
    widths: [1440],
    act: (page, server) =>
      refuse(page, server, {
        status: 403,
        code: 'KORA_AUTH_REFUSED',
        message: 'This session lacks the scope read.',
      }),
  },
];

/** Of the shell itself: its own pages, and what lies over every page. */
const shellScenes: readonly Scene[] = [
  { name: 'shell-control', path: '/control', house: busyHouse, widths: [1440, 320] },
  { name: 'shell-control-held', path: '/control', house: troubledHouse, widths: [1440] },
  { name: 'shell-sessions', path: '/sessions', house: busyHouse, widths: [1440, 320] },
  { name: 'house-capabilities', path: '/capabilities', house: busyHouse, widths: [1440, 320] },
  { name: 'house-diagnostics', path: '/diagnostics', house: busyHouse, widths: [1440, 320] },
  { name: 'house-channels', path: '/channels', house: busyHouse, widths: [1440, 320] },
  { name: 'house-mcp', path: '/mcp-clients', house: busyHouse, widths: [1440, 320] },
  {
    name: 'house-mcp-token',
    path: '/mcp-clients',
    house: busyHouse,
    widths: [1440, 320],
    act: (page) => page.getByRole('button', { name: 'Make a token' }).click(),
  },
  { name: 'house-configuration', path: '/configuration', house: busyHouse, widths: [1440, 320] },
  {
    name: 'house-grant',
    path: '/capabilities',
    house: busyHouse,
    widths: [1440, 320],
    act: (page) => page.getByRole('button', { name: 'Grant', exact: true }).click(),
  },
  {
    name: 'shell-stop',
    path: '/',
    house: busyHouse,
    widths: [1440, 320],
    act: async (page) => {
      await page.keyboard.press('Control+Shift+S');
      await page.getByRole('radio').nth(3).click();
      await page.getByLabel('Type STOP L4').fill('STOP L4');
      await page.getByLabel(/^Reason/).fill('it works on the wrong thing');
    },
  },
  {
    name: 'shell-stop-offline',
    path: '/',
    house: busyHouse,
    widths: [1440],
    act: async (page, server) => {
      await silence(page, server, 40_000);
      await page.keyboard.press('Control+Shift+S');
      await page.clock.runFor(1_000);
    },
  },
  {
    name: 'shell-pause',
    path: '/',
    house: busyHouse,
    widths: [1440],
    act: (page) => page.getByRole('button', { name: 'Pause' }).click(),
  },
  {
    name: 'shell-settings',
    path: '/',
    house: busyHouse,
    widths: [1440, 320],
    act: async (page) => {
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByText('Other keys').click();
    },
  },
  {
    name: 'shell-held',
    path: '/daemons',
    house: busyHouse,
    widths: [1440],
    act: async (page) => {
      await page.keyboard.press('.');
      await page.clock.runFor(20_000);
    },
  },
  {
    name: 'shell-palette',
    path: '/',
    house: busyHouse,
    widths: [1440],
    act: (page) => openedBy(page, 'Control+K'),
  },
];

async function openedBy(page: Page, key: string): Promise<void> {
  await page.keyboard.press(key);
  await page.waitForSelector('dialog[open]');
}

async function silence(page: Page, server: StagedServer, ms: number): Promise<void> {
  server.fallSilent();
  await page.clock.runFor(ms);
}

async function refuse(page: Page, server: StagedServer, refusal: Refusal): Promise<void> {
  server.refuse(refusal);
  await page.reload();
  await settled(page);
}

async function settled(page: Page): Promise<void> {
  await page.waitForSelector('h1');
  await page.clock.runFor(2_000);
  await page.waitForLoadState('networkidle').catch(() => undefined);
  await page.clock.runFor(1_000);
}

interface Shot {
  readonly scene: Scene;
  readonly theme: (typeof themes)[number];
  readonly width: number;
}

async function look(browser: Browser, { scene, theme, width }: Shot): Promise<string[]> {
  const server = await serveStaged(scene.house(), values.page || pageDirectory(), 60_000);
  const viewport = { width, height: 900 };
  const context = await browser.newContext({ viewport, colorScheme: theme, reducedMotion: 'reduce' });
  const found: string[] = [];
  try {
    const page = await context.newPage();
    page.on('pageerror', (error) => found.push(error.message));
    await page.clock.install({ time: stageNow });
    await page.goto(server.url + scene.path, { waitUntil: 'domcontentloaded' });
    await settled(page);
    await scene.act?.(page, server);
    await page.screenshot({
      path: join(values.out, `${scene.name}-${theme}-${width}.png`),
      fullPage: width < 1440,
    });
    found.push(...(await judge(page)), ...server.violations.map((line) => `policy: ${line}`));
    return found.map((line) => `${scene.name} ${theme} ${width}: ${line}`);
  } finally {
    await context.close();
    await server.close();
  }
}

/** What axe finds, and sideways scrolling of the whole page, which axe does not see. */
async function judge(page: Page): Promise<string[]> {
  // Playwright evaluates past the page's policy, so axe needs no hole in it.
  await page.evaluate(axeSource);
  const results = await page.evaluate(async (): Promise<AxeResults> => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } };
    return axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'],
      resultTypes: ['violations'],
    });
  });
  const lines = results.violations.map(
    (violation) =>
      `${violation.id}: ${violation.nodes
        .map((node) => node.html)
        .join(' | ')
        .slice(0, 400)}`,
  );
  const wide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  return wide > 0 ? [...lines, `scrolls sideways by ${wide} px`] : lines;
}

mkdirSync(values.out, { recursive: true });
const browser = await chromium.launch({ executablePath: values.browser, args: flags });
const findings: string[] = [];
let pictures = 0;
try {
  for (const scene of [...scenes, ...shellScenes].filter(({ name }) => name.startsWith(values.only))) {
    for (const width of scene.widths ?? widths) {
      for (const theme of themes) {
        findings.push(...(await look(browser, { scene, theme, width })));
        pictures += 1;
      }
    }
  }
} finally {
  await browser.close();
}
for (const line of findings) process.stdout.write(`${line}\n`);
process.stdout.write(`${pictures} pictures in ${values.out}, ${findings.length} findings\n`);
if (findings.length > 0 || pictures === 0) process.exitCode = 1;
