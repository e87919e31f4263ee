import { parseUuid, recordErrors } from '@contact360/server';

/** What a record is found by. */
export type Identity = { readonly uuid: string } | { readonly id: number };

/** A path parameter that is a uuid or a row number (decision 16); what is neither is not found. */
export function identityOf(text: string): Identity {
  const uuid = parseUuid(text);
  return uuid === undefined ? rowIdentityOf(text) : { uuid };
}

/** A path parameter that is a row number; anything else is not found. */
export function rowIdentityOf(text: string): { readonly id: number } {
  const id = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(id)) throw recordErrors.not_found();
  return { id };
}
