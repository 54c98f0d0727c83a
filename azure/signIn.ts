import { refuseOtherCloud } from "../core/cloud/chosenCloud";
import { assertionSource } from "../core/access/assertionSource";
import { passesByItself } from "../core/secrets/clientCredentials";
import { OperatorError } from "../core/errors";
import { oneLine } from "../core/sinks";
import type { AzureClient } from "./azureClient";
import { Credential } from "./credential";
import { requestToken, type TokenQuestion } from "./entra";
import { signInSeconds, within } from "./limits";
import { fetchAssertion } from "./federatedAssertion";
import type { Environment } from "./proxy";
import { entra, type Service } from "./services";

/** Who a command is to Azure. */
export interface Identity {
  readonly kind: "clientSecret" | "federated" | "default";
  /** For people: which identity, and which variables say so. */
  readonly description: string;
  /** Known before sign-in only for `ARM_*`. */
  readonly clientId?: string;
  readonly tenantId?: string;
  /**
   * A token for one service, fetched once a run. It goes only to that service.
   *
   * @throws {OperatorError} `SIGN_IN_REFUSED` with Entra's own code, `SIGN_IN_MISSING` without any sign-in.
   */
  getToken(service: Service): Promise<Credential>;
}

/** What this needs of `@azure/identity`, which loads in a quarter of a second: only when nothing else is set. */
interface DefaultCredential {
  getToken(scope: string): Promise<{ token: string } | null>;
}
export type LoadDefaultCredential = (
  tenantId: string | undefined,
  authorityHost: string,
) => Promise<DefaultCredential>;

/**
 * The sign-in of all commands: `ARM_*` first, as Pulumi's providers read them (client secret, then OIDC),
 * then `DefaultAzureCredential` (environment, workload identity, managed identity, Azure CLI, …).
 *
 * @param tenantId The tenant that the stack lives in, as its outputs say: `DefaultAzureCredential` signs in there.
 * @throws {OperatorError} `CLOUD_UNSUPPORTED`, `CLOUD_DIFFERS`, `TLS_CHECK_OFF`, `TENANT_DIFFERS`; `SIGN_IN_INCOMPLETE` when some of the `ARM_*` variables are set and others miss.
 */
export function signIn(
  env: Environment,
  client: AzureClient,
  tenantId?: string,
  loadDefault: LoadDefaultCredential = loadDefaultAzureCredential,
): Identity {
  refuseOtherCloud(env, client.cloud);
  refuseUncheckedCertificates(env);
  const armIdentity = signInByArm(env, client);
  if (armIdentity !== undefined) {
    refuseOtherTenant(armIdentity, tenantId);
    return armIdentity;
  }
  const credential = once(() => loadDefault(tenantId, client.cloud.authority));
  return {
    kind: "default",
    description: "DefaultAzureCredential (AZURE_* variables, managed identity, Azure CLI, …)",
    getToken: cached(async (service) => {
      try {
        const token = await within(
          signInSeconds,
          credential().then((loaded) => loaded.getToken(`${service.audience(client.cloud)}/.default`)),
        );
        if (token !== null) return new Credential(token.token, service);
      } catch (cause) {
        throw noSignIn(cause, env);
      }
      throw noSignIn(undefined, env);
    }),
  };
}

/** Forged outputs could else name an app and a vault of another tenant, where everything is as they say. */
function refuseOtherTenant({ tenantId, description }: Identity, expected: string | undefined): void {
  const isGuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
  if (expected === undefined || tenantId === undefined) return;
  // ARM_TENANT_ID may also be a domain's name.
  if (!isGuid.test(tenantId) || tenantId.toLowerCase() === expected.toLowerCase()) return;
  throw new OperatorError(
    "TENANT_DIFFERS",
    `The stack lives in tenant ${oneLine(expected)}, and the sign-in is to ${tenantId} (${description}); nothing was sent. ` +
      "Set the ARM_* variables for that tenant, or give the outputs of a stack of this one.",
  );
}

/** The transport checks certificates in any case. `@azure/identity` would not. */
function refuseUncheckedCertificates(env: Environment): void {
  if (env["NODE_TLS_REJECT_UNAUTHORIZED"] !== "0") return;
  throw new OperatorError(
    "TLS_CHECK_OFF",
    "NODE_TLS_REJECT_UNAUTHORIZED=0 turns off the check of certificates, so anyone on the network could read the tokens; " +
      "nothing was sent. Unset it. For a proxy that inspects TLS, set NODE_EXTRA_CA_CERTS to its CA's PEM file.",
  );
}

