import {
  allPublished,
  publishedOf,
  type AppOutputs,
  type PublishedOutputs,
  type StackOutputs,
} from "../../core/outputs/stackOutputs";
import { OperatorError } from "../../core/errors";
import { readKeyUri } from "../../core/secrets/certificateKey";
import type { PublishedKind } from "../../core/settings/credentialKind";
import { signedAssertion } from "../../azure/signedAssertion";
import { actsAt, fetchWorkflow, type RoleAssignment } from "../../azure/arm";
import type { AzureClient } from "../../azure/azureClient";
import {
  fetchDirectoryApp,
  fetchDirectorySignIn,
  fetchNames,
  type DirectoryApp,
  type GraphRoles,
} from "../../azure/directory";
import { graphApi, type GraphApi } from "../../azure/graph";
import { fetchConditionalAccess, fetchUserConsentPolicies } from "../../azure/signInPolicies";
import type { HttpAnswer } from "../../azure/http";
import type { TenantApis } from "../../core/permissions/apiRoles";
import { harmlessRead } from "../../core/permissions/apiReads";
import { sitesSelected } from "../../core/permissions/siteAccess";
import { knowing, known, unknown, type Known } from "../shared/known";
import { secretReadingRole } from "./keyVaultRoles";
import { serviceRefusal } from "../../azure/serviceRefusal";
import { microsoftGraph, type Service } from "../../azure/services";
import type { Identity } from "../../azure/signIn";
import { fetchSecret, type VaultSecret } from "../../azure/keyVault";
import { fetchVersions } from "../shared/vaultRecord";
import type { Environment } from "../../azure/proxy";
import { readApi } from "./apiReads";
import { exchangeForToken, fetchAppToken, secretPasses, type AppToken, type TokenSource } from "./appToken";
import type { ApiSeen, AppEvidence, ProbeSeen, SecretSeen, TokenSeen, UserSignInSeen } from "./evidence";
import { fetchConsentOrigins, fetchOrigins } from "./grantOrigins";
import { foreignAnswer } from "./graphAnswer";
import { probesFor, tokenProbe, type GraphProbe } from "./graphProbes";
import { secretlessSource } from "./secretlessSignIn";

/** What gathering needs for every app. */
export interface GatherContext {
  readonly client: AzureClient;
  /** What this process may sign in by as an app that has no client secret. */
  readonly env: Environment;
  readonly identity: Identity;
  /** The caller's own view of the directory. */
  readonly graph: GraphApi;
  readonly outputs: StackOutputs;
  readonly graphRoles: Promise<Known<GraphRoles>>;
  /** What the tenant offers of the other APIs that apps have permissions of, by client ID. */
  readonly apis: Promise<Known<TenantApis>>;
  /** Reads of APIs that the caller names, by client ID of the API. */
  readonly apiReads: ReadonlyMap<string, URL>;
  readonly vaultRoles: Promise<Known<readonly RoleAssignment[]>>;
  readonly callerObjectId: Promise<string | undefined>;
  readonly now: () => Date;
  /** How long the vault's ForbiddenByRbac is waited out, in seconds, where the caller's role may be on its way. */
  readonly roleWaitSeconds: number;
}

/** Credentials younger than this may not have reached every replica. */
const youngMilliseconds = 10 * 60_000;

/**
 * Looks at one app from all sides at once. The client secret and the tokens stay in here: what comes back
 * holds neither, so no report can.
 */
