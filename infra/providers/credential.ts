import { clouds, type Cloud, type CloudName } from "../../core/cloud/clouds";
import type { dynamic } from "@pulumi/pulumi";
import * as z from "zod/mini";
import { azureClient, type ClientWorld } from "../../azure/azureClient";
import { requestToken } from "../../azure/entra";
import { graphApi } from "../../azure/graph";
import { microsoftGraph } from "../../azure/services";
import { signIn, type Identity } from "../../azure/signIn";
import { vaultSecrets, type VaultSecrets } from "../../azure/vaultSecrets";
import { OperatorError } from "../../core/errors";
import {
  asPublished,
  credentialNoun,
  faultOf,
  isEdited,
  readEarlierRecord,
  readRecord,
  recordOf,
  stepFor,
  tagsOf,
  unrecordedCredential,
  type RecordedCredential,
  type WantedCredential,
} from "../../core/secrets/credentialState";
import { verificationFailureMessage, verifySecret } from "../../core/secrets/secretVerification";
import {
  certificateIssuer,
  clientSecretIssuer,
  type AddedCredential,
  type CredentialIssuer,
} from "./credentialIssuers";

/** Everything outside the provider. */
export interface ProviderWorld extends ClientWorld {
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds, from any origin, never going back. */
  readonly elapsed: () => number;
}

/** Calls of Pulumi's that this provider answers; inputs and outputs hold identifiers and times, and no secret. */
export interface CredentialProvider {
  diff(id: string, olds: unknown, wanted: WantedCredential): Promise<dynamic.DiffResult>;
  create(wanted: WantedCredential): Promise<{ id: string; outs: RecordedCredential }>;
  read(id: string, props: unknown): Promise<{ id: string; props: unknown }>;
  update(id: string, olds: unknown, wanted: WantedCredential): Promise<{ outs: RecordedCredential }>;
  /** @param props Absent in states of releases up to 0.3, which had only client secrets. */
  delete(id: string, props?: unknown): Promise<void>;
}

/** Seconds to wait out a busy service, before and after the verification. */
const patienceSeconds = 120;
/** Looks at a list that still has a credential after its removal: a replica may be behind. */
const removalLooks = 10;
/**
 * The provider of an app's client secret or certificate: adds it in Entra, verifies it by tokens, and publishes it in the
 * vault. A secret's value exists only in this process and in the vault, a certificate's private key only in the vault. The
 * only credential that it ever removes from Entra is one that the same call added and could not publish.
 */
export function credentialProvider(world: ProviderWorld): CredentialProvider {
  return {
    // A new release, another plan or a moved clock makes no secret: a sequence or an app does, or a loss.
    diff: (_id, olds, wanted) => {
      const record = readRecord(olds);
      const changes =
        record === undefined || stepFor(record, wanted) !== "nothing" || providerMoved(olds, wanted);
      return Promise.resolve({ changes, replaces: [] });
    },
    create: async (wanted) => ({
      id: wanted.secretResourceId,
      outs: await makeCredential(connect(world, wanted, wanted.tenantId), wanted),
    }),
    update: async (id, olds, wanted) => {
      const record = readRecord(olds) ?? readEarlierRecord(olds, id, wanted);
      const step = stepFor(record, wanted);
      if (record !== undefined && step === "nothing") return { outs: record };
      const services = connect(world, wanted, wanted.tenantId);
      if (record !== undefined && step === "properties") {
        const { secretResourceId, endsAt } = record;
        const current = await services.vault.current(secretResourceId);
        if (current?.versionUri === record.versionUri) {
          const { consumerTags } = wanted;
          const tags = tagsOf(wanted, record);
          const { versionUri } = await services.vault.writeProperties(secretResourceId, { tags, endsAt });
          return { outs: { ...asPublished(record), consumerTags, versionUri } };
        }
      }
      return { outs: await makeCredential(services, wanted, record) };
    },
    read: async (id, props) => {
      const record = readRecord(props);
      if (record === undefined) return { id, props };
      const { issuer, vault } = connect(world, record);
      const [state, version] = await Promise.all([
        issuer.serves(record),
        vault.current(record.secretResourceId),
      ]);
      const serving = asPublished(record);
      const fault = faultOf(record, state, version, world.now());
      if (fault !== undefined) return { id, props: { ...serving, fault } };
      const edited = version !== undefined && isEdited(record, version);
      return { id, props: edited ? { ...serving, edited } : serving };
    },
    delete: async (id, props) => {
      const record = readRecord(props);
      const { issuer, vault } = connect(world, record ?? {});
      await vault.remove(id);
      if (record !== undefined) await issuer.removeKeys(record);
    },
  };
}

/**
 * Whether the state names another provider: that of an earlier release, which programs that installed the package cannot load, or of
 * a program in another language. An update that sends nothing writes the new name.
 */
export function providerMoved(olds: unknown, news: unknown): boolean {
  const [before, after] = [olds, news].map((props) => withProvider.safeParse(props).data?.__provider);
  return before !== after;
}

const withProvider = z.object({ __provider: z.string() });

type Kind = Pick<WantedCredential | RecordedCredential, "certificate" | "cloud">;

interface Services {
  readonly world: ProviderWorld;
  readonly identity: Identity;
  readonly issuer: CredentialIssuer;
  readonly vault: VaultSecrets;
}

/** The program decides it, which also reads the stack's configuration; {@link signIn} refuses an environment that disagrees. */
function cloudOf({ cloud }: { readonly cloud?: CloudName | undefined }): Cloud {
  return clouds[cloud ?? "public"];
}

