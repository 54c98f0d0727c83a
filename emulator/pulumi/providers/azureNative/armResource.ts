import { isRecord, requiredText, text, unknownValue, without, type Properties } from "../../properties";
import { keptOr, type ResourceHandler } from "../handlers";
import { inputsIn } from "../../resourceProvider";
import { errorText, type ArmClient } from "./armClient";
import { autoname } from "./autoname";
import { pathParameters, type ArmResourceType } from "./resourceTypes";
import { fromWire, toWire } from "./wireShape";

/**
 * Manages a resource type of Azure Resource Manager in azure-native's ways: a look before creation, the whole body by
 * PUT, a read after each write.
 *
 * @param defaultLocation From the stack's configuration; otherwise the resource group's own.
 */
export function armResourceHandler(
  type: ArmResourceType,
  arm: ArmClient,
  defaultLocation: string | undefined,
): ResourceHandler {
  const parameters = pathParameters(type.path);
  const ownName = parameters.at(-1) ?? "";
  const versionInput = type.apiVersionInput === undefined ? [] : [type.apiVersionInput];
  // The program gives the mark back where it leaves all inputs as they are.
  const inputs = [...parameters, ...type.envelope, ...type.body, ...versionInput, freshlyNamed];
  const versionOf = (stated: Properties): string =>
    type.apiVersionInput === undefined ? type.apiVersion : requiredText(stated, type.apiVersionInput);

  const write = async (
    id: string,
    stated: Properties,
    unset: Properties,
  ): Promise<{ id: string; outs: Properties }> => {
    const apiVersion = versionOf(stated);
    const answer = await arm.put(id, apiVersion, bodyOf(type, stated, unset));
    if (![200, 201, 202].includes(answer.status)) throw new Error(errorText(answer));
    const resourceId = text(answer.json ?? {}, "id") ?? id;
    const found = (await arm.get(resourceId, apiVersion)) ?? answer.json ?? {};
    return { id: resourceId, outs: outputsOf(type, found) };
  };

  return {
    inputs,
    forceNew: [...parameters, ...(type.forceNew ?? [])],
    deleteBeforeReplace: (news) => news[freshlyNamed] !== true,
    async check(name, olds, news) {
      const named = withName(name, olds, news);
      if (!type.envelope.includes("location")) return named;
      const location = named["location"] ?? olds["location"] ?? (await locationOf(named));
      return location === undefined ? named : { ...named, location };
    },
    async create(news) {
      const id = resourceIdOf(type, news, arm.subscriptionId);
      await arm.expectAbsent(id, versionOf(news));
      const empty = Object.fromEntries((type.emptyAtCreation ?? []).map((key) => [key, []]));
      return await write(id, news, empty);
    },
    async read(id, known) {
      const found = await arm.get(id, versionOf(inputsIn(known)));
      if (found === undefined) return undefined;
      const outs = outputsOf(type, found);
      const stated = [...type.envelope, ...type.body].filter((key) => outs[key] !== undefined);
      return {
        outs,
        inputs: {
          ...Object.fromEntries(stated.map((key) => [key, outs[key]])),
          ...parametersIn(type, id),
          ...inputsIn(known),
        },
      };
    },
    async update(id, _olds, news) {
      // What the program leaves to others, such as access policies, is sent back as it is.
      const current = type.emptyAtCreation === undefined ? undefined : await arm.get(id, versionOf(news));
      const properties = isRecord(current?.["properties"]) ? current["properties"] : {};
      const kept = Object.fromEntries(
        (type.emptyAtCreation ?? []).map((key) => [key, properties[key] ?? []]),
      );
      return (await write(id, news, kept)).outs;
    },
    delete: (id, known) => arm.delete(id, versionOf(inputsIn(known))),
  };

  function withName(name: string, olds: Properties, news: Properties): Properties {
    const named = keptOr(olds, news, ownName, () => autoname(type.autoname, name));
    if (news[ownName] !== undefined && news[ownName] !== null) return named;
    const isOldName = olds[ownName] !== undefined && olds[ownName] === named[ownName];
    return (isOldName ? olds[freshlyNamed] === true : type.autoname !== "copy")
      ? { ...named, [freshlyNamed]: true }
      : named;
  }

  async function locationOf(news: Properties): Promise<string | undefined> {
    if (defaultLocation !== undefined) return defaultLocation;
    const group = text(news, "resourceGroupName");
    if (group === undefined || group === unknownValue || ownName === "resourceGroupName") return undefined;
    const id = `/subscriptions/${arm.subscriptionId}/resourceGroups/${group}`;
    return text((await arm.get(id, "2020-10-01")) ?? {}, "location");
  }
}

/**
 * Among a resource's inputs where the provider has made its name up: its replacement gets another name and may come
 * first. A stated name, a copied one and an imported one cannot be had twice.
 *
 * @see https://github.com/pulumi/pulumi-azure-native/blob/master/provider/pkg/provider/provider.go (read 2026-11)
 */
export const freshlyNamed = "__createBeforeDelete";

/** The ID that a resource with these inputs has. */
export function resourceIdOf(type: ArmResourceType, inputs: Properties, subscriptionId: string): string {
  return type.path.replaceAll(/\{(\w+)\}/g, (_match, parameter: string) =>
    parameter === "subscriptionId" ? subscriptionId : requiredText(inputs, parameter).replace(/^\//, ""),
  );
}

/** The inputs that are part of an ID. */
export function parametersIn(type: ArmResourceType, id: string): Properties {
  const pattern = type.path.replaceAll(/\{(\w+)\}/g, (_match, parameter: string) =>
    parameter === "scope" || parameter === "resourceUri" ? `(?<${parameter}>.+)` : `(?<${parameter}>[^/]+)`,
  );
  return without(new RegExp(`^${pattern}$`, "i").exec(id)?.groups ?? {}, "subscriptionId");
}

function bodyOf(type: ArmResourceType, inputs: Properties, unset: Properties): Properties {
  const pick = (keys: readonly string[]): Properties =>
    Object.fromEntries(keys.filter((key) => inputs[key] !== undefined).map((key) => [key, inputs[key]]));
  const { properties } = inputs;
  const own =
    type.nested === true
      ? isRecord(properties)
        ? properties
        : {}
      : renamed(pick(type.body), (key) => type.wireNames?.[key]);
  return {
    ...toWire(pick(type.envelope)),
    properties: type.untyped === true ? own : { ...unset, ...toWire(own) },
  };
}

function outputsOf(type: ArmResourceType, found: Properties): Properties {
  const { properties, ...envelope } = without(found, "id");
  const names = Object.entries(type.wireNames ?? {});
  const held = isRecord(properties) ? properties : {};
  const own = renamed(
    type.untyped === true ? held : fromWire(held),
    (key) => names.find(([, wireName]) => wireName === key)?.[0],
  );
  return {
    azureApiVersion: type.apiVersion,
    ...fromWire(envelope),
    ...(type.nested === true ? { properties: own } : own),
  };
}

function renamed(properties: Properties, nameOf: (key: string) => string | undefined): Properties {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [nameOf(key) ?? key, value]));
}