export async function gatherApp(context: GatherContext, name: string, app: AppOutputs): Promise<AppEvidence> {
  const { client, graph } = context;
  const directory = knowing(fetchDirectoryApp(graph, app));
  const logicApp =
    app.logicApp === undefined
      ? undefined
      : knowing(fetchWorkflow(client, context.identity, app.logicApp.resourceId));

  const userSignIn = app.delegated === undefined ? undefined : knowing(seeUserSignIn(graph, app));

  const read = async (kind: PublishedKind): Promise<Known<VaultSecret> | undefined> => {
    const published = publishedOf(app, kind);
    return published && knowing(readSecret(context, published));
  };
  const [secret, certificate] = await Promise.all([read("secret"), read("certificate")]);
  const signIn = await knowing(findSignIn(context, app, { secret, certificate, directory }));
  const token = signIn.known
    ? await knowing(getToken(context, app, signIn.value, directory))
    : unknown(signIn.error);
  const receivedAt = context.now();
  const apis = await gatherApis(context, app, signIn, directory);
  const probes = token.known
    ? await knowing(
        probe(
          graphApi(client, () => Promise.resolve(token.value.token)),
          app.permissions,
        ),
      )
    : unknown(token.error);

  const directorySeen = await directory;
  const userSignInSeen = await userSignIn;
  const graphRoles = await context.graphRoles;
  return {
    name,
    outputs: app,
    secret: secret?.known === true ? { known: true, value: withoutValue(secret.value) } : secret,
    certificate:
      certificate?.known === true ? { known: true, value: withoutValue(certificate.value) } : certificate,
    token: token.known ? { known: true, value: withoutToken(token.value, receivedAt) } : token,
    probes,
    apis,
    sites: await gatherSites(context, app, token),
    directory: directorySeen,
    recorded: directorySeen.known ? await fetchRecorded(context, app, directorySeen.value) : undefined,
    logicApp: await logicApp,
    userSignIn: userSignInSeen,
    person: undefined,
    origins: new Map([
      ...(directorySeen.known && graphRoles.known
        ? await fetchOrigins(graph, app, directorySeen.value.grants, graphRoles.value)
        : []),
      ...(userSignInSeen?.known === true
        ? await fetchConsentOrigins(graph, app, userSignInSeen.value.grants)
        : []),
    ]),
  };
}

async function seeUserSignIn(graph: GraphApi, app: AppOutputs): Promise<UserSignInSeen> {
  const [seen, conditionalAccess, userConsent] = await Promise.all([
    fetchDirectorySignIn(graph, app),
    knowing(fetchConditionalAccess(graph)),
    knowing(fetchUserConsentPolicies(graph)),
  ]);
  const names = await knowing(
    fetchNames(
      graph,
      seen.grants.flatMap(({ principalId }) => principalId ?? []),
    ),
  );
  const userNames = names.known ? names.value : new Map<string, string>();
  return { ...seen, userNames, conditionalAccess, userConsent };
}

/** Asks the vault which credentials it ever published, where the app has others than the published ones. */
async function fetchRecorded(
  { client, identity, outputs }: GatherContext,
  app: AppOutputs,
  { application }: DirectoryApp,
): Promise<Known<ReadonlySet<string>> | undefined> {
  const lists = { secret: application?.passwordCredentials, certificate: application?.keyCredentials };
  const asked = allPublished(app).filter(({ kind, credential }) =>
    lists[kind]?.some(({ keyId }) => keyId !== credential.keyId),
  );
  if (asked.length === 0) return undefined;
  const records = await Promise.all(
    asked.map(({ secretName }) => knowing(fetchVersions(client, identity, outputs.vaultName, secretName))),
  );
  const keyIds = new Set<string>();
  for (const record of records) {
    if (!record.known) return record;
    for (const { keyId } of record.value) keyIds.add(keyId);
  }
  return known(keyIds);
}

async function readSecret(context: GatherContext, published: PublishedOutputs): Promise<VaultSecret> {
  const { client, identity, outputs, roleWaitSeconds } = context;
  return fetchSecret(client, identity, outputs.vaultName, published.secretName, {
    passesByItself: async (answer) =>
      isForbiddenByRole(answer) && (await mayHaveRole(context, published))
        ? { reason: "the caller's role has not reached the vault", waitSeconds: roleWaitSeconds }
        : undefined,
  });
}

function isForbiddenByRole(answer: HttpAnswer): boolean {
  return answer.status === 403 && serviceRefusal("Key Vault", answer).serviceCode === "ForbiddenByRbac";
}

/** False only when the assignments can be read and none can be the caller's. */
async function mayHaveRole(context: GatherContext, { secretResourceId }: PublishedOutputs): Promise<boolean> {
  const [roles, caller] = [await context.vaultRoles, await context.callerObjectId];
  if (!roles.known || caller === undefined) return true;
  return roles.value.some(
    ({ properties }) =>
      secretReadingRole(properties.roleDefinitionId) !== undefined &&
      actsAt(properties.scope, secretResourceId) &&
      (properties.principalId === caller || properties.principalType === "Group"),
  );
}

/** How to sign in as an app, and whether what does it was made just now. */
interface SignIn {
  readonly source: TokenSource;
  readonly isYoung: boolean;
}

/** What was looked up before the sign-in. */
interface SignInEvidence {
  readonly secret: Known<VaultSecret> | undefined;
  readonly certificate: Known<VaultSecret> | undefined;
  readonly directory: Promise<Known<DirectoryApp>>;
}

