/** A resource in a state, as the Pulumi CLI exports it and the inline engine keeps it. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly id?: string;
  readonly parent?: string;
  readonly provider?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** What the vault's current version holds. */
export interface Published {
  readonly value: string;
  readonly exp?: number;
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * A state as releases up to 0.2 left it: three resources for each `ClientSecret`, two of them with the value.
 *
 * @param resources The state of this release, in its order.
 * @param published The version that the state's one `ClientSecret` published.
 * @param secret How the state holds a secret.
 */
export function earlierState<Resource extends StateResource>(
  resources: readonly Resource[],
  published: Published,
  secret: (value: string) => unknown,
): Resource[] {
  const providerOf = (type: string) => {
    const provider = resources.find((resource) => resource.type === type)?.provider;
    return provider === undefined ? {} : { provider };
  };
  return underStack(resources).flatMap((resource) => {
    if (!resource.type.endsWith(":ClientSecret") || !resource.custom) return [resource];
    const { outputs = {}, inputs = {}, parent = "", id = "" } = resource;
    const { verifiedAt, verifiedBy, ...tags } = published.tags ?? {};
    const [app, sequence, keyId] = [inputs["app"], inputs["sequence"], outputs["keyId"]].map(String);
    const component = parent.split("::").slice(0, 3).join("::");
    const place = (type: string, name: string) => ({
      type,
      name,
      urn: `${component}$${type}::${name}`,
      custom: true,
      parent,
      dependencies: [],
    });
    const numbered = `${app ?? ""}-${sequence ?? ""}`;
    const password = {
      applicationId: inputs["applicationId"],
      displayName: inputs["displayName"],
      endDate: outputs["endsAt"],
    };
    const value = secret(published.value);
    const proof = {
      app,
      clientId: inputs["clientId"],
      keyId,
      clientSecret: value,
      __provider: "exports.handler",
    };
    const [, , , , group = "", , , , vaultName = "", , secretName = ""] = id.split("/");
    const shown = {
      contentType: "Entra client secret",
      attributes: { enabled: true, expires: published.exp },
    };
    const vaultSecret = {
      resourceGroupName: group,
      vaultName,
      secretName,
      properties: { ...shown, value },
      tags: { ...tags, provedAt: verifiedAt, provedBy: verifiedBy },
    };
    return [
      {
        ...place("azuread:index/applicationPassword:ApplicationPassword", numbered),
        ...providerOf("azuread:index/application:Application"),
        id: `object/password/${keyId ?? ""}`,
        inputs: password,
        outputs: { ...password, keyId, startDate: outputs["startsAt"], value },
        retainOnDelete: true,
      },
      {
        ...place("pulumi-nodejs:dynamic/copilot-token:SecretProof", numbered),
        ...(resource.provider === undefined ? {} : { provider: resource.provider }),
        id: keyId ?? "",
        inputs: proof,
        outputs: { ...proof, provedAt: verifiedAt, tokens: 2 },
        retainOnDelete: true,
      },
      {
        ...place("azure-native:keyvault:Secret", app ?? ""),
        ...providerOf("azure-native:keyvault:Vault"),
        id,
        inputs: vaultSecret,
        outputs: {
          name: secretName,
          type: "Microsoft.KeyVault/vaults/secrets",
          tags: vaultSecret.tags,
          properties: { ...shown, secretUriWithVersion: outputs["versionUri"] },
        },
      },
    ] as unknown as Resource[];
  });
}

/** Each part of an app lay directly under the stack. */
function underStack<Resource extends StateResource>(resources: readonly Resource[]): Resource[] {
  const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.urn ?? "";
  const parts = resources.filter(({ type }) => type !== "copilot-token:infra:GraphApp");
  const text = JSON.stringify(parts)
    .replaceAll("copilot-token:infra:GraphApp$", "")
    .replaceAll(/"urn:pulumi:[^"]*::copilot-token:infra:GraphApp::[^"]*"/g, JSON.stringify(stack));
  return JSON.parse(text) as Resource[];
}
