import { describe, expect, it } from 'vitest';
import { sentences, type Told } from './announce.tsx';

const calm: Told = { state: 'Ready', verdict: 'live', needs: [], deeds: [] };
const need = (key: string): { key: string; title: string } => ({ key, title: `title of ${key}` });

describe('what is said aloud', () => {
  it('is nothing when nothing changed, and nothing of the first picture', () => {
    expect(sentences(calm, { ...calm })).toEqual([]);
    expect(
      sentences(
        { ...calm, state: null, verdict: 'connecting', needs: null },
        { ...calm, needs: [need('a')] },
      ),
    ).toEqual([]);
  });

  it('is a change of state, a lost link and its return', () => {
    expect(sentences(calm, { ...calm, state: 'Paused' })).toEqual(['Kora is Paused.']);
    expect(sentences(calm, { ...calm, verdict: 'stale' })).toEqual(['The link to the runtime is lost.']);
    expect(sentences({ ...calm, verdict: 'offline' }, calm)).toEqual(['The link is back.']);
  });

  it('is what newly needs the operator, merged when it is more than one', () => {
    expect(sentences(calm, { ...calm, needs: [need('a')] })).toEqual(['Needs you: title of a.']);
    expect(sentences(calm, { ...calm, needs: [need('a'), need('b')] })).toEqual(['2 new things need you.']);
    expect(sentences({ ...calm, needs: [need('a')] }, { ...calm, needs: [need('a')] })).toEqual([]);
  });

  it('is what became of a deed, once, and not that it is on its way', () => {
    const deed = (phase: 'accepted' | 'done' | 'refused') => ({ id: 1, title: 'Retry ticket #41', phase });
    const at = (phase: 'accepted' | 'done' | 'refused'): Told => ({ ...calm, deeds: [deed(phase)] });
    expect(sentences(calm, at('accepted'))).toEqual([]);
    expect(sentences(at('accepted'), at('done'))).toEqual(['Retry ticket #41: done.']);
    expect(sentences(at('done'), at('done'))).toEqual([]);
    expect(sentences(at('accepted'), at('refused'))).toEqual(['Retry ticket #41: refused.']);
  });
});