/** As the app's consumers do: by the secret in the vault, by a key of the vault, or without either. */
async function findSignIn(
  context: GatherContext,
  app: AppOutputs,
  { secret, certificate, directory }: SignInEvidence,
): Promise<SignIn> {
  const { client, env, now, outputs } = context;
  const { tenantId } = outputs;
  if (app.signIn === "certificate" && certificate !== undefined) {
    if (!certificate.known) throw certificate.error;
    return certificateSignIn(context, app, certificate.value);
  }
  if (app.signIn !== "secret" || secret === undefined) {
    const seen = await directory;
    const isListed = ({ issuer, subject }: { issuer: string; subject: string }): boolean =>
      // A managed identity's credentials are not the directory's to show.
      !seen.known ||
      seen.value.application === undefined ||
      seen.value.federated.some((one) => one.issuer === issuer && one.subject === subject);
    const grantedAt = seen.known
      ? seen.value.grants.map(({ createdDateTime }) => Date.parse(createdDateTime ?? ""))
      : [];
    return {
      source: await secretlessSource({ client, env, now, tenantId, app, isListed }),
      isYoung: grantedAt.some((instant) => now().getTime() - instant < youngMilliseconds),
    };
  }
  if (!secret.known) throw secret.error;
  const { clientSecret, createdAt } = secret.value;
  const madeAt = Math.max(Date.parse(app.credential?.startsAt ?? ""), createdAt?.getTime() ?? 0);
  const isYoung = now().getTime() - madeAt < youngMilliseconds;
  const { clientId } = app;
  const obtain = (resource: Service) =>
    exchangeForToken(client, {
      tenantId,
      clientId,
      credential: { clientSecret },
      resource,
      passes: secretPasses(isYoung),
    });
  return { source: { by: "the client secret", obtain }, isYoung };
}

/** The vault signs each assertion; the key is never read. */
function certificateSignIn(
  { client, identity, now, outputs, roleWaitSeconds }: GatherContext,
  { clientId, certificate }: AppOutputs,
  { keyUri = "", tags, createdAt }: VaultSecret,
): SignIn {
  const { tenantId, vaultName } = outputs;
  const key = readKeyUri(client.cloud, keyUri);
  const isOwn =
    key?.vaultName.toLowerCase() === vaultName.toLowerCase() &&
    key.name.toLowerCase() === certificate?.certificateName.toLowerCase();
  if (key === undefined || !isOwn) {
    throw new OperatorError(
      "CERTIFICATE_KEY_FOREIGN",
      `The vault secret ${certificate?.secretName ?? ""} does not name a key of the certificate ${certificate?.certificateName ?? ""} ` +
        `in the vault ${vaultName}; nothing was signed.`,
    );
  }
  const madeAt = Math.max(Date.parse(certificate.credential.startsAt), createdAt?.getTime() ?? 0);
  const isYoung = now().getTime() - madeAt < youngMilliseconds;
  const thumbprint = tags["thumbprint"] ?? "";
  const obtain = async (resource: Service) => {
    const by = { tenantId, clientId, key, thumbprint };
    const clientAssertion = await signedAssertion(client, identity, by, now(), {
      passesByItself: (answer) =>
        isYoung && isForbiddenByRole(answer)
          ? { reason: "the caller's role has not reached the vault", waitSeconds: roleWaitSeconds }
          : undefined,
    });
    return exchangeForToken(client, {
      tenantId,
      clientId,
      credential: { clientAssertion },
      resource,
      passes: secretPasses(isYoung),
    });
  };
  return { source: { by: "an assertion that the vault signed", obtain }, isYoung };
}

async function getToken(
  { client, graphRoles }: GatherContext,
  app: AppOutputs,
  signIn: SignIn,
  directory: Promise<Known<DirectoryApp>>,
): Promise<AppToken> {
  return fetchAppToken(client, {
    ...signIn,
    resource: microsoftGraph,
    hopesFor: async (rolesSeen) => {
      const missing = app.permissions.filter((permission) => !rolesSeen.includes(permission));
      const [seen, roles] = [await directory, await graphRoles];
      if (!seen.known || !roles.known) return missing.length > 0;
      const granted = new Set(seen.value.grants.map(({ appRoleId }) => roles.value.names.get(appRoleId)));
      return missing.some((permission) => granted.has(permission));
    },
  });
}

