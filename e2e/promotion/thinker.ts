import type { Asked, Step } from '../model-server/script.ts';

/** What somebody who thinks knows about a question. */
export interface Known {
  readonly answer: string;
  /** What it must look up first, unless the snapshot says it. */
  readonly tool?: { readonly name: string; readonly input: object };
  /** The small model is not up to it. */
  readonly isHard?: boolean;
}

/**
 * The models of a house, as far as a question goes: they answer what the test taught them, ask a tool for what stands
 * nowhere in the snapshot that they are shown, and the small one says so where it is not sure.
 */
export class Thinker {
  readonly #known = new Map<string, Known>();
  /** A tool that they want whether or not they were offered it. */
  insistsOn: string | null = null;

  teach(text: string, known: Known): void {
    this.#known.set(text, known);
  }

  readonly script = (asked: Asked): Step => {
    const said = asked.messages.filter(({ role }) => role === 'user').map(({ text }) => text);
    const known = [...this.#known].findLast(([text]) => said.some((each) => each.includes(text)))?.[1];
    if (known === undefined) return { text: 'Nothing is known of that, and nothing was asked for it.' };
    const looked = asked.messages.some(({ results }) => results.length > 0);
    if (this.insistsOn !== null && !looked) return { tools: [{ name: this.insistsOn, input: {} }] };
    const { tool, isHard = false, answer } = known;
    if (isHard && asked.model === 'scripted-small') return { text: 'I am not sure how that is to be done.' };
    const isShown =
      tool !== undefined && said.some((text) => new RegExp(String.raw`"${tool.name}":\d`).test(text));
    if (tool !== undefined && !isShown && !looked) return { tools: [tool] };
    return { text: answer };
  };
}
