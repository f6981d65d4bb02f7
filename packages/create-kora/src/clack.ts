import { confirm, isCancel, select, text } from '@clack/prompts';
import type { Kind } from './arguments.ts';
import type { Questions } from './questions.ts';
import { CreateRefusal } from './refusal.ts';

export const clackQuestions: Questions = {
  kind: async () =>
    answered(
      await select<Kind>({
        message: 'What is it to be?',
        options: [
          { value: 'host', label: 'a host project', hint: 'runs Kora, with the plugins you add' },
          { value: 'plugin', label: 'a plugin', hint: 'to publish, for host projects to install' },
        ],
      }),
    ),
  folder: async (usual) =>
    answered(await text({ message: 'In which folder?', initialValue: usual, defaultValue: usual })),
  id: async (proposed, problem) =>
    answered(
      await text({
        message: 'What is the plugin called?',
        initialValue: proposed,
        validate: (id) => problem(id ?? ''),
      }),
    ),
  install: async (manager) => answered(await confirm({ message: `Install with ${manager} now?` })),
};

function answered<T>(answer: T): Exclude<T, symbol> {
  if (isCancel(answer)) throw new CreateRefusal('CREATE_KORA_CANCELLED', 'nothing was written');
  return answer as Exclude<T, symbol>;
}
