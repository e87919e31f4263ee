import { isEmail, normalizeText, ROLES } from '@contact360/server';
import { z } from 'zod';

const NO_TEXT = 'Input should be a valid string';
const NO_NUL = 'must not contain a NUL character';
const charactersOf = (text: string) => [...text].length;
const hasNoNul = (text: string) => !text.includes('\0');

const atMost = (maximum: number) =>
  z
    .string(NO_TEXT)
    .refine((text) => charactersOf(text) <= maximum, {
      error: `String should have at most ${maximum} characters`,
      abort: true,
    })
    .meta({ maxLength: maximum });
/** Text of at most so many characters, as it is stored (decision 10). */
const line = (maximum: number) => atMost(maximum).refine(hasNoNul, NO_NUL).overwrite(normalizeText);
const required = (maximum: number) => line(maximum).refine((text) => text !== '', 'This field may not be blank.');

/** 254 characters is what mail can carry (RFC 5321). */
const MAX_EMAIL = 254;
const email = required(MAX_EMAIL)
  .refine(isEmail, 'value is not a valid email address')
  .toLowerCase()
  .meta({ format: 'email' });

const MIN_PASSWORD = 8;
export const MAX_PASSWORD = 128;
const newPassword = atMost(MAX_PASSWORD)
  .refine((text) => charactersOf(text) >= MIN_PASSWORD, `String should have at least ${MIN_PASSWORD} characters`)
  .refine(hasNoNul, NO_NUL)
  .meta({ minLength: MIN_PASSWORD, format: 'password' });

const place = line(255).nullish();
/** What a client knows of where it is; kept with the session. */
const geolocation = z
  .object({
    ip: place,
    continent: place,
    continent_code: place,
    country: place,
    country_code: place,
    region: place,
    region_name: place,
    city: place,
    district: place,
    zip: place,
    lat: z.number().nullish(),
    lon: z.number().nullish(),
    timezone: place,
    offset: z.int().nullish(),
    currency: place,
    isp: place,
    org: place,
    asname: place,
    reverse: place,
    device: place,
    proxy: z.boolean().nullish(),
    hosting: z.boolean().nullish(),
  })
  .nullish()
  .meta({ description: 'Where the client is, as it knows; kept with the session' });

export const registerInput = z
  .object({ name: required(255), email, password: newPassword, geolocation })
  .meta({ id: 'UserRegister' });

export const loginInput = z
  .object({
    email: line(MAX_EMAIL).toLowerCase(),
    password: z.string(NO_TEXT).refine(hasNoNul, NO_NUL).meta({ format: 'password' }),
    geolocation,
  })
  .meta({ id: 'UserLogin' });

const token = z.string(NO_TEXT).refine(hasNoNul, NO_NUL);
export const refreshInput = z.object({ refresh_token: token }).meta({ id: 'RefreshTokenRequest' });
export const logoutInput = z.object({ refresh_token: token.nullish() }).meta({ id: 'LogoutRequest' });

export const setRoleInput = z.object({ user: z.uuid().describe('The user’s uuid'), role: z.enum(ROLES) });

const person = z.object({ uuid: z.uuid(), email: z.string() });
/** What a sign-in gives. Tokens are JWTs; the access token goes into `Authorization: Bearer …`. */
export const tokensOutput = z.object({ access_token: z.string(), refresh_token: z.string(), user: person });
export const sessionOutput = z.object({
  user: person.extend({ name: z.string(), role: z.enum(ROLES) }),
  last_sign_in_at: z.iso.datetime().nullable().describe('Null before the first login'),
});

export type RegisterInput = z.output<typeof registerInput>;
export type LoginInput = z.output<typeof loginInput>;
export type TokensOutput = z.output<typeof tokensOutput>;
export type SessionOutput = z.output<typeof sessionOutput>;