/** Nothing is sent before the first question. */
function connect(world: ProviderWorld, kind: Kind, tenantId?: string): Services {
  const client = azureClient(world, { waitSeconds: patienceSeconds }, cloudOf(kind));
  const identity = signIn(world.env, client, tenantId);
  return { world, identity, ...servicesOf(world, kind, identity) };
}

/** Their time for waiting begins now. */
function servicesOf(
  world: ProviderWorld,
  { certificate, cloud }: Kind,
  identity: Identity,
): Pick<Services, "issuer" | "vault"> {
  const client = azureClient(world, { waitSeconds: patienceSeconds }, cloudOf({ cloud }));
  const graph = graphApi(client, () => identity.getToken(microsoftGraph));
  const { now, sleep } = world;
  const issue = certificate === undefined ? clientSecretIssuer : certificateIssuer;
  return { issuer: issue({ client, identity, graph, now, sleep }), vault: vaultSecrets(client, identity) };
}

/** Whether the list lacks a credential that was removed, once each replica had time to know. */
async function isGone(
  issuer: CredentialIssuer,
  { applicationId, displayName }: WantedCredential,
  keyId: string,
  { sleep }: ProviderWorld,
): Promise<boolean> {
  for (let look = 1; look <= removalLooks; look += 1) {
    if (look > 1) await sleep(1000);
    if (!(await issuer.named(applicationId, displayName)).includes(keyId)) return true;
  }
  return false;
}

async function makeCredential(
  services: Services,
  wanted: WantedCredential,
  record?: RecordedCredential,
): Promise<RecordedCredential> {
  const { world, issuer, vault } = services;
  const { applicationId, secretResourceId, displayName } = wanted;
  const [keyIds, current] = await Promise.all([
    issuer.named(applicationId, displayName),
    vault.current(secretResourceId),
  ]);
  const published = unrecordedCredential(wanted, record, current, keyIds, world.now());
  if (published !== undefined) return published;

  const added = await issuer.add(wanted);
  try {
    const verification = await verify(world, wanted, added);
    return await publish(servicesOf(world, wanted, services.identity).vault, wanted, added, verification);
  } catch (error) {
    const anew = { world, ...servicesOf(world, wanted, services.identity) };
    return await afterFailure(error, anew, wanted, added);
  }
}

interface Verification {
  readonly verifiedAt: string;
  readonly verifiedBy: string;
}

async function verify(
  world: ProviderWorld,
  wanted: WantedCredential,
  added: AddedCredential,
): Promise<Verification> {
  const { app, tenantId, clientId } = wanted;
  // Does not repeat requests: the verification decides what an error means.
  const longestWaitSeconds = wanted.overSeconds + wanted.patienceSeconds;
  const client = azureClient(world, { waitSeconds: 0, longestWaitSeconds }, cloudOf(wanted));
  const result = await verifySecret(wanted, {
    requestToken: async () => {
      const credential = await added.credential(client);
      const outcome = await requestToken(client, {
        tenantId,
        clientId,
        credential,
        resource: microsoftGraph,
      });
      return outcome.ok ? undefined : outcome.refusal;
    },
    elapsed: world.elapsed,
    sleep: world.sleep,
    now: world.now,
  });
  if (result.verified) {
    return { verifiedAt: result.verifiedAt, verifiedBy: `${result.tokens} tokens` };
  }
  const message = verificationFailureMessage(
    { what: credentialNoun(wanted), app, clientId, keyId: added.keyId },
    result,
  );
  throw new OperatorError("SECRET_NOT_PUBLISHED", message);
}

async function publish(
  vault: VaultSecrets,
  wanted: WantedCredential,
  { keyId, startsAt, endsAt, certificate, published }: AddedCredential,
  verification: Verification,
): Promise<RecordedCredential> {
  const { sequence, clientId, applicationId, secretResourceId, consumerTags } = wanted;
  const record = {
    ...(wanted.cloud === undefined ? {} : { cloud: wanted.cloud }),
    sequence,
    clientId,
    applicationId,
    secretResourceId,
    consumerTags,
    keyId,
    startsAt,
    endsAt,
    ...(certificate === undefined ? {} : { certificate }),
    ...verification,
  };
  const tags = tagsOf(wanted, record);
  const { versionUri } = await vault.publish(secretResourceId, { ...published, endsAt, tags });
  return { ...record, versionUri };
}

/**
 * Removes the credential that this call added, unless the vault holds it: a lost answer says nothing about what was
 * done.
 *
 * @throws {OperatorError} `SECRET_NOT_PUBLISHED`, with the cause and what became of the credential.
 */
async function afterFailure(
  cause: unknown,
  { issuer, vault, world }: Pick<Services, "issuer" | "vault" | "world">,
  wanted: WantedCredential,
  { keyId }: AddedCredential,
): Promise<RecordedCredential> {
  const subject = `The new ${credentialNoun(wanted)} of ${wanted.app} (keyId ${keyId})`;
  const kept = wanted.certificate === undefined ? "the vault is unchanged" : "nothing was published";
  let outcome = `${subject} was removed again, and ${kept}.`;
  try {
    const current = await vault.current(wanted.secretResourceId);
    const published = current?.tags["keyId"] === keyId ? recordOf(current, wanted) : undefined;
    if (published !== undefined) return published;
    await issuer.remove(wanted.applicationId, keyId);
    if (!(await isGone(issuer, wanted, keyId, world))) {
      throw new Error("Microsoft Graph accepted it, and still lists the credential");
    }
  } catch (error) {
    outcome =
      `${subject} could not be removed again (${messageOf(error)}). If the vault does not hold it, the command rotate removes ` +
      "it once it is an hour old.";
  }
  const message = `${messageOf(cause)}\n${outcome} Run the command again.`;
  throw new OperatorError("SECRET_NOT_PUBLISHED", message, { cause });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
