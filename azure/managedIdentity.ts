import { OperatorError } from "../core/errors";
import { Credential } from "./credential";
import { signInSeconds, within } from "./limits";
import type { Service } from "./services";

/** What this needs of `@azure/identity`, which loads in a quarter of a second: only where a managed identity is asked. */
interface ManagedIdentity {
  getToken(scope: string): Promise<{ token: string; expiresOnTimestamp: number } | null>;
}
export type LoadManagedIdentity = (clientId: string) => Promise<ManagedIdentity>;

export interface IdentityTokenQuestion {
  readonly clientId: string;
  /** What the token is for, such as the address of Microsoft Graph. */
  readonly audience: string;
  /** The only service that gets the token. */
  readonly goesTo: Service;
  readonly now: () => Date;
  readonly load?: LoadManagedIdentity;
}

/**
 * A token of a managed identity of the Azure resource that this runs on.
 *
 * @throws {OperatorError} `MANAGED_IDENTITY_REFUSED`
 */
export async function fetchIdentityToken({
  clientId,
  audience,
  goesTo,
  now,
  load = loadManagedIdentityCredential,
}: IdentityTokenQuestion): Promise<{ readonly token: Credential; readonly expiresInSeconds: number }> {
  let answer: Awaited<ReturnType<ManagedIdentity["getToken"]>> = null;
  let cause: unknown;
  try {
    answer = await within(
      signInSeconds,
      load(clientId).then((identity) => identity.getToken(`${audience}/.default`)),
    );
  } catch (error) {
    cause = error;
  }
  if (answer === null) {
    const reason = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : "no token came";
    throw new OperatorError(
      "MANAGED_IDENTITY_REFUSED",
      `The managed identity ${clientId} gave no token: ${reason} Is it assigned to what this runs on?`,
      { cause },
    );
  }
  return {
    token: new Credential(answer.token, goesTo),
    expiresInSeconds: Math.round((answer.expiresOnTimestamp - now().getTime()) / 1000),
  };
}

const loadManagedIdentityCredential: LoadManagedIdentity = async (clientId) => {
  const { ManagedIdentityCredential } = await import("@azure/identity");
  return new ManagedIdentityCredential({ clientId });
};
