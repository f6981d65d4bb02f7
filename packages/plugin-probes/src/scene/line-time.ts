const iso = /(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(?:\s?(Z|UTC|[+-]\d\d:?\d\d))?/;
/** `[21/Nov/2026:10:02:10 +0000]`, as web servers date a request. */
const request = /\b(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d)(?:\s([+-]\d{4}))?/;
/** `Nov 21 10:02:10`, as syslog dates a line, without a year. */
const calendar = /^(?:<\d{1,3}>)?([A-Z][a-z]{2})\s{1,2}(\d{1,2}) (\d\d:\d\d:\d\d)\b/;
/** `"time":1795255330250`, seconds or milliseconds since 1970. */
const epoch = /"(?:time|ts|timestamp)"\s?:\s?(\d{10}(?:\.\d{1,6})?|\d{13})\b/;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** Where a line says its time, it says so near its beginning. */
const near = 160;
const dayMs = 86_400_000;

/**
 * When a line was written, as far as it says so; milliseconds since 1970, UTC where it names no zone. A line without a
 * year is of the year before `now`.
 */
export function lineTime(text: string, now: number): number | null {
  const head = text.length > near ? text.slice(0, near) : text;
  return fromIso(head) ?? fromRequest(head) ?? fromCalendar(head, now) ?? fromEpoch(head);
}

function fromIso(head: string): number | null {
  const [, year, month, day, time, fraction = '0', zone = 'Z'] = iso.exec(head) ?? [];
  if (year === undefined) return null;
  return parsed(
    `${year}-${month ?? ''}-${day ?? ''}T${time ?? ''}.${fraction}${zone === 'UTC' ? 'Z' : zone}`,
  );
}

function fromRequest(head: string): number | null {
  const [, day, name = '', year, time, zone = '+0000'] = request.exec(head) ?? [];
  if (day === undefined) return null;
  return parsed(`${year ?? ''}-${monthOf(name)}-${day}T${time ?? ''}${zone.slice(0, 3)}:${zone.slice(3)}`);
}

function fromCalendar(head: string, now: number): number | null {
  const [, name = '', day = '', time] = calendar.exec(head) ?? [];
  if (time === undefined) return null;
  const year = new Date(now).getUTCFullYear();
  const rest = `-${monthOf(name)}-${day.padStart(2, '0')}T${time}Z`;
  const at = parsed(`${year}${rest}`);
  return at !== null && at > now + dayMs ? parsed(`${year - 1}${rest}`) : at;
}

function fromEpoch(head: string): number | null {
  const digits = epoch.exec(head)?.[1];
  if (digits === undefined) return null;
  return /^\d{13}$/.test(digits) ? Number(digits) : Math.round(Number(digits) * 1_000);
}

function monthOf(name: string): string {
  return String(months.indexOf(name) + 1).padStart(2, '0');
}

function parsed(text: string): number | null {
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}
