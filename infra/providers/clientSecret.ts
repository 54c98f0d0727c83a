import type { dynamic } from "@pulumi/pulumi";
import { clientSecrets, type AddedSecret, type ClientSecrets } from "../../azure/clientSecrets";
import { azureClient, type ClientWorld } from "../../azure/azureClient";
import { requestToken } from "../../azure/entra";
import { graphApi } from "../../azure/graph";
import { microsoftGraph } from "../../azure/services";
import { signIn, type Identity } from "../../azure/signIn";
import { vaultSecrets, type VaultSecrets } from "../../azure/vaultSecrets";
import { OperatorError } from "../../core/errors";
import {
  asPublished,
  faultOf,
  isEdited,
  readEarlierRecord,
  readRecord,
  recordOf,
  stepFor,
  tagsOf,
  unrecordedSecret,
  type RecordedSecret,
  type WantedSecret,
} from "../../core/secrets/clientSecretState";
import { verificationFailureMessage, verifySecret } from "../../core/secrets/secretVerification";

/** Everything outside the provider. */
export interface ProviderWorld extends ClientWorld {
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds, from any origin, never going back. */
  readonly elapsed: () => number;
}

/** Calls of Pulumi's that this provider answers; inputs and outputs hold identifiers and times, and no secret. */
export interface ClientSecretProvider {
  diff(id: string, olds: unknown, wanted: WantedSecret): Promise<dynamic.DiffResult>;
  create(wanted: WantedSecret): Promise<{ id: string; outs: RecordedSecret }>;
  read(id: string, props: unknown): Promise<{ id: string; props: unknown }>;
  update(id: string, olds: unknown, wanted: WantedSecret): Promise<{ outs: RecordedSecret }>;
  delete(id: string): Promise<void>;
}

/** Seconds to wait out a busy service, before and after the verification. */
const patienceSeconds = 120;
/** Looks at a list that lacks a client secret, before it counts as removed: a replica may be behind. */
const looks = 3;

/**
 * The provider of an app's client secret: adds it in Entra, verifies it by tokens, and publishes it in the vault. The value
 * exists in this process and in the vault, and nowhere else. Never removes a client secret but the one that the very same
 * call added and could not publish.
 */
export function clientSecretProvider(world: ProviderWorld): ClientSecretProvider {
  return {
    // A new release, another plan or a moved clock makes no secret: a sequence or an app does, or a loss.
    diff: (_id, olds, wanted) => {
      const record = readRecord(olds);
      const changes = record === undefined || stepFor(record, wanted) !== "nothing";
      return Promise.resolve({ changes, replaces: [] });
    },
    create: async (wanted) => ({
      id: wanted.secretResourceId,
      outs: await makeSecret(connect(world, wanted.tenantId), wanted),
    }),
    update: async (id, olds, wanted) => {
      const record = readRecord(olds) ?? readEarlierRecord(olds, id, wanted);
      const step = stepFor(record, wanted);
      if (record !== undefined && step === "nothing") return { outs: record };
      const services = connect(world, wanted.tenantId);
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
      return { outs: await makeSecret(services, wanted, record) };
    },
    read: async (id, props) => {
      const record = readRecord(props);
      if (record === undefined) return { id, props };
      const { secrets, vault } = connect(world);
      const [isInEntra, version] = await Promise.all([
        isListed(secrets, record, world),
        vault.current(record.secretResourceId),
      ]);
      const serving = asPublished(record);
      const fault = faultOf(record, isInEntra, version, world.now());
      if (fault !== undefined) return { id, props: { ...serving, fault } };
      const edited = version !== undefined && isEdited(record, version);
      return { id, props: edited ? { ...serving, edited } : serving };
    },
    delete: (id) => connect(world).vault.remove(id),
  };
}

interface Services {
  readonly world: ProviderWorld;
  readonly identity: Identity;
  readonly secrets: ClientSecrets;
  readonly vault: VaultSecrets;
}

/** Nothing is sent before the first question. */
function connect(world: ProviderWorld, tenantId?: string): Services {
  const client = azureClient(world, { waitSeconds: patienceSeconds });
  const identity = signIn(world.env, client, tenantId);
  return { world, identity, ...servicesOf(world, identity) };
}

/** Their time for waiting begins now. */
function servicesOf(world: ProviderWorld, identity: Identity): Pick<Services, "secrets" | "vault"> {
  const client = azureClient(world, { waitSeconds: patienceSeconds });
  const graph = graphApi(client, () => identity.getToken(microsoftGraph));
  return { secrets: clientSecrets(graph), vault: vaultSecrets(client, identity) };
}

