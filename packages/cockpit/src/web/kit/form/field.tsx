import type { ConfigField } from '@kora/runtime/client';
import { type ReactNode, useId } from 'react';
import { Command } from '../command.tsx';
import { Fact, Facts } from '../facts.tsx';
import { oneLine, plain } from '../plain.ts';

/** One thing to fill in; one that is closed shows what stands there, why, and the command. */
export type FieldSpec = ConfigField;

const box = 'rounded-sm border border-line-strong bg-surface px-2 aria-invalid:border-stopped';

interface FieldProps {
  readonly field: FieldSpec;
  /** Why what was filled in was refused. */
  readonly wrong: string | undefined;
}

export function Field({ field, wrong }: FieldProps): ReactNode {
  const id = useId();
  const { kind, required = false, closed } = field;
  if (closed !== undefined) return <Closed field={field} closed={closed} />;
  const help = helpOf(field);
  const described = [help === '' ? '' : `${id}-help`, wrong === undefined ? '' : `${id}-wrong`];
  const control = (
    <Control field={field} id={id} described={described.join(' ').trim()} isWrong={wrong !== undefined} />
  );
  return (
    <div className="space-y-1">
      <label htmlFor={id} className={kind === 'boolean' ? 'flex items-center gap-2' : 'block space-y-1'}>
        {kind === 'boolean' ? control : null}
        <span className="text-xs text-dim">
          {oneLine(field.label)}
          {required ? ' (needed)' : ''}
        </span>
        {kind === 'boolean' ? null : control}
      </label>
      {help === '' ? null : (
        <p id={`${id}-help`} className="text-xs text-dim wrap-anywhere">
          {plain(help)}
        </p>
      )}
      {wrong === undefined ? null : (
        <p id={`${id}-wrong`} className="text-xs text-stopped wrap-anywhere">
          {plain(wrong)}
        </p>
      )}
    </div>
  );
}

/** What it is about, what may stand there, and what holds where nothing does. */
function helpOf({ help, min, max, integer, usual, kind }: FieldSpec): string {
  const [from, to] = [min === undefined ? '' : `from ${min}`, max === undefined ? '' : `to ${max}`];
  const bounds = [from, to].filter((each) => each !== '').join(' ');
  const many = kind === 'lines' && bounds !== '' ? `${bounds} lines` : bounds;
  const whole = kind === 'number' && integer === true ? 'whole' : '';
  const takes = [whole, many].filter((each) => each !== '').join(', ');
  return [help ?? '', takes, usual === undefined ? '' : `usually ${usual === '' ? 'nothing' : usual}`]
    .filter((each) => each !== '')
    .join('; ');
}

interface ClosedProps {
  readonly field: FieldSpec;
  readonly closed: NonNullable<FieldSpec['closed']>;
}

function Closed({ field, closed }: ClosedProps): ReactNode {
  return (
    <div className="space-y-1">
      <p className="text-xs text-dim">{oneLine(field.label)}</p>
      <p className="font-mono text-xs wrap-anywhere">{plain(textOf(field)) || 'not set'}</p>
      <p className="text-xs text-dim">Not from a page: {plain(closed.why)}.</p>
      <Command>{closed.command}</Command>
    </div>
  );
}

/** What stands there, for whoever may only look. */
export function Values({ fields }: { readonly fields: readonly FieldSpec[] }): ReactNode {
  return (
    <div className="p-3">
      <Facts>
        {fields.map((field) => (
          <Fact key={field.name} name={oneLine(field.label)}>
            <span className="font-mono text-xs whitespace-pre-wrap wrap-anywhere">
              {plain(textOf(field)) ||
                (field.usual === undefined ? 'not set' : `usually ${plain(field.usual)}`)}
            </span>
          </Fact>
        ))}
      </Facts>
    </div>
  );
}

function textOf({ value }: FieldSpec): string {
  if (Array.isArray(value)) return value.join('\n');
  return value === null || value === undefined ? '' : String(value);
}

interface ControlProps {
  readonly field: FieldSpec;
  readonly id: string;
  readonly described: string;
  readonly isWrong: boolean;
}

function Control({ field, id, described, isWrong }: ControlProps): ReactNode {
  const { name, kind, value, required = false, choices = [], min, max, integer, unit } = field;
  const text = textOf(field);
  const common = {
    id,
    name: `field.${name}`,
    'aria-describedby': described === '' ? undefined : described,
    'aria-invalid': isWrong ? true : undefined,
  };
  if (kind === 'boolean')
    return <input {...common} type="checkbox" defaultChecked={value === true} className="size-4" />;
  if (kind === 'choice')
    return (
      <select {...common} required={required} defaultValue={text} className={`${box} h-8 w-full`}>
        {text === '' || !required ? <option value="">-</option> : null}
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {oneLine(choice.label)}
          </option>
        ))}
      </select>
    );
  if (kind === 'lines' || kind === 'json')
    return (
      <textarea
        {...common}
        required={required}
        rows={4}
        defaultValue={text}
        className={`${box} w-full py-1 font-mono text-xs`}
      />
    );
  if (kind !== 'number')
    return (
      <input
        {...common}
        type="text"
        maxLength={20_000}
        required={required}
        defaultValue={text}
        className={`${box} h-8 w-full`}
      />
    );
  return (
    <span className="flex items-center gap-2">
      <input
        {...common}
        type="number"
        step={integer === true ? 1 : 'any'}
        min={min}
        max={max}
        required={required}
        defaultValue={text}
        className={`${box} h-8 w-full`}
      />
      {unit === undefined ? null : <span className="shrink-0 text-dim">{oneLine(unit)}</span>}
    </span>
  );
}
