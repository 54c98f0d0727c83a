import { readFileSync } from "node:fs";
import { pemCertificate } from "../../pemCertificate";
import { EmulatorError } from "../../errors";

/** Set by the process that serves the emulated Azure, for the processes that it starts: its proxy, once more. */
export const emulatorMarker = "COPILOT_TOKEN_EMULATOR";

/** How to reach the emulated Azure, and nothing else. */
export interface EmulatedAzure {
  /** The proxy on this machine. */
  readonly proxy: string;
  /** The emulator's private CA, PEM: the only one to trust, so that no real Azure can answer. */
  readonly certificateAuthority: string;
}

/**
 * Reads where the emulated Azure is. The engine's own providers are for local runs only: against real Azure
 * they must never run.
 *
 * @throws {EmulatorError} `EMULATOR_REQUIRED` when the environment does not point at an emulator on this machine.
 */
export function readEmulatedAzure(environment: NodeJS.ProcessEnv): EmulatedAzure {
  const proxy = environment["HTTPS_PROXY"] ?? environment["https_proxy"];
  const authorityFile = environment["NODE_EXTRA_CA_CERTS"];
  if (environment[emulatorMarker] !== proxy || !isLoopback(proxy) || authorityFile === undefined) {
    throw new EmulatorError(
      "EMULATOR_REQUIRED",
      "The inline engine and its resource providers work only with the emulated Azure, and this environment " +
        `(HTTPS_PROXY=${proxy ?? "unset"}, ${emulatorMarker}=${environment[emulatorMarker] ?? "unset"}) points elsewhere. ` +
        "Use `pulumi up` for real Azure, or start from `npm run tenant -- --exec …`.",
    );
  }
  return {
    proxy: proxy ?? "",
    certificateAuthority: firstCertificate(readFileSync(authorityFile, "utf8")),
  };
}

/** The emulator's own CA comes first; what follows are roots that the machine trusts besides. */
function firstCertificate(pem: string): string {
  return pemCertificate.exec(pem)?.[0] ?? "";
}

function isLoopback(proxy: string | undefined): boolean {
  if (proxy === undefined || !URL.canParse(proxy)) return false;
  return ["127.0.0.1", "localhost", "[::1]"].includes(new URL(proxy).hostname);
}
