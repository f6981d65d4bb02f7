import { readConfiguration } from '../configuration.ts';
import type { Context, Run } from '../context.ts';
import { problemOf, refusal } from '../fault.ts';
import { indexOf } from '../plugin-index.ts';
import type { LoadedConfiguration } from '../runtime.ts';

export const validate: Run = async (context) => {
  const { host, out } = context;
  try {
    const configuration = await readConfiguration(context);
    await refuseUnfitBlocks(context, configuration);
    const { file } = configuration;
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

/** Each plugin's own block against the schema that its manifest names: none of its code is loaded. */
async function refuseUnfitBlocks(context: Context, configuration: LoadedConfiguration): Promise<void> {
  const { host } = context;
  const { module } = await host.runtime.composing(host.cwd);
  const [home, index] = [await context.home(), await indexOf(context)];
  const seen = await Promise.all(
    index.rows.map(({ id }) => module.pluginConfigOfHome({ configuration, home, index }, id)),
  );
  const [first] = seen.filter(({ schema, problems }) => schema !== null && problems.length > 0);
  if (first === undefined) return;
  const told = first.problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw refusal('KORA_CONFIG_INVALID', `${first.file}: ${told}`, `kora plugin config ${first.plugin}`);
}
