import { clouds, type Cloud } from "../cloud/clouds";
import { hostsText, isHostOf, knownApis, readWrittenApi, type KnownApi } from "./knownApis";

/** Why something cannot be, and what to do. */
export type Refusal = readonly [reason: string, repair: string];

/** An API as outputs name it. */
export interface NamedApi {
  /** A GUID. */
  readonly clientId: string;
  readonly name: string;
  /** What tokens are asked for, without `/.default`. */
  readonly audience: string;
}

/** Those of some APIs that a text names: by name, well-known name, client ID or application ID URI. */
export function apisNamed<Api extends NamedApi>(text: string, apis: readonly Api[]): Api[] {
  const written = readWrittenApi(text);
  const same = (one: string): boolean => withoutSlash(one) === withoutSlash(text);
  return apis.filter(
    ({ clientId, name, audience }) =>
      (written.kind === "clientId" && written.clientId === clientId.toLowerCase()) ||
      same(name) ||
      same(audience),
  );
}

function withoutSlash(text: string): string {
  return text.toLowerCase().replace(/\/$/, "");
}

/**
 * Why a token for an API must not go to a URL; undefined when it may.
 *
 * @param url With https.
 * @param known The API, where it is a well-known one; undefined for a company's own.
 */
export function apiAddressFault(cloud: Cloud, url: URL, known: KnownApi | undefined): Refusal | undefined {
  const { hostname, username, password, hash, port } = url;
  if (username !== "" || password !== "" || hash !== "" || port !== "") {
    return [
      "A URL of an API has no user name, no password, no port and no fragment.",
      `Name it as https://${hostname}${url.pathname}${url.search}`,
    ];
  }
  if (known !== undefined) {
    if (isHostOf(cloud, known, hostname)) return undefined;
    return [
      `A token for ${known.title} goes only where that API is, and this host is not its own in ${cloud.title}.`,
      `Name a URL at ${hostsText(cloud, known) ?? "its own address"}.`,
    ];
  }
  const other = knownApis.find((api) => Object.values(clouds).some((one) => isHostOf(one, api, hostname)));
  if (other !== undefined) {
    return [
      `${hostname} is ${other.title}, another API than the one that the token is for.`,
      "Name a URL of the API itself.",
    ];
  }
  if (!/^(?=.*[a-z])[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(hostname) || hostname.endsWith(".localhost")) {
    return [
      "An API is reached by a public name, not by an address or a name of this machine.",
      "Name a URL such as https://api.contoso.com/orders",
    ];
  }
  return undefined;
}
