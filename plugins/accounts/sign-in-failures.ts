import type { App } from '@contact360/server';
import { accountErrors } from './errors.ts';

/** This many failed sign-ins of one account from one address within the window close it until the window ends. */
export const MOST_FAILURES = 10;
const WINDOW_SECONDS = 15 * 60;

/** What is counted: an account (whether it exists or not) as tried from an address. Processes share the counts. */
export interface Attempt {
  readonly account: string;
  readonly address: string;
}

/** Throws `accounts.too_many_failures`, with the seconds to wait, when there were too many of late. */
export async function refuseAfterFailures({ pool }: App, { account, address }: Attempt): Promise<void> {
  const { rows } = await pool.query<{ seconds: number }>(
    `select ceil(extract(epoch from since - now()) + $3::int)::int as seconds from sign_in_failures
     where account = $1 and address = $2 and failures >= $4 and since > now() - make_interval(secs => $3::int)`,
    [account, address, WINDOW_SECONDS, MOST_FAILURES],
  );
  const seconds = rows[0]?.seconds;
  if (seconds !== undefined) throw accountErrors.too_many_failures({ seconds }, { hint: { retryAfter: seconds } });
}

export async function countFailure({ pool }: App, { account, address }: Attempt): Promise<void> {
  await pool.query(
    `insert into sign_in_failures as old (account, address, failures, since) values ($1, $2, 1, now())
     on conflict (account, address) do update set
       failures = case when old.since > now() - make_interval(secs => $3) then old.failures + 1 else 1 end,
       since = case when old.since > now() - make_interval(secs => $3) then old.since else now() end`,
    [account, address, WINDOW_SECONDS],
  );
}

export async function forgetFailures({ pool }: App, { account, address }: Attempt): Promise<void> {
  await pool.query('delete from sign_in_failures where account = $1 and address = $2', [account, address]);
}

/** Deletes the counts of windows that are over. */
export async function forgetOldFailures({ pool }: App): Promise<void> {
  await pool.query('delete from sign_in_failures where since < now() - make_interval(secs => $1)', [WINDOW_SECONDS]);
}
