/** As the domain name system has it (RFC 1035). */
const MAX_HOST_LENGTH = 253;

/** The host name of a web address without `www.`, as companies are told apart by; `undefined` when it has none. */
export function domainOf(website: string): string | undefined {
  const withScheme = /^[a-z][a-z\d+.-]*:\/\//i.test(website) ? website : `http://${website}`;
  try {
    const host = new URL(withScheme).hostname
      .toLowerCase()
      .replace(/^www\./, '')
      .replace(/\.$/, '');
    return host.length <= MAX_HOST_LENGTH && (host.includes('.') || host === 'localhost') ? host : undefined;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
