import pg from 'pg';

const { builtins } = pg.types;

/** One answer may hold this many characters, all its statements together. */
export const longestAnswer = 1_000_000;

const arrays: Readonly<Record<number, number>> = {
  199: builtins.JSON,
  1000: builtins.BOOL,
  1005: builtins.INT2,
  1007: builtins.INT4,
  1009: builtins.TEXT,
  1015: builtins.VARCHAR,
  1016: builtins.INT8,
  1021: builtins.FLOAT4,
  1022: builtins.FLOAT8,
  1185: builtins.TIMESTAMPTZ,
  1231: builtins.NUMERIC,
  2951: builtins.UUID,
  3807: builtins.JSONB,
};

const plainParsers: Readonly<Record<number, (text: string) => unknown>> = {
  [builtins.BOOL]: (text) => text === 't',
  [builtins.INT2]: Number,
  [builtins.INT4]: Number,
  [builtins.INT8]: wholeNumber,
  [builtins.FLOAT4]: finiteNumber,
  [builtins.FLOAT8]: finiteNumber,
  [builtins.JSON]: (text) => JSON.parse(text) as unknown,
  [builtins.JSONB]: (text) => JSON.parse(text) as unknown,
  [builtins.TIMESTAMPTZ]: isoInstant,
};

/** What JSON has a word for, and PostgreSQL's own text for the rest: the same in this process and as a message. */
export class PlainAnswers {
  #left = longestAnswer;

  /** More came than an answer may hold; what came too late is null. */
  get tooLong(): boolean {
    return this.#left < 0;
  }

  getTypeParser(id: number): (text: string) => unknown {
    const parse = parserOf(id);
    return (text) => {
      this.#left -= text.length;
      if (this.#left < 0) return null;
      return parse === undefined ? text : parse(text);
    };
  }
}

function parserOf(id: number): ((text: string) => unknown) | undefined {
  const element = arrays[id];
  if (element === undefined) return plainParsers[id];
  const parse = plainParsers[element] ?? ((text: string) => text);
  return (text) => each(textArray(text), parse);
}

// The driver's own types name no arrays.
const driverParser = pg.types.getTypeParser as (id: number) => (text: string) => unknown[];
/** Arrays of arrays are lists of lists. */
const textArray = driverParser(1009);

function each(list: readonly unknown[], parse: (text: string) => unknown): unknown[] {
  return list.map((one) => {
    if (Array.isArray(one)) return each(one, parse);
    return typeof one === 'string' ? parse(one) : null;
  });
}

function wholeNumber(text: string): number | string {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
}

function finiteNumber(text: string): number | string {
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}

/** From the text of a session in UTC; `infinity`, and years that ISO 8601 writes otherwise, stay as they are. */
function isoInstant(text: string): string {
  return text.replace(/^(\d{4}-\d\d-\d\d) ([\d:.]+)\+00$/, '$1T$2Z');
}
