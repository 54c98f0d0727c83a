import { isRecord, json } from "../../server/http";
import { nameOfDeleted } from "../../keyVault/keyVaultError";
import { secretKind } from "../../keyVault/objectKinds";
import { objectNamePattern } from "../../keyVault/objects";
import {
  changeVersion,
  currentVersion,
  findDeletedObject,
  findObject,
  forgetPurgedObjects,
  newVersion,
  pushVersion,
  type VersionChanges,
} from "../../keyVault/vaultObjects";
import type { ArmResource, VaultData, VaultSecret } from "../../tenant/tenant";
import { ArmError, badRequest, methodNotAllowed } from "../armError";
import { demandRight, readBody, type ArmRequest } from "../armRequest";
import { page } from "../lists";
import { readTags } from "../resources";
import { requireParent, requireScope } from "../scopes";

const type = "Microsoft.KeyVault/vaults/secrets";

/**
 * `…/vaults/{v}/secrets[/{n}]`: ARM's own way to a secret. It writes values and never shows one, and it cannot
 * delete. A PUT makes a new version if, and only if, value, content type, attributes or tags differ: what Azure does
 * with an identical one is disputed (Azure/azure-resource-manager-schemas#1494).
 *
 * @see https://learn.microsoft.com/rest/api/keyvault/keyvault/secrets (read 2026-11)
 */
export async function handleVaultSecret(request: ArmRequest): Promise<Response> {
  const { tenant, path, method } = request;
  const [vaultName = "", name] = path.names;
  const vaultId = `${path.scope}/providers/Microsoft.KeyVault/vaults/${vaultName}`;
  const right = method === "GET" ? "read" : "write";
  if (!(name === undefined ? ["GET"] : ["GET", "PUT", "PATCH"]).includes(method))
    throw methodNotAllowed(method);
  demandRight(request, `${type}/${right}`, name === undefined ? vaultId : `${vaultId}/secrets/${name}`);
  requireScope(tenant, path.scope);
  const vault = requireParent(tenant, right, "vaults/secrets", vaultId);
  const data = tenant.state.vaults[vault.name.toLowerCase()];
  if (data === undefined) throw new Error(`The vault ${vault.name} has no data.`);
  forgetPurgedObjects(data, tenant.clock.now());
  if (name === undefined) {
    const secrets = Object.values(data.secrets).map((secret) => describe(vault, secret));
    return json(200, page(secrets, new URL(request.request.url)));
  }
  const shelf = secretKind.shelf(data);
  const secret = findObject(shelf, name);
  if (method === "PUT") return put(request, vault, data, name);
  if (secret === undefined) {
    throw new ArmError(
      404,
      "SecretNotFound",
      `A secret with (name/id) ${name} was not found in this key vault.`,
    );
  }
  if (method === "PATCH") {
    const { value, contentType, ...changes } = readContent(await readBody(request));
    const now = tenant.clock.now();
    let target = currentVersion(secret);
    if (value !== undefined) {
      target = { ...target, ...newVersion(target, now), value };
      pushVersion(shelf, secret.name, target);
    }
    if (contentType !== undefined) target.contentType = contentType;
    changeVersion(target, changes, now);
  }
  return json(200, describe(vault, secret));
}

async function put(
  request: ArmRequest,
  vault: ArmResource,
  data: VaultData,
  name: string,
): Promise<Response> {
  const { clock } = request.tenant;
  if (!objectNamePattern.test(name)) throw badRequest(`The secret name '${name}' is not valid.`);
  const { value, ...content } = readContent(await readBody(request));
  const shelf = secretKind.shelf(data);
  if (findDeletedObject(shelf, name) !== undefined) {
    throw new ArmError(409, "Conflict", nameOfDeleted("secret", name));
  }
  if (value === undefined) throw badRequest("The parameter value is not specified.");
  const existing = findObject(shelf, name);
  if (existing === undefined || !isSame(existing, { ...content, value })) {
    const { contentType } = content;
    pushVersion(shelf, name, {
      ...newVersion(content, clock.now()),
      value,
      ...(contentType === undefined ? {} : { contentType }),
    });
  }
  const secret = findObject(shelf, name);
  if (secret === undefined) throw new Error(`The secret ${name} was not kept.`);
  return json(existing === undefined ? 201 : 200, describe(vault, secret));
}

interface Content extends VersionChanges {
  readonly value?: string | undefined;
  readonly contentType?: string | undefined;
}

function readContent({ tags, properties }: Record<string, unknown>): Content {
  const { value, contentType, attributes } = isRecord(properties) ? properties : {};
  const { enabled, nbf, exp } = isRecord(attributes) ? attributes : {};
  if (value !== undefined && typeof value !== "string")
    throw badRequest("The parameter value is not a text.");
  return {
    value,
    tags: tags === undefined || tags === null ? undefined : readTags(tags),
    contentType: typeof contentType === "string" ? contentType : undefined,
    enabled: typeof enabled === "boolean" ? enabled : undefined,
    nbf: typeof nbf === "number" ? nbf : undefined,
    exp: typeof exp === "number" ? exp : undefined,
  };
}

function isSame(secret: VaultSecret, wanted: Content): boolean {
  const current = currentVersion(secret);
  const comparable = ({ value, contentType, enabled = true, nbf, exp, tags }: Content): string =>
    JSON.stringify([value, contentType, enabled, nbf, exp, Object.entries(tags ?? {}).sort()]);
  return comparable(current) === comparable(wanted);
}

function describe(vault: ArmResource, secret: VaultSecret): object {
  const { version, contentType, tags, enabled, nbf, exp, created, updated } = currentVersion(secret);
  const secretUri = `${String(vault.properties["vaultUri"])}secrets/${secret.name}`;
  return {
    id: `${vault.id}/secrets/${secret.name}`,
    name: secret.name,
    type,
    location: vault.location,
    ...(tags === undefined ? {} : { tags }),
    properties: {
      ...(contentType === undefined ? {} : { contentType }),
      attributes: {
        enabled,
        ...(nbf === undefined ? {} : { nbf }),
        ...(exp === undefined ? {} : { exp }),
        created,
        updated,
      },
      secretUri,
      secretUriWithVersion: `${secretUri}/${version}`,
    },
  };
}
