import { createHash, randomBytes } from "node:crypto";
import { authorizeAddress, codeRequest, type CodeSignIn } from "../core/access/authorizationCode";
import { OperatorError } from "../core/errors";
import { isLoopback } from "../core/access/redirectUris";
import { oneLine } from "../core/sinks";
import type { AzureClient } from "./azureClient";
import type { Credential } from "./credential";
import { readToken, type TokenOutcome } from "./entra";
import { shortened } from "./limits";
import { listenOnLoopback } from "./loopback";
import { addressOf, entra, microsoftGraph } from "./services";

export interface UserSignInQuestion extends Pick<
  CodeSignIn,
  "cloud" | "tenantId" | "clientId" | "permissions"
> {
  /** Redirect URIs of the app; one on loopback is needed. */
  readonly redirectUris: readonly string[];
  /** Shows a person the address to open. */
  readonly show: (address: string) => void;
  /** How long the person has, in seconds. */
  readonly limitSeconds: number;
  /** Made when the code is there: its limits count from then. */
  readonly client: () => AzureClient;
}

/**
 * Lets a person sign in as the app's user in a browser on this machine: authorization code with PKCE.
 *
 * @returns A token for Microsoft Graph.
 * @throws {OperatorError} `SIGN_IN_UNANSWERED`, `USER_SIGN_IN_REFUSED`, `SIGN_IN_NO_LISTENER`; {@link ConnectionError}.
 */
export async function signUserIn(question: UserSignInQuestion): Promise<Credential> {
  const { cloud, tenantId, clientId, permissions, redirectUris, limitSeconds } = question;
  const registered = redirectUris.find(isLoopback);
  if (registered === undefined) throw new Error("The app has no loopback redirect URI.");
  const listener = await listenOnLoopback(registered);
  try {
    const state = randomBytes(32).toString("base64url");
    const verifier = randomBytes(32).toString("base64url");
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    const signIn = { cloud, tenantId, clientId, permissions, state, redirectUri: listener.redirectUri };
    const answered = listener.answer(state, limitSeconds);
    question.show(addressOf(cloud, entra, authorizeAddress(signIn, challenge)).href);
    const answer = await answered;
    if (answer === undefined) {
      throw new OperatorError(
        "SIGN_IN_UNANSWERED",
        `No user signed in within ${limitSeconds} s at the address that was shown.`,
      );
    }
    const code = answer.get("code");
    if (code === null) {
      throw refused(answer.get("error_description") ?? answer.get("error") ?? "an answer without a code");
    }
    const outcome = await redeem(question.client(), codeRequest(signIn, code, verifier));
    if (!outcome.ok) throw refused(outcome.refusal.description);
    return outcome.token;
  } finally {
    listener.close();
  }
}

async function redeem(
  client: AzureClient,
  { url, body }: { url: string; body: string },
): Promise<TokenOutcome> {
  return readToken(await client.send({ to: entra, method: "POST", url, form: body }), microsoftGraph);
}

function refused(reason: string): OperatorError {
  return new OperatorError(
    "USER_SIGN_IN_REFUSED",
    `Entra did not sign the user in: ${oneLine(shortened(reason))}`,
  );
}
