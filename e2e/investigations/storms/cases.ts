import type { ProbeStatus, Severity } from '@kora/runtime/plugin';
import { Random } from '../seed.ts';

export interface StormProbe {
  readonly name: string;
  readonly target: string;
  readonly severity?: Severity;
  readonly dependsOn?: readonly string[];
}

/** Many alarms, and how many stories they are. Times are seconds from the beginning. */
export interface StormCase {
  readonly id: string;
  readonly title: string;
  readonly probes: readonly StormProbe[];
  /** When all probes look, one after the other. */
  readonly looks: readonly number[];
  /** What a probe sees. */
  see(probe: string, second: number): ProbeStatus;
  /** What Kora mends by itself, and when. */
  readonly fixes?: readonly { readonly probe: string; readonly second: number }[];
  readonly truth: StormTruth;
}

/** What is true of it; the code under test is handed probes and looks, and nothing of this. */
export interface StormTruth {
  /** Investigations that are really started. */
  readonly investigations: number;
  readonly wakes: { readonly least: number; readonly most: number };
  readonly incidents?: number;
  /** Messages that say that something goes back and forth. */
  readonly flappingNotices?: number;
  /** The probe whose wake must be investigated without waiting. */
  readonly atOnce?: string;
  /** No message at all. */
  readonly silent?: boolean;
}

const every = (seconds: number, count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, n) => from + n * seconds);

const day = 86_400;

/** The storms of the matrix, with names by seed. */
export function stormCases(seed: number): readonly StormCase[] {
  const random = new Random(seed);
  return [
    ...fallen(random),
    apart(random),
    twoDays(random),
    flapper(random),
    critical(random),
    ownFix(random),
    healthy(random),
  ];
}

function fallen(random: Random): StormCase[] {
  const host = `${random.name()}-1`;
  const address = random.address();
  const pods = Array.from({ length: 40 }, (_, n) => `${random.name()}-${n}`);
  const looks = every(10, 5);
  const see = (_: string, second: number): ProbeStatus => (second < 20 ? 'healthy' : 'unreachable');
  return [
    {
      id: 'S1',
      title: 'a host falls with forty pods that need it: one story',
      probes: [
        ...pods.map((name) => ({ name, target: `http://${name}.internal/health`, dependsOn: [host] })),
        { name: host, target: `tcp://${address}:22` },
      ],
      looks,
      see,
      truth: { investigations: 1, wakes: { least: 1, most: 1 } },
    },
    {
      id: 'S1b',
      title: 'a host falls with forty pods, and nobody wrote down that they need it: one story',
      probes: pods.map((name, n) => ({ name, target: `http://${address}:${9000 + n}/health` })),
      looks,
      see,
      truth: { investigations: 1, wakes: { least: 1, most: 40 } },
    },
  ];
}

function apart(random: Random): StormCase {
  const [one, other] = [random.name(), random.name()];
  return {
    id: 'S2',
    title: 'two things that have nothing to do with each other break in one minute: two stories',
    probes: [
      { name: one, target: `https://${one}.example/health` },
      { name: other, target: `tcp://${random.address()}:5432` },
    ],
    looks: every(10, 6),
    see: (probe, second) => {
      if (probe === one) return second < 20 ? 'healthy' : 'unhealthy';
      return second < 30 ? 'healthy' : 'unreachable';
    },
    truth: { investigations: 2, wakes: { least: 2, most: 2 }, incidents: 2 },
  };
}

function twoDays(random: Random): StormCase {
  const name = random.name();
  return {
    id: 'S3',
    title: 'the same alarm on two days, with an end in between: two stories',
    probes: [{ name, target: `https://${name}.example/health` }],
    looks: [...every(10, 8), ...every(10, 8, day)],
    see: (_, second) => (second % day >= 20 && second % day < 50 ? 'unhealthy' : 'healthy'),
    truth: { investigations: 2, wakes: { least: 2, most: 2 }, incidents: 2 },
  };
}

function flapper(random: Random): StormCase {
  const name = random.name();
  return {
    id: 'S4',
    title: 'twelve turns in ten minutes: one wake at most, and one word on it',
    probes: [{ name, target: `https://${name}.example/health` }],
    looks: every(25, 26),
    see: (_, second) => (second >= 25 && Math.floor((second - 25) / 50) % 2 === 0 ? 'unhealthy' : 'healthy'),
    truth: { investigations: 1, wakes: { least: 0, most: 1 }, incidents: 1, flappingNotices: 1 },
  };
}

function critical(random: Random): StormCase {
  const address = random.address();
  const mild = [random.name(), random.name()] as const;
  const grave = random.name();
  return {
    id: 'S5',
    title: 'a critical alarm among milder ones of one host starts at once, and they attach to it',
    probes: [
      ...mild.map(
        (name, n): StormProbe => ({ name, target: `http://${address}:${9000 + n}/`, severity: 'warning' }),
      ),
      { name: grave, target: `http://${address}:9100/`, severity: 'critical' },
    ],
    looks: every(5, 8),
    see: (probe, second) => (second < (probe === grave ? 15 : 10) ? 'healthy' : 'unhealthy'),
    truth: { investigations: 1, wakes: { least: 3, most: 3 }, atOnce: grave },
  };
}

function ownFix(random: Random): StormCase {
  const name = random.name();
  return {
    id: 'S6',
    title: 'what a fix of Kora’s own breaks for a moment raises no investigation',
    probes: [{ name, target: `https://${name}.example/health` }],
    looks: every(10, 8),
    see: (_, second) => (second >= 30 && second < 60 ? 'unreachable' : 'healthy'),
    fixes: [{ probe: name, second: 25 }],
    truth: { investigations: 0, wakes: { least: 0, most: 1 } },
  };
}

function healthy(random: Random): StormCase {
  const names = [random.name(), random.name()];
  return {
    id: 'A7',
    title: 'a hundred looks at what is well, and once a single bad one: nothing to tell',
    probes: names.map((name) => ({ name, target: `https://${name}.example/health` })),
    looks: every(10, 50),
    see: (probe, second) => (probe === names[0] && second === 250 ? 'unhealthy' : 'healthy'),
    truth: { investigations: 0, wakes: { least: 0, most: 0 }, incidents: 0, silent: true },
  };
}
