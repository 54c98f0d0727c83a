import { randomUUID } from "node:crypto";
import type { AzureClient } from "../../azure/azureClient";
import { clientSecrets } from "../../azure/clientSecrets";
import { Credential } from "../../azure/credential";
import type { TokenQuestion } from "../../azure/entra";
import type { GraphApi } from "../../azure/graph";
import { keyCredentials } from "../../azure/keyCredentials";
import { resourceManager } from "../../azure/services";
import { signedAssertion } from "../../azure/signedAssertion";
import type { Identity } from "../../azure/signIn";
import type { PublishedValue } from "../../azure/vaultSecrets";
import { vaultCertificates } from "../../azure/vaultCertificates";
import { certificatePolicy, keyUriOf, readKeyUri } from "../../core/secrets/certificateKey";
import type { RecordedCredential, WantedCredential } from "../../core/secrets/credentialState";
import { credentialEndDate } from "../../core/secrets/rotation";
import { readSecretResourceId } from "../../core/secrets/publishedSecret";

/** A credential that was just added. */
export interface AddedCredential extends Pick<
  RecordedCredential,
  "keyId" | "startsAt" | "endsAt" | "certificate"
> {
  /** What the vault publishes of it. */
  readonly published: PublishedValue;
  /** What gets a token by it; signs anew each time. */
  readonly credential: (client: AzureClient) => Promise<TokenQuestion["credential"]>;
}

/** One kind of credential: how an application gets it and loses it. */
export interface CredentialIssuer {
  /** Key IDs of those that carry a display name. */
  named(applicationId: string, displayName: string): Promise<string[]>;
  /** Whether the application still accepts it, and its key still serves. */
  serves(record: RecordedCredential): Promise<"serves" | "notInEntra" | "noKey">;
  add(wanted: WantedCredential): Promise<AddedCredential>;
  /** Removes one from the application; it may be gone already. */
  remove(applicationId: string, keyId: string): Promise<void>;
  /** Deletes what the vault holds beside the published secret. */
  removeKeys(record: RecordedCredential): Promise<void>;
}

/** Everything that an issuer works with. */
export interface IssuerServices {
  readonly client: AzureClient;
  readonly identity: Identity;
  readonly graph: GraphApi;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Looks at a list that lacks a credential, before it counts as removed: a replica may be behind. */
const looks = 3;

/** Client secrets: Entra makes the value and tells it once. */
export function clientSecretIssuer({ graph, now, sleep }: IssuerServices): CredentialIssuer {
  const secrets = clientSecrets(graph);
  return {
    named: (applicationId, displayName) => secrets.named(applicationId, displayName),
    remove: (applicationId, keyId) => secrets.remove(applicationId, keyId),
    removeKeys: () => Promise.resolve(),
    serves: async ({ applicationId, keyId }) =>
      (await isListed(() => secrets.has(applicationId, keyId), sleep)) ? "serves" : "notInEntra",
    add: async ({ applicationId, displayName, lifetimeDays }) => {
      const { keyId, startsAt, endsAt, ...added } = await secrets.add({
        applicationId,
        displayName,
        endDate: credentialEndDate(now(), lifetimeDays),
      });
      return {
        keyId,
        startsAt,
        endsAt,
        published: { value: added.forResourceManager, contentType: "Entra client secret" },
        credential: () => Promise.resolve({ clientSecret: added.forEntra }),
      };
    },
  };
}

/** Certificates: the vault makes the key pair and keeps the private key; the public half is registered. */
export function certificateIssuer({ client, identity, graph, now, sleep }: IssuerServices): CredentialIssuer {
  const registered = keyCredentials(graph, () => sleep(1000));
  const certificates = vaultCertificates(client, identity);
  return {
    named: (applicationId, displayName) => registered.named(applicationId, displayName),
    remove: (applicationId, keyId) => registered.remove(applicationId, [keyId]),
    removeKeys: async ({ certificate }) => {
      const key = readKeyUri(client.cloud, certificate?.keyUri ?? "");
      if (key !== undefined) await certificates.remove(key.vaultName, key.name);
    },
    serves: async ({ applicationId, keyId, certificate }) => {
      const key = readKeyUri(client.cloud, certificate?.keyUri ?? "");
      const [listed, version] = await Promise.all([
        isListed(() => registered.has(applicationId, keyId), sleep),
        key === undefined ? undefined : certificates.version(key),
      ]);
      if (!listed) return "notInEntra";
      return version?.enabled === true && version.thumbprint === certificate?.thumbprint ? "serves" : "noKey";
    },
    add: async (wanted) => {
      const { certificate: wish, tenantId, clientId, applicationId, displayName, secretResourceId } = wanted;
      const place = readSecretResourceId(secretResourceId);
      if (wish === undefined || place === undefined) throw new Error("The inputs are not a certificate's.");
      const endsAt = credentialEndDate(now(), wanted.lifetimeDays);
      const policy = certificatePolicy(wish, clientId, now(), new Date(endsAt));
      const tags = { app: wanted.app, clientId };
      const made = await certificates.create(place.vaultName, wish.name, policy, tags);
      const { key, thumbprint } = made;
      const sign = (by: AzureClient) =>
        signedAssertion(by, identity, { tenantId, clientId, key, thumbprint }, now());
      // A caller that may not sign learns it before the application is changed.
      await sign(client);
      const keyId = randomUUID();
      const startsAt = `${made.createdAt.toISOString().slice(0, 19)}Z`;
      const credential = { keyId, displayName, startsAt, endsAt, der: made.der };
      await registered.add(applicationId, credential);
      return {
        keyId,
        startsAt,
        endsAt,
        certificate: { keyUri: keyUriOf(client.cloud, key), thumbprint },
        published: {
          value: new Credential(keyUriOf(client.cloud, key), resourceManager),
          contentType: "Key Vault key of an Entra certificate",
        },
        credential: async (by) => ({ clientAssertion: await sign(by) }),
      };
    },
  };
}

async function isListed(look: () => Promise<boolean>, sleep: IssuerServices["sleep"]): Promise<boolean> {
  for (let count = 1; count <= looks; count += 1) {
    if (count > 1) await sleep(1000);
    if (await look()) return true;
  }
  return false;
}
