import { type App, type RepeatableRequest, uuidv7, type WholeReply } from '@contact360/server';
import { adminErrors } from './errors.ts';

const MAX_KEY_LENGTH = 255;
const KEPT_HOURS = 24;
/** An attempt whose process died holds its key for at most this long. */
const LEASE_SECONDS = 15;
const RENEW_MS = 5_000;

const CLAIM = `
  insert into idempotent_requests as known (caller, key, fingerprint, attempt, leased_until)
  values ($1, $2, $3, $4, now() + make_interval(secs => $5))
  on conflict (caller, key) do update set
    fingerprint = excluded.fingerprint, attempt = excluded.attempt, leased_until = excluded.leased_until,
    status = null, headers = null, body = null, created_at = now()
  where known.created_at < now() - make_interval(hours => $6)
    or (known.status is null and known.leased_until < now() and known.fingerprint = excluded.fingerprint)
  returning attempt`;

interface Known {
  readonly fingerprint: string;
  readonly status: number | null;
  readonly headers: Record<string, string> | null;
  readonly body: string | null;
}

/**
 * Answers a request that bears an `Idempotency-Key` (decision 52): the first time by `answer`, and for 24 hours with
 * the reply of then. A reply of 500 or above is not kept, so that trying again can help. An attempt whose process died
 * gives its key up within 15 seconds; the retry is then answered anew, whatever the dead attempt had already done.
 */
export async function answerOnce(
  app: App,
  { caller, key, fingerprint }: RepeatableRequest,
  answer: () => Promise<WholeReply>,
): Promise<WholeReply> {
  if (key.length < 1 || key.length > MAX_KEY_LENGTH) throw adminErrors.key_length();
  const who = caller.kind === 'key' ? `key:${caller.keyId}` : `user:${caller.userId}`;
  const attempt = uuidv7();
  for (;;) {
    const { rowCount } = await app.pool.query(CLAIM, [who, key, fingerprint, attempt, LEASE_SECONDS, KEPT_HOURS]);
    if (rowCount) return perform(app, [who, key, attempt], answer);
    const { rows } = await app.pool.query<Known>(
      'select fingerprint, status, headers, body from idempotent_requests where caller = $1 and key = $2',
      [who, key],
    );
    const known = rows[0];
    // It was given up since it was in the way.
    if (!known) continue;
    if (known.fingerprint !== fingerprint) throw adminErrors.other_request();
    if (known.status === null) throw adminErrors.in_flight({}, { hint: { retryAfter: 1 } });
    const headers = { ...known.headers, 'idempotent-replayed': 'true' };
    return { status: known.status, headers, body: known.body ?? undefined };
  }
}

/** Answers under a lease, and keeps the reply unless the lease was lost. */
async function perform(
  { pool, log }: App,
  claim: readonly [caller: string, key: string, attempt: string],
  answer: () => Promise<WholeReply>,
): Promise<WholeReply> {
  const mine = 'where caller = $1 and key = $2 and attempt = $3 and status is null';
  // The caller gets the reply even if it cannot be kept; the lease then ends by itself.
  const attend = (statement: string, values: readonly unknown[] = []) =>
    pool
      .query(`${statement} ${mine}`, [...claim, ...values])
      .catch((error: unknown) => log.error({ error }, 'The state of an idempotent request was not stored'));
  const renewal = setInterval(
    () => attend('update idempotent_requests set leased_until = now() + make_interval(secs => $4)', [LEASE_SECONDS]),
    RENEW_MS,
  );
  let reply: WholeReply | undefined;
  try {
    reply = await answer();
    return reply;
  } finally {
    clearInterval(renewal);
    if (!reply || reply.status >= 500) await attend('delete from idempotent_requests');
    else
      await attend('update idempotent_requests set status = $4, headers = $5, body = $6', [
        reply.status,
        JSON.stringify(reply.headers),
        reply.body ?? null,
      ]);
  }
}

/** Forgets requests whose time is over. */
export async function forgetOldRequests({ pool }: App): Promise<void> {
  await pool.query('delete from idempotent_requests where created_at < now() - make_interval(hours => $1)', [
    KEPT_HOURS,
  ]);
}
