import { expect, test } from 'vitest';
import type { Conclusion, Finding } from '../../packages/plugin-probes/src/scene/contract.ts';
import { Evidence } from './evidence.ts';
import { scoreRun } from './score.ts';
import type { Run } from './score.ts';
import { Stage } from './stage.ts';
import type { Truth } from './truth.ts';

const stage = new Stage(5);
const shop = stage.unit('shop');
const other = stage.unit('other');
const log = stage.log(shop);
log.say(stage.now - 60_000, 'ERROR', 'the disk is full', 'full');
log.write(stage.now - 30_000, 'a sentence\n  over two lines', 'two');
log.say(stage.now + 60_000, 'INFO', 'written after the verdict', 'later');
const rss = stage.series(shop, 'rss', 'bytes', [[stage.now - 60_000, 7]]);
stage.failing('shop-web', { entity: shop, since: stage.now - 120_000, error: 'HTTP 500' });
const world = stage.world();
const evidence = new Evidence(world);
const [full = ''] = log.cite('full');
const [later = ''] = log.cite('later');

const truth: Truth = {
  id: 'T1',
  title: 'a disk that is full',
  group: 'R',
  expect: 'conclude',
  causes: ['disk_full'],
  roots: [[shop, 'probe:shop-web']],
  deciding: [[full]],
  says: ['disk'],
  rejects: ['memory:2'],
  spread: [],
};
const unknowable: Truth = {
  ...truth,
  expect: 'abstain',
  causes: [],
  roots: [],
  deciding: [],
  says: [],
  abstain: { why: ['external'], names: ['acme'] },
};

function found(given: Partial<Finding> = {}): Finding {
  return {
    rule: 't',
    cause: 'disk_full',
    entity: shop,
    text: 'the disk is full',
    evidence: [full],
    at: null,
    weight: 'deciding',
    ...given,
  };
}

function concluded(given: Partial<Extract<Conclusion, { kind: 'concluded' }>> = {}): Conclusion {
  return {
    kind: 'concluded',
    cause: 'disk_full',
    entities: [shop],
    findings: [found()],
    confidence: 0.9,
    next: 'make room',
    ...given,
  };
}

function abstained(given: Partial<Extract<Conclusion, { kind: 'abstained' }>> = {}): Conclusion {
  return { kind: 'abstained', why: 'external', needs: ['ask acme'], findings: [], ...given };
}

function ran(conclusion: Conclusion, read: readonly string[] = [full, shop, rss]): Run {
  return { id: 'T1', conclusion, read, at: world.now, ms: 1, shown: [], characters: 0 };
}

const score = (conclusion: Conclusion, of: Truth = truth, read?: readonly string[]) =>
  scoreRun(ran(conclusion, read), of, evidence);

test('cause, place and evidence make a case solved, by whichever of its names the place is called', () => {
  expect(score(concluded())).toMatchObject({
    outcome: 'solved',
    cited: 1,
    valid: 1,
    precision: 1,
    faults: [],
  });
  expect(score(concluded({ entities: ['probe:shop-web'] })).outcome).toBe('solved');
});

test.each([
  ['another cause', concluded({ cause: 'auth' })],
  ['another place', concluded({ entities: [other] })],
  ['one place too many', concluded({ entities: [shop, other] })],
  [
    'a memory that is not to be trusted',
    concluded({ findings: [found(), found({ evidence: ['memory:2'] })] }),
  ],
])('%s, said without a doubt, is confident and wrong, and said with one is wrong', (_, conclusion) => {
  expect(score(conclusion).outcome).toBe('confident_wrong');
  expect(score({ ...conclusion, confidence: 0.3 } as Conclusion).outcome).toBe('wrong');
});

test('precision counts what was named beside the true place, and is nothing when that is not named', () => {
  expect(score(concluded({ entities: [shop, other] })).precision).toBe(0.5);
  expect(score(concluded({ entities: [other] })).precision).toBe(0);
  expect(score(abstained()).precision).toBe(0);
  expect(score(abstained(), unknowable).precision).toBeNull();
});

test.each([
  ['does not exist', ['log:shop#99'], ['log:shop#99']],
  ['was not read', [full], [shop]],
  ['is from after the verdict', [full, later], [full, later]],
  ['does not exist', [full, `${rss}@2031-01-01T00:00:00.000Z`], [full, rss]],
])('evidence that %s proves nothing', (fault, cited, read) => {
  const result = score(concluded({ findings: [found({ evidence: cited })] }), truth, read);
  expect(result.outcome).toBe('unproven');
  expect(result.valid).toBeLessThan(result.cited);
  expect(result.faults.join()).toContain(fault);
});

test('a point of a gauge that was looked at is evidence, and so is a line that belongs to the one before it', () => {
  const point = `${rss}@${new Date(world.now - 60_000).toISOString()}`;
  const lines = log.cite('two');
  const read = [full, rss, ...lines];
  expect(lines).toHaveLength(2);
  expect(
    score(concluded({ findings: [found({ evidence: [full, point, ...lines] })] }), truth, read),
  ).toMatchObject({ outcome: 'solved', cited: 4, valid: 4 });
});

test('the right cause without the line that decides it, or without the word that matters, is unproven', () => {
  expect(score(concluded({ findings: [found({ evidence: [shop] })] })).outcome).toBe('unproven');
  expect(score(concluded({ findings: [found({ text: 'it is full' })] })).outcome).toBe('unproven');
});

test('whoever abstains where there is something to know has missed it, and is not wrong', () => {
  expect(score(abstained()).outcome).toBe('missed');
});

test('an abstention is right for the right reason and with the right name, and a conclusion never is', () => {
  expect(score(abstained(), unknowable).outcome).toBe('abstained_right');
  expect(score(abstained({ why: 'conflict' }), unknowable).outcome).toBe('abstained_otherwise');
  expect(score(abstained({ needs: [] }), unknowable).outcome).toBe('abstained_otherwise');
  expect(score(concluded(), unknowable).outcome).toBe('confident_wrong');
});

test('to call an incident none is confident and wrong; to call none none is right', () => {
  const quiet: Conclusion = { kind: 'no_incident', why: 'it rings always', findings: [found()] };
  expect(score(quiet).outcome).toBe('confident_wrong');
  expect(score(quiet, { ...unknowable, expect: 'quiet' }).outcome).toBe('solved');
  expect(score(concluded(), { ...unknowable, expect: 'quiet' }).outcome).toBe('confident_wrong');
});
