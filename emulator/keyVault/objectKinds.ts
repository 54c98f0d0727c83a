import type {
  ArmResource,
  DeletedVaultObject,
  VaultCertificateVersion,
  VaultData,
  VaultKeyVersion,
  VaultObject,
  VaultObjectVersion,
  VaultSecretVersion,
} from "../tenant/tenant";
import {
  describeCertificate,
  describeCertificateItem,
  describeKey,
  describeKeyItem,
  describeSecret,
  vaultUrl,
} from "./bundle";

/** Where the objects of a kind are kept. */
export interface ObjectStore<Version extends VaultObjectVersion> {
  /** Live objects and soft-deleted ones, by lower-case name. */
  readonly shelf: (data: VaultData) => Shelf<Version>;
  /** Stores whose object of the same name lives and dies with it. */
  readonly companions: readonly ObjectStore<VaultObjectVersion>[];
}

/** One of the three kinds of object that a vault holds. */
export interface ObjectKind<Version extends VaultObjectVersion> extends ObjectStore<Version> {
  /** Its collection in addresses, access policies and data actions. */
  readonly collection: "secrets" | "keys" | "certificates";
  readonly noun: "secret" | "key" | "certificate";
  /** One version, without the value of a secret. */
  readonly describe: (vault: ArmResource, object: VaultObject<Version>, version: Version) => object;
  /** A version in a list, under an ID with or without it. */
  readonly describeItem: (vault: ArmResource, version: Version, id: string) => object;
}

export interface Shelf<Version> {
  readonly live: Record<string, VaultObject<Version>>;
  readonly deleted: Record<string, DeletedVaultObject<Version>>;
}

export const secretKind: ObjectKind<VaultSecretVersion> = {
  collection: "secrets",
  noun: "secret",
  shelf: ({ secrets, deletedSecrets }) => ({ live: secrets, deleted: deletedSecrets }),
  companions: [],
  describe: (vault, { name }, version) =>
    describeSecret(vault, version, `${vaultUrl(vault)}/secrets/${name}/${version.version}`),
  describeItem: describeSecret,
};

export const keyKind: ObjectKind<VaultKeyVersion> = {
  collection: "keys",
  noun: "key",
  shelf: (data) => ({ live: (data.keys ??= {}), deleted: (data.deletedKeys ??= {}) }),
  companions: [],
  describe: describeKey,
  describeItem: describeKeyItem,
};

/** A certificate has a key and a secret of its own, under its name and version. */
export const certificateKind: ObjectKind<VaultCertificateVersion> = {
  collection: "certificates",
  noun: "certificate",
  shelf: (data) => ({ live: (data.certificates ??= {}), deleted: (data.deletedCertificates ??= {}) }),
  companions: [keyKind, secretKind],
  describe: describeCertificate,
  describeItem: describeCertificateItem,
};
