import type { AnyTRPCProcedure } from '@trpc/server';
import { fastifyTRPCPlugin } from '@trpc/server/adapters/fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Face } from '../config.ts';
import type { Meta } from '../trpc.ts';
import { JSON_BODY_BYTES } from './server.ts';

interface ContextRequest {
  readonly req: FastifyRequest;
  readonly res: FastifyReply;
  readonly info: { readonly calls: readonly { readonly procedure: AnyTRPCProcedure | null }[] };
}

/** The typed face: every procedure under `/trpc`, for the SDK and any tRPC client. */
export const rpc = (): Face => ({
  name: 'rpc',
  mount: async ({ http, router, contextOf, app }) => {
    await http.register(fastifyTRPCPlugin, {
      prefix: '/trpc',
      trpcOptions: {
        router,
        createContext: async ({ req, res, info }: ContextRequest) => {
          const asking = info.calls.filter(
            ({ procedure }) => procedure && (procedure._def.meta as Meta).access !== 'open',
          ).length;
          const context = contextOf(req, res, Math.max(1, asking));
          // The headers of a streamed reply leave before its procedures run. They tell of a failure themselves.
          if (asking > 0) await context.caller().catch(() => undefined);
          return context;
        },
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
