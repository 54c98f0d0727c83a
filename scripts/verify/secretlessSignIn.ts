import type { AzureClient } from "../../azure/azureClient";
import type { Credential } from "../../azure/credential";
import { fetchAssertion } from "../../azure/federatedAssertion";
import { fetchIdentityToken, type LoadManagedIdentity } from "../../azure/managedIdentity";
import { entra, type Service } from "../../azure/services";
import type { Environment } from "../../azure/proxy";
import { assertionSource, type AssertionSource } from "../../core/access/assertionSource";
import { OperatorError } from "../../core/errors";
import type { AppOutputs } from "../../core/outputs/stackOutputs";
import { knowing } from "../shared/known";
import { textClaim } from "../../azure/tokenClaims";
import { exchangeForToken, trustPasses, type TokenSource } from "./appToken";

type Trusted = NonNullable<AppOutputs["federated"]>[number];

export interface SecretlessQuestion {
  readonly client: AzureClient;
  readonly env: Environment;
  readonly now: () => Date;
  readonly tenantId: string;
  readonly app: AppOutputs;
  /** Whether the directory lists what the app is to trust, or cannot be seen: then an error may be transient. */
  readonly isListed: (trusted: Trusted) => boolean;
  readonly loadManagedIdentity?: LoadManagedIdentity;
}

/**
 * Finds how this very process can sign in as an app that has no client secret: by a federated token that the app trusts
 * (a workflow's own, `ARM_OIDC_TOKEN` and its like), or as a managed identity that is the app or that the app trusts.
 *
 * @throws {OperatorError} `SIGN_IN_UNTRUSTED` when the app trusts nothing in this environment: verify it where it does.
 */
export async function secretlessSource(question: SecretlessQuestion): Promise<TokenSource> {
  const asIdentity = hasManagedIdentity(question.env) ? identitySource(question) : undefined;
  const source = assertionSource(question.env);
  const { exchangeAudience } = question.client.cloud;
  const offered =
    source === undefined ? undefined : await knowing(offeredAssertion(question, source, exchangeAudience));
  if (offered?.known === true) {
    const first = offered.value;
    const trusted = trustIn(question.app, first);
    if (source !== undefined && trusted !== undefined) {
      return {
        by: `the token of ${first.subject}`,
        obtain: async (resource) => {
          const { assertion } =
            trusted.audience === exchangeAudience
              ? first
              : await offeredAssertion(question, source, trusted.audience);
          return exchange(question, trusted, assertion, resource);
        },
      };
    }
  }
  if (asIdentity !== undefined) return asIdentity;
  if (offered?.known === false) throw offered.error;
  throw untrusted(question, offered?.value);
}

interface OfferedAssertion {
  readonly assertion: Credential;
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
  const decoded = assertion.decode();
  return { assertion, issuer: textClaim(decoded, "iss") ?? "", subject: textClaim(decoded, "sub") ?? "" };
}

/** Letter by letter, as Entra compares. */
function trustIn({ federated }: AppOutputs, offered: OfferedAssertion): Trusted | undefined {
  return federated.find(({ issuer, subject }) => issuer === offered.issuer && subject === offered.subject);
}

function exchange(
  { client, tenantId, app: { clientId }, isListed }: SecretlessQuestion,
  trusted: Trusted,
  clientAssertion: Credential,
  resource: Service,
) {
  const passes = trustPasses(() => isListed(trusted));
  return exchangeForToken(client, { tenantId, clientId, credential: { clientAssertion }, resource, passes });
}

/**
 * Whether this process runs where managed identities are served. Set by App Service, Functions, Container Apps and
 * Automation; a virtual machine or AKS says so by Pulumi's own variable.
 */
function hasManagedIdentity(env: Environment): boolean {
  return (env["IDENTITY_ENDPOINT"] ?? "") !== "" || /^(?:1|true)$/i.test(env["ARM_USE_MSI"] ?? "");
}

function identitySource(question: SecretlessQuestion): TokenSource | undefined {
  const { app, client, now, loadManagedIdentity } = question;
  const load = loadManagedIdentity === undefined ? {} : { load: loadManagedIdentity };
  if (app.signIn === "managedIdentity") {
    return {
      by: "the managed identity itself",
      obtain: async (resource) => {
        const audience = resource.audience(client.cloud);
        const asked = { clientId: app.clientId, audience, goesTo: resource, now, ...load };
        return { ...(await fetchIdentityToken(asked)), waitedSeconds: 0 };
      },
    };
  }
  const trusted = app.federated.find(({ identityClientId }) => identityClientId !== undefined);
  const identityClientId = trusted?.identityClientId;
  if (trusted === undefined || identityClientId === undefined) return undefined;
  return {
    by: `the managed identity ${identityClientId}`,
    obtain: async (resource) => {
      const audience = client.cloud.exchangeAudience;
      const asked = { clientId: identityClientId, audience, goesTo: entra, now, ...load };
      const { token } = await fetchIdentityToken(asked);
      return exchange(question, trusted, token, resource);
    },
  };
}

function untrusted({ app }: SecretlessQuestion, offered: OfferedAssertion | undefined): OperatorError {
  const trusted = app.federated.map(({ issuer, subject, identityClientId }) =>
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
