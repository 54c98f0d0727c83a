import { isRecord, type Properties } from "../../properties";

/**
 * Where `@pulumi/azure-native` and ARM name or nest the same thing in two ways. Both directions leave everything
 * else as it is.
 */
interface Difference {
  readonly toWire: (value: Properties) => Properties;
  readonly fromWire: (value: Properties) => Properties;
}

/** By the input in which they occur. */
const differences: Readonly<Record<string, Difference>> = {
  // A destination's own settings lie one level deeper on the wire.
  destination: {
    toWire: ({ endpointType, ...settings }) => ({ endpointType, properties: settings }),
    fromWire: ({ endpointType, properties }) => ({
      endpointType,
      ...(isRecord(properties) ? properties : {}),
    }),
  },
  deadLetterDestination: {
    toWire: ({ endpointType, ...settings }) => ({ endpointType, properties: settings }),
    fromWire: ({ endpointType, properties }) => ({
      endpointType,
      ...(isRecord(properties) ? properties : {}),
    }),
  },
  // A list of IDs in the program; on the wire an object, each ID with what Azure knows of it.
  identity: {
    toWire: ({ userAssignedIdentities: ids, ...identity }) => ({
      ...identity,
      ...(Array.isArray(ids)
        ? { userAssignedIdentities: Object.fromEntries(ids.map((id) => [String(id), {}])) }
        : {}),
    }),
    fromWire: (identity) => identity,
  },
  // The typed workflow's: what the package does not know never reaches ARM, such as `sasAuthenticationPolicy`.
  accessControl: {
    toWire: (sections) =>
      Object.fromEntries(
        Object.entries(sections).map(([section, policy]) => [
          section,
          isRecord(policy) ? only(policy, "allowedCallerIpAddresses", "openAuthenticationPolicies") : policy,
        ]),
      ),
    fromWire: (sections) => sections,
  },
  // A vault secret's times.
  attributes: {
    toWire: ({ expires, notBefore, ...attributes }) => ({
      ...attributes,
      ...(expires === undefined ? {} : { exp: expires }),
      ...(notBefore === undefined ? {} : { nbf: notBefore }),
    }),
    fromWire: ({ exp, nbf, ...attributes }) => ({
      ...attributes,
      ...(exp === undefined ? {} : { expires: exp }),
      ...(nbf === undefined ? {} : { notBefore: nbf }),
    }),
  },
};

/** Turns inputs into the form that ARM takes. */
export function toWire(properties: Properties): Properties {
  return renamed(properties, "toWire");
}

/** Turns ARM's answer into the form that programs see. */
export function fromWire(properties: Properties): Properties {
  return renamed(properties, "fromWire");
}

function only(properties: Properties, ...keys: readonly string[]): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([key]) => keys.includes(key)));
}

function renamed(properties: Properties, direction: keyof Difference): Properties {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => {
      if (!isRecord(value)) return [key, value];
      const difference = differences[key];
      // A definition is the program's own document: nothing in it is ours to rename.
      if (key === "definition" || key === "parameters") return [key, value];
      return [key, difference === undefined ? renamed(value, direction) : difference[direction](value)];
    }),
  );
}
