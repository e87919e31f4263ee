import { recordProcedures } from '@contact360/server';
import { contact } from './fields.ts';

/** Questions about contacts, and creating them. */
export const router = recordProcedures(contact);
