declare module 's3rver' {
  /** A server of S3's protocol on a folder. It checks no signatures of version 4 and cannot abort uploads. */
  export default class S3rver {
    constructor(options: {
      address: string;
      port: number;
      silent: boolean;
      directory: string;
      configureBuckets: { name: string }[];
    });
    run(): Promise<{ port: number }>;
    close(): Promise<void>;
  }
}
