import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const installChromium = 'apt-get install --yes --no-install-recommends chromium';

/** Starts the machine's own Chromium; as root it is installed where it is missing, else the failure says how. */
export function openBrowser(): Promise<Browser> {
  if (found() === undefined && process.getuid?.() === 0)
    execFileSync('sh', ['-c', `apt-get update && ${installChromium}`], { stdio: 'pipe' });
  const executablePath = found();
  if (executablePath === undefined)
    throw new Error(`no Chromium in ${places.join(', ')}: sudo ${installChromium}`);
  // Root has no sandbox of its own to give; the pages are ours.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** A page in a profile of its own, with everything that it complains of. */
export interface Watched {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Console errors and warnings, uncaught errors. */
  readonly complaints: string[];
  /** What the content security policy had to stop. */
  readonly violations: string[];
}

export async function watchedPage(browser: Browser): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' });
  const page = await context.newPage();
  const complaints: string[] = [];
  const violations: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    const text = message.text();
    if (text.startsWith(violationMark)) violations.push(text);
    else if (message.type() === 'error' || message.type() === 'warning') {
      if (!nobodyThere.test(text)) complaints.push(text);
    }
  });
  // As text: it runs in the page, whose names this program does not know.
  await page.addInitScript(`addEventListener('securitypolicyviolation', (event) => {
    console.info('${violationMark}', event.violatedDirective, event.blockedURI);
  })`);
  return { page, context, complaints, violations };
}

/** What the browser itself says where a runtime is away, is stopping or boots: no complaint of the page. */
const nobodyThere = /^Failed to load resource: (?:net::ERR_|the server responded with a status of 503 )/;
const violationMark = 'stopped by the policy:';

function found(): string | undefined {
  return places.find((path) => existsSync(path));
}
