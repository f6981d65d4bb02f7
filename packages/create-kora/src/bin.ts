import { clackQuestions } from './clack.ts';
import { main } from './main.ts';

process.exitCode = await main(process.argv.slice(2), {
  cwd: process.cwd(),
  env: process.env,
  // Whoever pipes in or out is a script, and a script is asked nothing.
  questions: process.stdin.isTTY && process.stdout.isTTY ? clackQuestions : undefined,
  say: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
});
