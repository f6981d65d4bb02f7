import { createHash } from 'node:crypto';
import { counted } from '../output/count.ts';
import { span } from '../output/time.ts';
import type { PageIncident, PageProbe, PageWindow, Standing, StatusPage } from './contract.ts';
import { css } from './style.ts';
import { headline, instant, percent, severityWords, unstableWord, stateWords, windowWords } from './words.ts';

const marks: Readonly<Record<Standing, string>> = {
  healthy: '<circle cx="8" cy="8" r="7"/><path d="m4.8 8.2 2.2 2.2 4.2-4.6"/>',
  degraded: '<path d="M8 1.5 15 14H1z"/><path d="M8 6v3.6m0 2v.1"/>',
  failing: '<circle cx="8" cy="8" r="7"/><path d="m5.3 5.3 5.4 5.4m0-5.4-5.4 5.4"/>',
  unknown: '<circle cx="8" cy="8" r="7"/><path d="M5 8h6"/>',
};
/** The height of a day's bar, and the least that a day with a bad look shows of it. */
const barHeight = 30;
const leastBad = 3;

/** The whole page as one document that asks nothing of anybody: no script, no font, no picture from elsewhere. */
export function pageHtml(page: StatusPage): string {
  const open = page.incidents.filter(({ state }) => state === 'open');
  const ended = page.incidents.filter(({ state }) => state === 'resolved');
  const hash = createHash('sha256').update(css).digest('base64');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<title>${text(page.title)}: ${text(headline(page))}</title>
<link rel="alternate" type="application/json" href="status.json">
<style>${css}</style>
</head>
<body>
<header>
<h1>${text(page.title)}</h1>
<div class="now ${page.state}">${mark(page.state, 'mark')}<p><strong>${text(headline(page))}</strong><span>as of ${time(page.asOf)}</span></p></div>
</header>
<main>
${open.length === 0 ? '' : incidents('Now', open)}
${page.groups.map((group) => section(group, page.asOf)).join('\n')}
${incidents('Past incidents', ended, `none in the last ${counted(page.historyDays, 'day')}`)}
</main>
<footer>
<p>Availability is the share of looks that came back healthy, cut and never rounded up. Where nobody looked there is no data, and none is made up.</p>
<p>Days are days of UTC. The same as data: <a href="status.json">status.json</a>. Made by Kora.</p>
</footer>
</body>
</html>
`;
}

function section(group: StatusPage['groups'][number], asOf: string): string {
  const name = group.name ?? 'What is watched';
  return `<section><h2>${text(name)}</h2>
<div class="card">
${group.probes.length === 0 ? '<article class="dim">nothing is watched here yet</article>' : group.probes.map((probe) => article(probe, asOf)).join('\n')}
</div>${group.probes.length === 0 ? '' : key}</section>`;
}

const key = `<p class="key"><span><svg viewBox="0 0 8 14" aria-hidden="true"><rect class="d" width="8" height="14" rx="2"/></svg>every look healthy</span><span><svg viewBox="0 0 8 14" aria-hidden="true"><rect class="d" width="8" height="14" rx="2"/><rect class="b" width="8" height="5" rx="2"/></svg>some not, by their share</span><span><svg viewBox="0 0 8 14" aria-hidden="true"><rect class="n" x=".5" y="10.5" width="7" height="3" rx="1"/></svg>no data</span></p>`;

function article(probe: PageProbe, asOf: string): string {
  const since = probe.since === null ? '' : ` <span class="dim">since ${time(probe.since)}</span>`;
  const until =
    probe.maintenanceUntil === null
      ? ''
      : `<p class="dim">In maintenance until ${time(probe.maintenanceUntil)}</p>`;
  return `<article class="${probe.state}">
<div class="row"><h3>${text(probe.name)}</h3><p><span class="state">${mark(probe.state)}${stateWords[probe.state]}</span>${since}</p></div>
${until}${bars(probe)}
<dl>${probe.availability.map(share).join('')}</dl>
${badDays(probe)}${facts(probe, asOf)}
</article>`;
}

/** A bar for each day: red from the top by the share of bad looks, and a low empty one where nobody looked. */
function bars({ name, history }: PageProbe): string {
  const drawn = history.map(({ day, looks, good }, at) => {
    const x = at * 10 + 1.5;
    if (looks === 0)
      return `<rect class="n" x="${x}" y="${barHeight - 6}" width="7" height="5"><title>${day}: no data</title></rect>`;
    const bad = good === looks ? 0 : Math.max(leastBad, Math.round((1 - good / looks) * barHeight));
    const red = bad === 0 ? '' : `<rect class="b" x="${x}" width="7" height="${bad}"/>`;
    return `<g><title>${day}: ${percent(good / looks)}</title><rect class="d" x="${x}" width="7" height="${barHeight}"/>${red}</g>`;
  });
  const looked = history.filter(({ looks }) => looks > 0);
  const bad = looked.filter(({ looks, good }) => good < looks).length;
  const said = `${name}, the last ${counted(history.length, 'day')}: measured on ${looked.length}, of these ${bad} with looks that were not healthy`;
  return `<svg class="days" role="img" aria-label="${text(said)}" viewBox="0 0 ${history.length * 10} ${barHeight}" preserveAspectRatio="none">${drawn.join('')}</svg>
<p class="ends" aria-hidden="true"><span>${history[0]?.day ?? ''}</span><span>today</span></p>`;
}

function share({ window, looks, availability, days, daysMeasured }: PageWindow): string {
  const none = availability === null ? ' class="none"' : '';
  const of = days === 1 ? counted(looks, 'look') : `${daysMeasured} of ${days} days`;
  const said = availability === null || (days > 1 && daysMeasured === days) ? '' : `<small>${of}</small>`;
  return `<div><dt>${windowWords[window] ?? window}</dt><dd${none}>${percent(availability)}${said}</dd></div>`;
}

/** The bars once more in words, for whoever cannot point at them. */
function badDays({ name, history }: PageProbe): string {
  const bad = history.filter(({ looks, good }) => looks > 0 && good < looks).toReversed();
  if (bad.length === 0) return '';
  const rows = bad.map(
    ({ day, looks, good }) =>
      `<tr><th scope="row">${day}</th><td class="r">${percent(good / looks)}</td><td class="r">${looks - good} of ${looks}</td></tr>`,
  );
  return `<details><summary>${counted(bad.length, 'day')} with looks that were not healthy</summary><table><caption>${text(name)}</caption><thead><tr><th scope="col">day</th><th scope="col" class="r">healthy</th><th scope="col" class="r">looks that were not</th></tr></thead><tbody>${rows.join('')}</tbody></table></details>`;
}

function facts({ details }: PageProbe, asOf: string): string {
  if (details === undefined) return '';
  const { kind, target, checkedAt, latencyMs, error } = details;
  const told = [
    `${kind} ${target}`,
    ...(checkedAt === null ? [] : [`looked at ${span(Date.parse(asOf) - Date.parse(checkedAt))} before`]),
    ...(latencyMs === null ? [] : [`took ${span(latencyMs)}`]),
    ...(error === null ? [] : [error]),
  ];
  return `<p class="facts">${told.map(text).join(' · ')}</p>`;
}

function incidents(title: string, rows: readonly PageIncident[], none = ''): string {
  const body = rows.map(incident).join('\n');
  return `<section><h2>${text(title)}</h2>
<div class="card">${rows.length === 0 ? `<article class="dim">${text(none)}</article>` : body}</div></section>`;
}

function incident(row: PageIncident): string {
  const { probe, severity, unstable, began, ended, durationMs, becauseOf, endedBy, details } = row;
  const when =
    ended === null
      ? `since ${time(began)}, ${span(durationMs)} so far`
      : `${time(began)} to ${time(ended)}, ${span(durationMs)}`;
  const because = becauseOf === null ? '' : `, because of ${text(becauseOf)}`;
  const removed = endedBy?.startsWith('probe ') === true ? ', watched no more' : '';
  // What is well at the moment is no outage; what is well now and then is no good news either.
  const [look, word] = unstable ? ['warning', unstableWord] : [severity, severityWords[severity]];
  const told =
    details === undefined ? '' : `<p class="facts">${text(details.category)} · ${text(details.text)}</p>`;
  return `<article class="${look}"><div class="row"><h3>${text(probe)}</h3><span class="state">${word}</span></div>
<p class="dim">${when}${because}${removed}</p>${told}</article>`;
}

function mark(state: Standing, name = ''): string {
  return `<svg${name === '' ? '' : ` class="${name}"`} viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${marks[state]}</svg>`;
}

function time(iso: string): string {
  return `<time datetime="${text(iso)}">${text(instant(iso))}</time>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text from outside, as it may stand between tags and in a quoted attribute. */
function text(value: string): string {
  return value.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? '');
}
