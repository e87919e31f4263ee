import { isDeepStrictEqual } from 'node:util';
import { LEFT_OUT } from './read.ts';

/** Figures and names that differ from one server to the next: of these the form is compared, not the value. */
const VARYING = new Set(
  (
    'id uuid uuids job_id company_id export_id count total total_contacts total_rows success_count error_count ' +
    'next previous created_at updated_at started_at finished_at generated_at last_sign_in_at access_token ' +
    'refresh_token upload_file_path error_file_path errors_url source version environment'
  ).split(' '),
);

const FORMS: readonly [documented: RegExp, actual: RegExp][] = [
  [/^\d{4}-\d\d-\d\dT[\d:]+Z$/, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/],
  [/^\d{4}-\d\d-\d\dT[\d:]+\.\d{6}Z$/, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/],
  [/^\/path\/to\//, /^(uploads|errors)\/[\w.-]+$/],
  [/uuid|^abc123|^[0-9a-f]{8}-/, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
];

/**
 * Where a reply is not as its document shows it: each of the documented fields is there, with the documented value, or
 * one of its form where it varies. Of a documented list each element is among the actual ones. What a reply has beyond
 * its document is left to clients to ignore.
 */
export function differences(documented: unknown, actual: unknown, url: string, at = 'reply'): string[] {
  const key = /(\w+)(\[\d+\])?$/.exec(at)![1]!;
  const told = (what: string) => [`${at}: documented ${what}, got ${JSON.stringify(actual)}`];
  if (documented === LEFT_OUT) return [];
  if (Array.isArray(documented)) {
    if (!Array.isArray(actual)) return told('a list');
    return documented.flatMap((element, index) => {
      const found = actual.map((each) => differences(element, each, url, `${at}[${index}]`));
      return found.some((faults) => faults.length === 0) ? [] : (found[0] ?? told(JSON.stringify(element)));
    });
  }
  if (documented !== null && typeof documented === 'object') {
    if (actual === null || typeof actual !== 'object') return told('an object');
    return Object.entries(documented).flatMap(([name, value]) =>
      name in actual ? differences(value, actual[name as never], url, `${at}.${name}`) : [`${at}.${name} is missing`],
    );
  }
  if (VARYING.has(key) && documented !== null)
    return hasForm(documented, actual, url) ? [] : told(`like ${JSON.stringify(documented)}`);
  if (typeof documented === 'string' && documented.endsWith('...'))
    return String(actual).startsWith(documented.slice(0, -3)) ? [] : told(documented);
  return isDeepStrictEqual(documented, actual) ? [] : told(JSON.stringify(documented));
}

function hasForm(documented: unknown, actual: unknown, url: string): boolean {
  if (typeof documented === 'number') return Number.isSafeInteger(actual);
  if (typeof documented !== 'string' || typeof actual !== 'string') return false;
  if (documented === 'http://...') return actual.startsWith(`${url}/`);
  if (documented.startsWith('http')) {
    const [from, to] = [new URL(documented), new URL(actual)];
    const path = (text: string) => text.replace(/\/(\d+|[\w-]*\d[\w-]{8,})\//, '/*/');
    const kept = [...from.searchParams.keys()].every((name) => to.searchParams.has(name));
    return to.origin === url && path(to.pathname) === path(from.pathname) && kept;
  }
  const form = FORMS.find(([pattern]) => pattern.test(documented))?.[1];
  return form ? form.test(actual) : actual !== '';
}