async function isListed(
  secrets: ClientSecrets,
  { applicationId, keyId }: RecordedSecret,
  { sleep }: ProviderWorld,
): Promise<boolean> {
  for (let look = 1; look <= looks; look += 1) {
    if (look > 1) await sleep(1000);
    if (await secrets.has(applicationId, keyId)) return true;
  }
  return false;
}

async function makeSecret(
  services: Services,
  wanted: WantedSecret,
  record?: RecordedSecret,
): Promise<RecordedSecret> {
  const { world, secrets, vault } = services;
  const { applicationId, secretResourceId, displayName, endDate } = wanted;
  const [keyIds, current] = await Promise.all([
    secrets.named(applicationId, displayName),
    vault.current(secretResourceId),
  ]);
  const published = unrecordedSecret(wanted, record, current, keyIds, world.now());
  if (published !== undefined) return published;

  const added = await secrets.add({ applicationId, displayName, endDate });
  try {
    const verification = await verify(world, wanted, added);
    return await publish(servicesOf(world, services.identity).vault, wanted, added, verification);
  } catch (error) {
    return await afterFailure(error, servicesOf(world, services.identity), wanted, added);
  }
}

interface Verification {
  readonly verifiedAt: string;
  readonly verifiedBy: string;
}

async function verify(world: ProviderWorld, wanted: WantedSecret, added: AddedSecret): Promise<Verification> {
  const { app, tenantId, clientId } = wanted;
  // Waits for nothing by itself: the verification decides what a refusal means.
  const longestWaitSeconds = wanted.overSeconds + wanted.patienceSeconds;
  const client = azureClient(world, { waitSeconds: 0, longestWaitSeconds });
  const result = await verifySecret(wanted, {
    requestToken: async () => {
      const credential = { proof: { clientSecret: added.forEntra }, resource: microsoftGraph };
      const outcome = await requestToken(client, { tenantId, clientId, ...credential });
      return outcome.ok ? undefined : outcome.refusal;
    },
    elapsed: world.elapsed,
    sleep: world.sleep,
    now: world.now,
  });
  if (result.verified) {
    return { verifiedAt: result.verifiedAt, verifiedBy: `${result.tokens} tokens` };
  }
  const message = verificationFailureMessage({ app, clientId, keyId: added.keyId }, result);
  throw new OperatorError("SECRET_NOT_PUBLISHED", message);
}

async function publish(
  vault: VaultSecrets,
  wanted: WantedSecret,
  { keyId, startsAt, endsAt, forResourceManager }: AddedSecret,
  verification: Verification,
): Promise<RecordedSecret> {
  const { sequence, clientId, applicationId, secretResourceId, consumerTags } = wanted;
  const record = {
    sequence,
    clientId,
    applicationId,
    secretResourceId,
    consumerTags,
    keyId,
    startsAt,
    endsAt,
  };
  const tags = tagsOf(wanted, { ...record, ...verification });
  const { versionUri } = await vault.publish(secretResourceId, { value: forResourceManager, endsAt, tags });
  return { ...record, ...verification, versionUri };
}

/**
 * Removes the client secret that this call added, unless the vault holds it: a lost answer says nothing about what was
 * done.
 *
 * @throws {OperatorError} `SECRET_NOT_PUBLISHED`, with the cause and what became of the client secret.
 */
async function afterFailure(
  cause: unknown,
  { secrets, vault }: Pick<Services, "secrets" | "vault">,
  wanted: WantedSecret,
  { keyId }: AddedSecret,
): Promise<RecordedSecret> {
  const subject = `The new client secret of ${wanted.app} (keyId ${keyId})`;
  let outcome = `${subject} was removed again, and the vault is unchanged.`;
  try {
    const current = await vault.current(wanted.secretResourceId);
    const published = current?.tags["keyId"] === keyId ? recordOf(current, wanted) : undefined;
    if (published !== undefined) return published;
    await secrets.remove(wanted.applicationId, keyId);
  } catch (error) {
    outcome =
      `${subject} could not be removed again (${messageOf(error)}). If the vault does not hold it, npm run rotate removes ` +
      "it once it is an hour old.";
  }
  const message = `${messageOf(cause)}\n${outcome} Run the command again.`;
  throw new OperatorError("SECRET_NOT_PUBLISHED", message, { cause });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
