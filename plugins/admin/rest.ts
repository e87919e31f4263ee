import {
  type Binding,
  coreErrors,
  parseBoolean,
  parseUuid,
  ROLES,
  WireReply,
  type WireRequest,
} from '@contact360/server';
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { SCOPES } from './entities.ts';
import {
  type CreatedKeyOutput,
  createKeyInput,
  type KeyOutput,
  type KeysOutput,
  listUsersInput,
  type QueuesOutput,
  type UserOutput,
  type UsersOutput,
} from './schemas.ts';

const base = '/api/v4/admin';
const tag = 'admin';

const moment = z.iso.datetime();
const keySchema = z.object({
  id: z.uuid(),
  name: z.string(),
  prefix: z.string().describe('How the key begins'),
  scope: z.enum(SCOPES),
  created_by: z.uuid(),
  created_at: moment,
  last_used_at: moment.nullable(),
  revoked_at: moment.nullable(),
});
const apiKey = keySchema.meta({ id: 'ApiKey' });
const createdKey = keySchema
  .extend({ key: z.string().describe('The key, shown this once') })
  .meta({ id: 'ApiKeyCreated' });
const keyPage = z.object({ api_keys: z.array(apiKey), total: z.int() }).meta({ id: 'ApiKeyPage' });
const user = z
  .object({
    uuid: z.uuid(),
    email: z.string(),
    name: z.string(),
    role: z.string(),
    is_active: z.boolean(),
    created_at: moment,
    last_sign_in_at: moment.nullable(),
  })
  .meta({ id: 'AdminUser' });
const userPage = z.object({ users: z.array(user), total: z.int() }).meta({ id: 'AdminUserPage' });
const userUpdate = z
  .object({ role: listUsersInput.shape.role, is_active: z.boolean().optional() })
  .meta({ id: 'AdminUserUpdate' });
const queues = z
  .object({
    queues: z.array(
      z.object({
        name: z.string(),
        schedule: z.string().nullable(),
        waiting: z.int(),
        running: z.int(),
        completed: z.int(),
        failed: z.int(),
        oldest_waiting_at: moment.nullable(),
        last_finished_at: moment.nullable(),
      }),
    ),
  })
  .meta({ id: 'QueueStates' });
const pageQuery = z.object({ limit: z.int().min(1).max(1000).optional(), offset: z.int().min(0).optional() });

const wholeSeconds = <T extends string | null>(time: T) => (time && `${time.slice(0, 19)}Z`) as T;

const encodeKey = ({ id, name, prefix, scope, createdBy, createdAt, lastUsedAt, revokedAt }: KeyOutput) => ({
  id,
  name,
  prefix,
  scope,
  created_by: createdBy,
  created_at: wholeSeconds(createdAt),
  last_used_at: wholeSeconds(lastUsedAt),
  revoked_at: wholeSeconds(revokedAt),
});

const encodeUser = ({ id, email, name, role, isActive, createdAt, lastSignInAt }: UserOutput) => ({
  uuid: id,
  email,
  name,
  role,
  is_active: isActive,
  created_at: wholeSeconds(createdAt),
  last_sign_in_at: wholeSeconds(lastSignInAt),
});

const wholeNumber = (minimum: number, maximum: number) =>
  z.coerce
    .number('must be a whole number')
    .int('must be a whole number')
    .min(minimum, `must be at least ${minimum}`)
    .max(maximum, `must be at most ${maximum}`)
    .optional();
const pageParameters = z.object({ limit: wholeNumber(1, 1000), offset: wholeNumber(0, 2_147_483_647) });
const userParameters = pageParameters.extend({
  search: z.string('must be given once').optional(),
  role: z.enum(ROLES, `must be one of ${ROLES.join(', ')}`).optional(),
  is_active: z
    .string('must be given once')
    .transform((text, context) => parseBoolean(text) ?? context.addIssue('must be true or false') ?? z.NEVER)
    .optional(),
});

