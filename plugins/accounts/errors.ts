import { defineErrors } from '@contact360/server';

/** What signing in and out refuses (decision 49); `fields` name the refused field for the dialects that want it. */
export const accountErrors = defineErrors('accounts', {
  email_taken: { status: 400, text: 'Email already exists' },
  wrong_credentials: { status: 400, text: 'Invalid email or password' },
  account_disabled: { status: 400, text: 'User account is disabled' },
  invalid_refresh_token: { status: 400, text: 'Token is invalid or expired' },
  too_many_failures: { status: 429, text: 'Too many failed sign-ins. Try again in {seconds} seconds.' },
  role_too_high: { status: 403, text: 'You may not give a role above your own, nor change a user who has one.' },
  own_account: { status: 400, text: 'You cannot switch off your own account' },
});
