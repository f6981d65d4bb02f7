import { readConfiguration } from '../configuration.ts';
import type { Run } from '../context.ts';
import { problemOf } from '../fault.ts';

export const validate: Run = async (context) => {
  const { host, out } = context;
  try {
    const { file } = await readConfiguration(context);
    out.result({ valid: true, file }, () => [
      file === null ? 'no configuration file; the defaults hold' : `valid  ${file}`,
    ]);
    return 'ok';
  } catch (error) {
    // The copy that read it knows its codes.
    const problem = problemOf(error, (await host.runtime.composing(host.cwd)).module.faultTable);
    out.problem(problem);
    return problem.exit;
  }
};