/** Query parameters; one that does not parse is 400 and named (decision 7), an empty one counts as absent. */
function readQuery<T>(schema: z.ZodType<T>, { query }: WireRequest): T {
  const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
  const { data, error } = schema.safeParse(given);
  if (!error) return data;
  const { path, message } = error.issues[0]!;
  throw coreErrors.invalid_parameter({ name: path.join('.'), reason: message });
}

/** A body; its faults are told as those of a procedure's input are (decision 7). */
function readBody<T>(schema: z.ZodType<T>, { body }: WireRequest): T {
  const { data, error } = schema.safeParse(body ?? {});
  if (error) throw new TRPCError({ code: 'BAD_REQUEST', cause: error });
  return data;
}

/** The uuid in a path. What is none names nothing. */
function idOf({ path }: WireRequest, name: string): string {
  const id = parseUuid(path[name] ?? '');
  if (id === undefined) throw coreErrors.not_found();
  return id;
}

export const bindings: readonly Binding[] = [
  {
    dialect: 'v4',
    method: 'POST',
    path: `${base}/api-keys/`,
    procedure: 'admin.createKey',
    access: 'admin',
    status: 201,
    decode: ({ body }) => body ?? {},
    encode: (output: CreatedKeyOutput) => ({ ...encodeKey(output), key: output.key }),
    document: {
      summary: 'Make an API key',
      description: 'The key is in this reply and nowhere else: only its digest is stored.',
      tag,
      body: createKeyInput,
      response: createdKey,
    },
  },
  {
    dialect: 'v4',
    method: 'GET',
    path: `${base}/api-keys/`,
    procedure: 'admin.listKeys',
    access: 'admin',
    decode: (wire) => readQuery(pageParameters, wire),
    encode: ({ items, total }: KeysOutput) => ({ api_keys: items.map(encodeKey), total }),
    document: { summary: 'API keys, newest first, the revoked ones too', tag, query: pageQuery, response: keyPage },
  },
  {
    dialect: 'v4',
    method: 'DELETE',
    path: `${base}/api-keys/{key_id}/`,
    procedure: 'admin.revokeKey',
    access: 'admin',
    status: 204,
    decode: (wire) => ({ id: idOf(wire, 'key_id') }),
    encode: () => new WireReply({ status: 204 }),
    document: { summary: 'Revoke an API key, from its next request on', tag },
  },
  {
    dialect: 'v4',
    method: 'GET',
    path: `${base}/users/`,
    procedure: 'admin.listUsers',
    access: 'admin',
    decode: (wire) => {
      const { is_active: isActive, ...parameters } = readQuery(userParameters, wire);
      return { ...parameters, isActive };
    },
    encode: ({ items, total }: UsersOutput) => ({ users: items.map(encodeUser), total }),
    document: {
      summary: 'Users, newest first',
      tag,
      query: pageQuery.extend({
        search: listUsersInput.shape.search,
        role: listUsersInput.shape.role,
        is_active: z.boolean().optional(),
      }),
      response: userPage,
    },
  },
  {
    dialect: 'v4',
    method: 'PATCH',
    path: `${base}/users/{user_id}/`,
    procedure: 'admin.updateUser',
    access: 'admin',
    decode: (wire) => {
      const { role, is_active: isActive } = readBody(userUpdate, wire);
      return { id: idOf(wire, 'user_id'), role, isActive };
    },
    encode: encodeUser,
    document: {
      summary: 'Give a user a role, or let them sign in or not',
      description:
        'It counts from their next request; whoever may not sign in loses all sessions. Nobody gives a role above their own or switches off themselves.',
      tag,
      body: userUpdate,
      response: user,
    },
  },
  {
    dialect: 'v4',
    method: 'GET',
    path: `${base}/jobs/`,
    procedure: 'admin.listQueues',
    access: 'admin',
    decode: () => undefined,
    encode: (output: QueuesOutput) => ({
      queues: output.map(({ oldestWaitingAt, lastFinishedAt, ...queue }) => ({
        ...queue,
        oldest_waiting_at: wholeSeconds(oldestWaitingAt),
        last_finished_at: wholeSeconds(lastFinishedAt),
      })),
    }),
    document: {
      summary: 'Background jobs: what waits, runs, succeeded and failed, by kind',
      tag,
      response: queues,
    },
  },
];
