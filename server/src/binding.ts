import type { z } from 'zod';
import type { App } from './app.ts';
import type { Access, RequestInfo } from './caller.ts';
import type { Reads } from './data/reads.ts';
import type { AppError } from './errors.ts';

/** The dialects of the REST face (see the specification's README). */
export type Dialect = 'legacy' | 'v1' | 'v2' | 'v3' | 'gateway' | 'v4';
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A request as a binding decodes it. */
export interface WireRequest {
  readonly info: RequestInfo;
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: unknown;
  /** The path and query as they were sent, for links to neighbouring pages. */
  readonly url: string;
  readonly app: App;
  /** Where what the request reads is answered; by the time a reply is encoded it tells what was. */
  readonly reads: Reads;
  /** The uploaded file of a `multipart` binding. */
  readonly upload?: Upload;
}

/** A file that arrived in a multipart body, as a stream of its bytes to be consumed once. */
export interface Upload {
  readonly field: string;
  readonly fileName: string;
  /** As the client says. */
  readonly mediaType: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Whether the bytes ended because the limit was reached. Known once they are consumed. */
  readonly truncated: () => boolean;
  /** The form's other fields by name, before and behind the file. To be asked once the bytes are consumed. */
  readonly fields: () => Promise<Readonly<Record<string, string>>>;
}

/** A reply that is not a JSON body with the binding's own status. */
export class WireReply {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** A value is sent as JSON, text chunks are streamed as they are, `undefined` is an empty body. */
  readonly body: unknown;

  constructor(reply: { status?: number; headers?: Record<string, string>; body?: unknown }) {
    this.status = reply.status;
    this.headers = reply.headers ?? {};
    this.body = reply.body;
  }
}

/** A REST route: method and path lead to a procedure, in the manner of a dialect. */
export interface Binding {
  readonly dialect: Dialect;
  readonly method: Method;
  /** `/api/v1/contacts/{uuid}/`; answered with and without its trailing slash. */
  readonly path: `/${string}`;
  /** `plugin.procedure`; a function where the request decides between two. */
  readonly procedure: string | ((wire: WireRequest) => string);
  /** Who may call this route, where that is not who may call the procedure. */
  readonly access?: Access;
  /** Success status; 200 when absent. */
  readonly status?: number;
  /** Refuses before anything is decoded, for example without a write key. Runs after the procedure's own access check. */
  readonly guard?: (wire: WireRequest) => void;
  /** The procedure's input. Absent: query, body and path parameters together. */
  readonly decode?: (wire: WireRequest) => unknown;
  /** The reply's body, or a {@link WireReply}. Absent: the procedure's output as it is. */
  readonly encode?: (output: never, wire: WireRequest) => unknown;
  /** Puts a failure into the words of this route, before the dialect puts it into its envelope. Absent: as it is. */
  readonly reword?: (error: AppError) => AppError;
  /** `field` names the multipart field that holds the file; the body is then streamed to `decode` as `upload`. */
  readonly multipart?: {
    readonly field: string;
    /** Further fields of the form, with what they mean; all of them may be left out. */
    readonly fields?: Readonly<Record<string, string>>;
  };
  /** Successful replies are kept and served again, to everyone who may call the route, until what they tell has changed. */
  readonly cache?: {
    readonly family: CacheFamily;
    /** Tables of the records that the reply is made of. */
    readonly tables: readonly string[];
  };
  readonly document: BindingDocument;
}

/** Kinds of replies, each with a lifetime of its own in the settings (decision 28). */
export type CacheFamily = 'list' | 'field' | 'analytics';

/** What the OpenAPI document says of a route. */
export interface BindingDocument {
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly response?: z.ZodType;
  /** Media type of a reply that is not JSON. */
  readonly mediaType?: string;
}
