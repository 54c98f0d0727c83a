import { randomBytes, randomInt, randomUUID } from "node:crypto";
import type { Properties } from "../properties";
import { handlerProvider, type ResourceHandler } from "./handlers";
import { inputsIn, type ResourceProvider } from "../resourceProvider";

const lowerCase = "abcdefghijklmnopqrstuvwxyz";
const digits = "0123456789";
const specialCharacters = "!@#$%&*()-_=+[]{}<>:?";

/**
 * The part of `@pulumi/random` that programs here use. All of it is local: no emulator is needed.
 *
 * @see https://www.pulumi.com/registry/packages/random/api-docs/randomstring/ (read 2026-11)
 */
export function randomProvider(): ResourceProvider {
  return handlerProvider({
    version: "4.21.2",
    resources: {
      "random:index/randomString:RandomString": randomResource(stringInputs, (inputs) => {
        const result = randomString(inputs);
        return { id: result, outs: { ...stringDefaults, ...inputs, result } };
      }),
      "random:index/randomUuid:RandomUuid": randomResource(
        ["keepers"],
        (inputs) => {
          const result = randomUUID();
          return { id: result, outs: { ...inputs, result } };
        },
        (id, known) => ({ ...known, result: id }),
      ),
      "random:index/randomId:RandomId": randomResource(["byteLength", "keepers", "prefix"], randomId),
    },
    functions: {},
  });
}

const stringDefaults = { lower: true, upper: true, numeric: true, special: true };
const stringInputs = [
  ...["keepers", "length", "lower", "upper", "numeric", "special", "overrideSpecial"],
  ...["minLower", "minUpper", "minNumeric", "minSpecial"],
];

function randomResource(
  inputs: readonly string[],
  make: (inputs: Properties) => { id: string; outs: Properties },
  /** What an import knows. */
  found: (id: string, known: Properties) => Properties = (_id, known) => known,
): ResourceHandler {
  return {
    inputs,
    // Whatever changes, it is another draw.
    forceNew: inputs,
    create: (news) => Promise.resolve(make(news)),
    read: (id, known) => Promise.resolve({ outs: found(id, known), inputs: inputsIn(known) }),
    delete: () => Promise.resolve(),
  };
}

function randomString(inputs: Properties): string {
  const special =
    typeof inputs["overrideSpecial"] === "string" ? inputs["overrideSpecial"] : specialCharacters;
  const kinds = [
    { characters: lowerCase, allowed: inputs["lower"] !== false, least: inputs["minLower"] },
    { characters: lowerCase.toUpperCase(), allowed: inputs["upper"] !== false, least: inputs["minUpper"] },
    { characters: digits, allowed: inputs["numeric"] !== false, least: inputs["minNumeric"] },
    { characters: special, allowed: inputs["special"] !== false, least: inputs["minSpecial"] },
  ].filter(({ allowed }) => allowed);
  const any = kinds.map(({ characters }) => characters).join("");
  const drawn = kinds.flatMap(({ characters, least }) => draw(characters, Number(least ?? 0)));
  return shuffled([...drawn, ...draw(any, Number(inputs["length"]) - drawn.length)]).join("");
}

function draw(characters: string, count: number): string[] {
  return Array.from({ length: Math.max(count, 0) }, () => characters.charAt(randomInt(characters.length)));
}

function shuffled(items: readonly string[]): string[] {
  const rest = [...items];
  return items.flatMap(() => rest.splice(randomInt(rest.length), 1));
}

function randomId(inputs: Properties): { id: string; outs: Properties } {
  const bytes = randomBytes(Number(inputs["byteLength"]));
  const prefix = typeof inputs["prefix"] === "string" ? inputs["prefix"] : "";
  const hex = bytes.toString("hex");
  return {
    id: bytes.toString("base64url"),
    outs: {
      ...inputs,
      hex: `${prefix}${hex}`,
      dec: `${prefix}${BigInt(`0x${hex}`).toString()}`,
      b64Std: `${prefix}${bytes.toString("base64")}`,
      b64Url: `${prefix}${bytes.toString("base64url")}`,
    },
  };
}
