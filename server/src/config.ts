import type { AnyTRPCRouter } from '@trpc/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { App } from './app.ts';
import type { HttpServer } from './http/server.ts';
import type { Plugin, PluginDefinition } from './plugin.ts';
import type { Context } from './trpc.ts';

export type AnyPlugin = PluginDefinition<string, {}>;

/** What a face is mounted on. */
export interface FaceHost {
  readonly app: App;
  readonly http: FastifyInstance;
  readonly replyToErrorsWith: HttpServer['replyToErrorsWith'];
  readonly router: AnyTRPCRouter;
  readonly plugins: readonly AnyPlugin[];
  /** The context of a request that calls so many procedures, one if it is not said; limits put their headers on the reply. */
  readonly contextOf: (request: FastifyRequest, reply: FastifyReply, calls?: number) => Context;
}

/** A way in: it offers the procedures over HTTP in its own manner. */
export interface Face {
  readonly name: string;
  readonly mount: (host: FaceHost) => Promise<void>;
}

export interface Config {
  readonly plugins: readonly Plugin[];
  readonly faces: readonly Face[];
}

/** The whole product: its plugins and the faces they are offered through. */
export function defineConfig(config: Config): Config {
  return config;
}
