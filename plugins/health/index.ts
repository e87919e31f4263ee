import { definePlugin } from '@contact360/server';
import { bindings } from './rest.ts';
import { router } from './router.ts';

/** Whether the server can answer, and what it is. */
export const health = () => definePlugin({ id: 'health', router, bindings });
