/** A place in S3-compatible object storage. */
export interface S3Place {
  /** `https://host:port/bucket` */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** What the keys of all files begin with: `""`, or ends with `/`. */
  readonly prefix: string;
}

export const STORAGE_URL_FORM = 's3://KEY:SECRET@HOST[:PORT]/BUCKET[/FOLDER][?region=us-east-1][&tls=false]';

/** Reads {@link STORAGE_URL_FORM}; characters that mean something in a URL are percent-encoded. `undefined` for anything else. */
export function parseStorageUrl(text: string): S3Place | undefined {
  const url = URL.parse(text);
  if (url?.protocol !== 's3:' || !url.username || !url.password || !url.hostname) return undefined;
  const [bucket, ...folders] = url.pathname.split('/').filter(Boolean);
  const { region = 'us-east-1', tls = 'true', ...unknown } = Object.fromEntries(url.searchParams);
  if (!bucket || !/^(true|false)$/.test(tls) || Object.keys(unknown).length > 0) return undefined;
  const accessKeyId = decoded(url.username);
  const secretAccessKey = decoded(url.password);
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return {
    endpoint: `${tls === 'true' ? 'https' : 'http'}://${url.host}/${bucket}`,
    region,
    accessKeyId,
    secretAccessKey,
    prefix: folders.map((folder) => `${folder}/`).join(''),
  };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
