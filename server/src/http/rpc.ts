import { fastifyTRPCPlugin } from '@trpc/server/adapters/fastify';
import type { Face } from '../config.ts';
import { JSON_BODY_BYTES } from './server.ts';

/** The typed face: every procedure under `/trpc`, for the SDK and any tRPC client. */
export const rpc = (): Face => ({
  name: 'rpc',
  mount: async ({ http, router, contextOf, app }) => {
    await http.register(fastifyTRPCPlugin, {
      prefix: '/trpc',
      trpcOptions: {
        router,
        createContext: ({ req }: { req: Parameters<typeof contextOf>[0] }) => contextOf(req),
        maxBodySize: JSON_BODY_BYTES,
        // Filters may be longer than an address: clients send questions as POST.
        allowMethodOverride: true,
        onError: ({ error, path }: { error: { code: string; cause?: unknown }; path: string | undefined }) => {
          if (error.code === 'INTERNAL_SERVER_ERROR')
            app.log.error({ procedure: path, error: error.cause ?? error }, 'A procedure failed');
        },
      },
    } as never);
  },
});
