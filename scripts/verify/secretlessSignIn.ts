import type { AzureClient } from "../../azure/azureClient";
import { fetchAssertion } from "../../azure/federatedAssertion";
import { graphResource } from "../../azure/graphApi";
import type { Environment } from "../../azure/proxy";
import { assertionSource, exchangeAudience, type AssertionSource } from "../../core/access/assertionSource";
import { OperatorError } from "../../core/errors";
import type { AppOutputs } from "../../core/outputs/stackOutputs";
import { knowing } from "../shared/known";
import { decodeToken, textClaim } from "../shared/tokenClaims";
import { exchangeForToken, type TokenSource } from "./appToken";

/** What this needs of `@azure/identity`, which loads in a quarter of a second: only where a managed identity is asked. */
interface ManagedIdentity {
  getToken(scope: string): Promise<{ token: string; expiresOnTimestamp: number } | null>;
}
export type LoadManagedIdentity = (clientId: string) => Promise<ManagedIdentity>;

type Trusted = NonNullable<AppOutputs["federated"]>[number];

export interface SecretlessQuestion {
  readonly client: AzureClient;
  readonly env: Environment;
  readonly now: () => Date;
  readonly tenantId: string;
  readonly app: AppOutputs;
  /** Whether the directory lists what the app is to trust, or cannot be seen: then a refusal may pass by itself. */
  readonly isListed: (trusted: Trusted) => boolean;
  readonly loadManagedIdentity?: LoadManagedIdentity;
}

/**
 * Finds how this very process can sign in as an app that has no client secret: by a federated token that the app trusts
 * (a workflow's own, `ARM_OIDC_TOKEN` and its like), or as a managed identity that is the app or that the app trusts.
 *
 * @throws {OperatorError} `SIGN_IN_UNTRUSTED` when nothing here is trusted: proof has to come from where something is.
 */
export async function secretlessSource(question: SecretlessQuestion): Promise<TokenSource> {
  const asIdentity = hasManagedIdentity(question.env) ? identitySource(question) : undefined;
  const source = assertionSource(question.env);
  const offered =
    source === undefined ? undefined : await knowing(offeredAssertion(question, source, exchangeAudience));
  if (offered?.known === true) {
    const first = offered.value;
    const trusted = trustIn(question.app, first);
    if (source !== undefined && trusted !== undefined) {
      return {
        by: `the token of ${first.subject}`,
        obtain: async () => {
          const { assertion } =
            trusted.audience === exchangeAudience
              ? first
              : await offeredAssertion(question, source, trusted.audience);
          return exchange(question, trusted, assertion);
        },
      };
    }
  }
  if (asIdentity !== undefined) return asIdentity;
  if (offered?.known === false) throw offered.error;
  throw untrusted(question, offered?.value);
}

interface OfferedAssertion {
  readonly assertion: string;
  readonly issuer: string;
  readonly subject: string;
}

/** The federated token of this process, for an audience where its issuer lets one choose. */
async function offeredAssertion(
  { client, env }: SecretlessQuestion,
  source: AssertionSource,
  audience: string,
): Promise<OfferedAssertion> {
  const assertion = await fetchAssertion(source, { ARM_OIDC_AUDIENCE: audience, ...env }, client);
  const decoded = decodeToken(assertion);
  return { assertion, issuer: textClaim(decoded, "iss") ?? "", subject: textClaim(decoded, "sub") ?? "" };
}

/** Letter by letter, as Entra compares. */
function trustIn({ federated = [] }: AppOutputs, offered: OfferedAssertion): Trusted | undefined {
  return federated.find(({ issuer, subject }) => issuer === offered.issuer && subject === offered.subject);
}

function exchange(
  { client, tenantId, app: { clientId }, isListed }: SecretlessQuestion,
  trusted: Trusted,
  clientAssertion: string,
) {
  const mayBeYoung = () => isListed(trusted);
  return exchangeForToken(client, { tenantId, clientId, clientAssertion, mayBeYoung });
}

/**
 * Whether this process runs where managed identities are served. Set by App Service, Functions, Container Apps and
 * Automation; a virtual machine or AKS says so by Pulumi's own variable.
 */
function hasManagedIdentity(env: Environment): boolean {
  return (env["IDENTITY_ENDPOINT"] ?? "") !== "" || /^(?:1|true)$/i.test(env["ARM_USE_MSI"] ?? "");
}

function identitySource(question: SecretlessQuestion): TokenSource | undefined {
  const { app } = question;
  if (app.signIn === "managedIdentity") {
    return {
      by: "the managed identity itself",
      obtain: () => tokenOfIdentity(question, app.clientId, `${graphResource}/.default`),
    };
  }
  const trusted = (app.federated ?? []).find(({ identityClientId }) => identityClientId !== undefined);
  const identityClientId = trusted?.identityClientId;
  if (trusted === undefined || identityClientId === undefined) return undefined;
  return {
    by: `the managed identity ${identityClientId}`,
    obtain: async () => {
      const { accessToken } = await tokenOfIdentity(
        question,
        identityClientId,
        `${exchangeAudience}/.default`,
      );
      return exchange(question, trusted, accessToken);
    },
  };
}

async function tokenOfIdentity(
  { now, loadManagedIdentity = loadManagedIdentityCredential }: SecretlessQuestion,
  clientId: string,
  scope: string,
) {
  let token: Awaited<ReturnType<ManagedIdentity["getToken"]>> | undefined;
  let cause: unknown;
  try {
    token = await (await loadManagedIdentity(clientId)).getToken(scope);
  } catch (error) {
    cause = error;
  }
  if (token === undefined || token === null) {
    const reason = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : "no token came";
    throw new OperatorError(
      "MANAGED_IDENTITY_REFUSED",
      `The managed identity ${clientId} gave no token: ${reason} Is it assigned to what this runs on?`,
      { cause },
    );
  }
  return {
    accessToken: token.token,
    expiresInSeconds: Math.round((token.expiresOnTimestamp - now().getTime()) / 1000),
    waitedSeconds: 0,
  };
}

const loadManagedIdentityCredential: LoadManagedIdentity = async (clientId) => {
  const { ManagedIdentityCredential } = await import("@azure/identity");
  return new ManagedIdentityCredential({ clientId });
};

function untrusted({ app }: SecretlessQuestion, offered: OfferedAssertion | undefined): OperatorError {
  const trusted = (app.federated ?? []).map(({ issuer, subject, identityClientId }) =>
    identityClientId === undefined ? `${subject} of ${issuer}` : `the managed identity ${identityClientId}`,
  );
  const who =
    app.signIn === "managedIdentity" ? ["any Azure resource with the managed identity", ...trusted] : trusted;
  const here =
    offered === undefined
      ? "this process has no federated token and no managed identity endpoint"
      : `this process is ${offered.subject} of ${offered.issuer}`;
  return new OperatorError(
    "SIGN_IN_UNTRUSTED",
    `This process cannot sign in as client ${app.clientId}: the app accepts ${who.join("; ") || "no other identity"}, and ${here}.`,
  );
}