/** SharePoint's own permission opens a site in SharePoint, which is not asked here. */
async function gatherSites(
  { client }: GatherContext,
  { sites = [], permissions }: AppOutputs,
  token: Known<AppToken>,
): Promise<AppEvidence["sites"]> {
  if (sites.length === 0 || !permissions.includes(sitesSelected)) return undefined;
  if (!token.known) return unknown(token.error);
  const graph = graphApi(client, () => Promise.resolve(token.value.token));
  return knowing(
    Promise.all(
      sites.map(async ({ url, siteId }) => {
        const path = `/sites/${siteId}?$select=id,webUrl`;
        const reply = await graph.ask(path);
        return { url, status: reply.status, foreign: foreignAnswer(path, reply) };
      }),
    ),
  );
}

/** A token for each other API that the app has permissions of, and what the API answers to a harmless read with it. */
async function gatherApis(
  context: GatherContext,
  { apis = [], signIn: kind }: AppOutputs,
  signIn: Known<SignIn>,
  directory: Promise<Known<DirectoryApp>>,
): Promise<ApiSeen[]> {
  const offers = await context.apis;
  return Promise.all(
    apis.map(async (api): Promise<ApiSeen> => {
      const offer = offers.known ? known(offers.value.get(api.clientId)) : offers;
      if (!signIn.known) return { api, offer, token: unknown(signIn.error), read: undefined };
      const url =
        context.apiReads.get(api.clientId) ??
        harmlessRead(context.client.cloud, api, context.outputs.tenantId, kind);
      const resource: Service = {
        name: api.name,
        hosts: () => url?.hostname ?? "none",
        audience: () => api.audience,
        owns: (host) => host === url?.hostname,
      };
      const token = await knowing(
        fetchAppToken(context.client, {
          ...signIn.value,
          resource,
          hopesFor: async (rolesSeen) => {
            const missing = api.permissions.filter((permission) => !rolesSeen.includes(permission));
            const seen = await directory;
            if (!seen.known || !offer.known || offer.value === undefined) return missing.length > 0;
            const { objectId, appRoleIds } = offer.value;
            return missing.some((permission) =>
              seen.value.grants.some(
                (grant) => grant.resourceId === objectId && grant.appRoleId === appRoleIds[permission],
              ),
            );
          },
        }),
      );
      const receivedAt = context.now();
      if (!token.known) return { api, offer, token, read: undefined };
      const read =
        url === undefined
          ? undefined
          : await knowing(readApi(context.client, resource, url, token.value.token));
      return { api, offer, token: known(withoutToken(token.value, receivedAt)), read };
    }),
  );
}

/**
 * One read after the other: Graph throttles by app. Where it could not answer any of them, because a service is not
 * licensed, it must at least show that it takes the token.
 */
async function probe(graph: GraphApi, permissions: readonly string[]): Promise<ProbeSeen[]> {
  return probeEach(graph, probesFor(permissions));
}

/** As {@link probe}, for given reads. */
export async function probeEach(graph: GraphApi, probes: readonly GraphProbe[]): Promise<ProbeSeen[]> {
  const seen: ProbeSeen[] = [];
  const ask = async ({ path, permissions: allowing }: GraphProbe): Promise<void> => {
    const reply = await graph.ask(path);
    const refusal = reply.status === 200 ? undefined : serviceRefusal("Microsoft Graph", reply);
    seen.push({
      permissions: allowing,
      path,
      status: reply.status,
      errorCode: refusal?.serviceCode,
      requestId: reply.headers["request-id"],
      foreign: foreignAnswer(path, reply),
    });
  };
  for (const probe of probes) await ask(probe);
  if (seen.every(({ status, permissions: allowing }) => status >= 400 && allowing.length > 0))
    await ask(tokenProbe);
  return seen;
}

function withoutValue(secret: VaultSecret): SecretSeen {
  const { version, contentType, tags, enabled, notBefore, expiresAt, createdAt } = secret;
  const { valueLooksLike, keyUri, waitedSeconds } = secret;
  const dates = { notBefore, expiresAt, createdAt };
  return { version, contentType, tags, enabled, ...dates, valueLooksLike, keyUri, waitedSeconds };
}

function withoutToken(token: AppToken, receivedAt: Date): TokenSeen {
  const { decoded, by, expiresInSeconds, waitedSeconds } = token;
  return { decoded, by, expiresInSeconds, waitedSeconds, receivedAt };
}
