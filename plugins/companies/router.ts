import { recordProcedures } from '@contact360/server';
import { company } from './fields.ts';

/** Questions about companies, and creating them. */
export const router = recordProcedures(company);
