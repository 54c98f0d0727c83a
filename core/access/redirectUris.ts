import { tokenServiceRegions, type Cloud, type TokenServiceRegion } from "../cloud/clouds";

/** Redirect URIs of the Bot Framework's token service, which signs users in for an agent of Copilot Studio, in some regions. */
export function tokenServiceRedirects(
  { name, tokenServices }: Pick<Cloud, "name" | "tokenServices">,
  asked: readonly TokenServiceRegion[] = name === "public"
    ? ["global", "europe"]
    : tokenServiceRegions.filter((region) => tokenServices[region] !== undefined),
): string[] {
  return asked.flatMap((region) => {
    const host = tokenServices[region];
    return host === undefined ? [] : [`https://${host}/.auth/web/redirect`];
  });
}

/**
 * Whether a redirect URI leads to a program on the user's own machine. Entra takes any port there. The app registration
 * has it as a public client's ("Mobile and desktop"): a code that is sent there needs PKCE and no client credential.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/reply-url#localhost-exceptions (read 2026-11)
 */
export function isLoopback(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  const { protocol, hostname } = new URL(uri);
  return protocol === "http:" && ["localhost", "127.0.0.1"].includes(hostname);
}
