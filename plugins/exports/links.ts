import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { type App, parseUuid } from '@contact360/server';

/**
 * The tokens of download links: what is signed is the export and when it expires, so that a token opens one file for as
 * long as it exists (decision 47). The key is derived from the secret that sessions are signed with, so that every
 * process accepts the links of every other.
 */
export class Links {
  readonly #key: Buffer;

  constructor(secret: string) {
    this.#key = Buffer.from(hkdfSync('sha256', secret, '', 'contact360 download links', 32));
  }

  static async of({ settings, secrets }: App): Promise<Links> {
    return new Links(settings.JWT_SECRET ?? (await secrets.get('jwt-secret')));
  }

  token(exportId: string, expiresAt: Date): string {
    const claims = Buffer.alloc(CLAIMS_BYTES);
    claims.write(exportId.replaceAll('-', ''), 'hex');
    claims.writeUIntBE(expiresAt.getTime(), UUID_BYTES, TIME_BYTES);
    return Buffer.concat([claims, this.#sign(claims)]).toString('base64url');
  }

  /** What a token of ours opens and until when; `undefined` for any other text. */
  read(token: string): { exportId: string; expiresAt: Date } | undefined {
    const bytes = Buffer.from(token, 'base64url');
    if (bytes.length !== CLAIMS_BYTES + SIGNATURE_BYTES) return undefined;
    const claims = bytes.subarray(0, CLAIMS_BYTES);
    if (!timingSafeEqual(this.#sign(claims), bytes.subarray(CLAIMS_BYTES))) return undefined;
    return {
      exportId: parseUuid(claims.toString('hex', 0, UUID_BYTES))!,
      expiresAt: new Date(claims.readUIntBE(UUID_BYTES, TIME_BYTES)),
    };
  }

  #sign(claims: Buffer): Buffer {
    return createHmac('sha256', this.#key).update(claims).digest();
  }
}

const UUID_BYTES = 16;
/** Milliseconds since 1970. */
const TIME_BYTES = 6;
const CLAIMS_BYTES = UUID_BYTES + TIME_BYTES;
const SIGNATURE_BYTES = 32;
