// `npm run report`: the house numbers, measured. They tell where to look; the laws among them are tests.
import { commentLines, functionSizes, lineCount, type FunctionSize } from './laws.ts';
import { isTest, packageSources, type SourceFile } from './tree.ts';

const longFunction = 60;
const sources = packageSources();
const shipped = sources.filter((file) => !isTest(file));
const functions = shipped.flatMap(functionSizes);
const files = shipped.map(lineCount);
const commented = shipped.filter(({ path }) => !path.endsWith('/contract.ts'));

row('files', `${files.length}, lines ${figures(files)}`, 'median <= 110, p95 <= 300, cap 400');
row(
  'functions',
  `${functions.length}, lines ${figures(functions.map(({ lines }) => lines))}`,
  'p95 <= 45, cap 60',
);
row('over four parameters', String(functions.filter(({ parameters }) => parameters > 4).length), '0');
row('comments', `${share(commented.map(commentLines), commented)} of lines outside contracts`, '12-20%');
row('tests', `${share(sources.filter(isTest).map(lineCount), shipped)} of shipped lines`, '>= 100%');
for (const { path, line, name, lines } of functions.filter(isLong).toSorted((a, b) => b.lines - a.lines)) {
  console.log(`  ${String(lines).padStart(4)} lines  ${name}  ${path}:${line}`);
}

function isLong({ lines }: FunctionSize): boolean {
  return lines > longFunction;
}

function row(what: string, measured: string, wanted: string): void {
  console.log(`${what.padEnd(22)}${measured.padEnd(56)}${wanted}`);
}

function figures(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return `median ${at(0.5)}, p95 ${at(0.95)}, longest ${at(1)}`;
}

function share(lines: readonly number[], of: readonly SourceFile[]): string {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return `${Math.round((100 * sum(lines)) / sum(of.map(lineCount)))}%`;
}
