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

  // So one markup serves both themes and both densities: tokens.test.ts measures what the tokens are in each theme.
  it.each(Object.entries(views))('%s names tokens, never a colour or a theme of its own', (_, view) => {
    expect(draw(view)).toMatch(/\bborder-line\b.*\bbg-surface\b.*\btext-ink\b/s);
    expect(draw(view)).not.toMatch(/#[0-9a-f]{3,8}\b|rgb\(|\bdark:|\bstyle=/);
  });
});
