import { defineErrors } from '@contact360/server';

/** What keys, limits and repeated requests refuse (decisions 50 and 52). */
export const adminErrors = defineErrors('admin', {
  invalid_key: { status: 401, text: 'Given API key is not valid.' },
  rate_limited: { status: 429, text: 'Rate limit exceeded. Please try again later.' },
  batch_too_large: {
    status: 413,
    text: 'This batch has {calls} calls, and an API key may make {limit} in a minute: send smaller batches.',
  },
  key_length: { status: 400, text: 'Idempotency-Key: must have 1 to 255 characters' },
  other_request: { status: 409, text: 'This Idempotency-Key was used for another request; use a new one.' },
  in_flight: { status: 409, text: 'A request with this Idempotency-Key is being answered. Please try again shortly.' },
});
