import { readFileSync } from 'node:fs';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import type { PanelView } from '../store/view.ts';
import { Panel, type PanelProps } from './panel.tsx';

const body = 'three rows';
const whenEmpty = 'No queued tickets.';

function draw(view: PanelView, more: Partial<PanelProps> = {}): string {
  const props: PanelProps = { title: 'Queued', view, whenEmpty, children: body, count: 0, ...more };
  return renderToStaticMarkup(createElement(Panel, props));
}

const views = {
  loading: { state: 'loading' },
  ready: { state: 'ready', at: Date.now() - 3_000 },
  empty: { state: 'empty', at: Date.now() },
  stale: {
    state: 'stale',
    asOf: new Date(Date.now() - 190_000).toISOString(),
    reason: 'link lost',
    wasEmpty: false,
  },
  unavailable: {
    state: 'unavailable',
    code: 'KORA_STORE_UNREACHABLE',
    message: 'The database does not answer.',
    hint: 'kora doctor',
  },
  forbidden: { state: 'forbidden', message: 'This session lacks the scope read.', hint: null },
} satisfies Record<PanelView['state'], PanelView>;

describe('a panel', () => {
  it('draws its rows in ready and stale, and nowhere else', () => {
    const drawn = Object.entries(views).filter(([, view]) => draw(view).includes(body));
    expect(drawn.map(([state]) => state)).toEqual(['ready', 'stale']);
  });

  it('says a count only when it is known', () => {
    const counting = Object.entries(views).filter(([, view]) => />0<\/span>/.test(draw(view)));
    expect(counting.map(([state]) => state)).toEqual(['ready', 'empty']);
    expect(draw(views.stale, { count: 7 })).toContain('>7<');
    expect(draw(views.ready, { count: null })).toContain('>unknown<');
  });

  it('is a region with a heading in every state', () => {
    for (const view of Object.values(views)) {
      const markup = draw(view);
      const id = /aria-labelledby="([^"]+)"/.exec(markup)?.[1];
      expect(markup).toContain(`<h2 id="${id}"`);
      expect(markup).toContain(`data-panel="${view.state}"`);
    }
  });

  it('loads with a skeleton that says so', () => {
    expect(draw(views.loading)).toContain('aria-label="Loading"');
  });

  it('says why there is nothing', () => {
    expect(draw(views.empty)).toContain(whenEmpty);
  });

  it('says how old it is: ready by its age, stale by the time and the reason', () => {
    expect(draw(views.ready)).toMatch(/[23] s</);
    expect(draw(views.stale)).toMatch(/as of (<!-- -->)?\d\d:\d\d:\d\d.*3 min.*link lost/);
  });

  it('does not say "none" of a list that is old', () => {
    const markup = draw({ ...views.stale, wasEmpty: true });
    expect(markup).not.toContain(whenEmpty);
    expect(markup).not.toContain(body);
    expect(markup).toContain('What came since is not known');
  });

  it('names the code and what to do when it cannot know', () => {
    expect(draw(views.unavailable)).toMatch(
      /The database does not answer\..*KORA_STORE_UNREACHABLE.*kora doctor/s,
    );
  });

  it('names what is missing when it may not know', () => {
    expect(draw(views.forbidden)).toContain('This session lacks the scope read.');
  });

  it('keeps markup in a title as text', () => {
    const markup = draw(views.ready, { title: '<img onerror=x> \u202e' });
    expect(markup).toContain('&lt;img onerror=x&gt; ⟨RLO⟩');
  });
});

/**
 * A panel does not know its theme and its density: it names tokens, and the style sheet gives each its value. So in every
 * one of the four looks it is right where every token that it names has a value in both themes and rows have a height in
 * both densities; that the values can be read is what tokens.test.ts measures.
 */
describe.each(['light', 'dark'])('in the %s', (theme) => {
  const read = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
  const [tokens, page] = [read('tokens.css'), read('page.css')];
  const values = new Map(
    [...tokens.matchAll(/--([\w-]+): light-dark\((#\w+), (#\w+)\)/g)].map(([, name = '', light, dark]) => [
      name,
      theme === 'light' ? light : dark,
    ]),
  );
  const heights: Readonly<Record<string, RegExp>> = {
    comfortable: /:root \{\s*--row: 40px;/,
    compact: /:root\[data-density="compact"\] \{\s*--row: 28px;/,
  };

  it.each(Object.keys(views).flatMap((state) => Object.keys(heights).map((density) => ({ state, density }))))(
    '$state and $density: every colour it names is a token of the theme',
    ({ state, density }) => {
      const view = Object.entries(views).find(([name]) => name === state)?.[1] ?? views.loading;
      const used = [
        ...draw(view).matchAll(/\b(?:bg|text|border|fill|stroke)-([a-z]+(?:-[a-z]+)?)(?:\/\d+)?\b/g),
      ]
        .map(([, name = '']) => name)
        .filter((name) => page.includes(`--color-${name}: var(`));
      expect(used.length).toBeGreaterThan(1);
      expect(used.filter((name) => !values.has(name))).toEqual([]);
      expect(draw(view)).not.toMatch(/#[0-9a-f]{3,8}\b|rgb\(|\bdark:/);
      expect(page).toMatch(heights[density] ?? /never/);
    },
  );
});