function signInByArm(env: Environment, client: AzureClient): Identity | undefined {
  const read = (name: string): string | undefined => (env[name] === "" ? undefined : env[name]);
  const clientId = read("ARM_CLIENT_ID");
  const tenantId = read("ARM_TENANT_ID");
  const clientSecret = read("ARM_CLIENT_SECRET");
  const useOidc = /^(?:1|true)$/i.test(env["ARM_USE_OIDC"] ?? "");
  if (clientSecret === undefined && !useOidc) return undefined;

  const means = clientSecret === undefined ? "ARM_USE_OIDC" : "ARM_CLIENT_SECRET";
  const missing = [
    ...(clientId === undefined ? ["ARM_CLIENT_ID"] : []),
    ...(tenantId === undefined ? ["ARM_TENANT_ID"] : []),
  ];
  if (clientId === undefined || tenantId === undefined) {
    throw new OperatorError(
      "SIGN_IN_INCOMPLETE",
      `${means} is set, but ${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not. Set all of ` +
        `them, or unset ${means} to sign in by the Azure CLI (az login).`,
    );
  }
  if (clientSecret !== undefined) {
    return {
      kind: "clientSecret",
      description: `service principal ${clientId} by client secret (ARM_CLIENT_ID, ARM_CLIENT_SECRET)`,
      clientId,
      tenantId,
      getToken: cached((resource) => {
        const credential = { clientSecret: new Credential(clientSecret, entra) };
        return signedIn(client, { tenantId, clientId, credential, resource });
      }),
    };
  }
  const source = assertionSource(env);
  if (source === undefined) {
    throw new OperatorError(
      "SIGN_IN_INCOMPLETE",
      "ARM_USE_OIDC is set, but there is no federated token: neither ARM_OIDC_TOKEN, ARM_OIDC_TOKEN_FILE_PATH nor " +
        "ACTIONS_ID_TOKEN_REQUEST_URL with its token. In GitHub Actions give the job `permissions: id-token: write`.",
    );
  }
  return {
    kind: "federated",
    description: `service principal ${clientId} by federation (ARM_USE_OIDC, ${source.variable})`,
    clientId,
    tenantId,
    getToken: cached(async (resource) => {
      const credential = { clientAssertion: await fetchAssertion(source, env, client) };
      return signedIn(client, { tenantId, clientId, credential, resource });
    }),
  };
}

async function signedIn(client: AzureClient, question: TokenQuestion): Promise<Credential> {
  const answer = await requestToken(client, { ...question, service: "the token endpoint (sign-in)" });
  if (answer.ok) return answer.token;
  const { clientId, tenantId, resource } = question;
  const { code, description } = answer.refusal;
  const again = passesByItself(answer.refusal)
    ? " A secret made within the last minutes may need a little longer."
    : "";
  throw new OperatorError(
    "SIGN_IN_REFUSED",
    `Signing in as ${clientId} (ARM_CLIENT_ID) in tenant ${tenantId} for ${resource.audience(client.cloud)} was ` +
      `refused (${code}): ${description.replace(/\s+/g, " ")} Check the ARM_* variables.${again}`,
  );
}

function noSignIn(cause: unknown, env: Environment): OperatorError {
  const reasons = innermostErrors(cause).map((error) => reasonOf(error, env));
  const tried = reasons.length === 0 ? "no credential answered" : [...new Set(reasons)].join("; ");
  return new OperatorError(
    "SIGN_IN_MISSING",
    `No sign-in to Azure was found (${tried}). Run az login, or set ARM_CLIENT_ID, ARM_TENANT_ID and ARM_CLIENT_SECRET.`,
    { cause },
  );
}

/** `ChainedTokenCredential` says only that it failed; why each of its credentials did lies in `errors`. */
function innermostErrors(cause: unknown): Error[] {
  if (!(cause instanceof Error)) return [];
  const inner = "errors" in cause && Array.isArray(cause.errors) ? cause.errors : [];
  const errors = inner.flatMap(innermostErrors);
  return errors.length > 0 ? errors : [cause];
}

/** Variables whose values a library might repeat in its words. */
const secretVariables = ["AZURE_CLIENT_SECRET", "AZURE_PASSWORD", "AZURE_CLIENT_CERTIFICATE_PASSWORD"];

/** What Entra said where it said something, else the first sentence. */
function reasonOf({ message }: Error, env: Environment): string {
  const line = message.replace(/\s+/g, " ").trim();
  const fromEntra = /AADSTS\d+:?.*/.exec(line)?.[0] ?? line;
  const sentence = /^.*?[.!](?= |$)/.exec(fromEntra)?.[0] ?? fromEntra;
  const secrets = secretVariables.map((name) => env[name] ?? "").filter((value) => value !== "");
  return secrets
    .reduce((text, secret) => text.replaceAll(secret, "[secret]"), sentence)
    .replace(/eyJ[\w-]+\.[\w.-]+/g, "[token]")
    .replace(/^Error: /, "")
    .replace(/[.!]$/, "")
    .slice(0, 300);
}

const loadDefaultAzureCredential: LoadDefaultCredential = async (tenantId, authorityHost) => {
  const { DefaultAzureCredential } = await import("@azure/identity");
  return new DefaultAzureCredential({ authorityHost, ...(tenantId === undefined ? {} : { tenantId }) });
};

/** Asks once for each service, also when several ask at the same time. */
function cached(fetchToken: Identity["getToken"]): Identity["getToken"] {
  const tokens = new Map<Service, Promise<Credential>>();
  return (service) => {
    const token = tokens.get(service) ?? fetchToken(service);
    tokens.set(service, token);
    return token;
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
