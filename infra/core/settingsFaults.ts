import type { z } from "zod";
import type { Fault } from "./errors";

/** Prefix of every setting: the project's name. */
export const settingsNamespace = "copilot-token";

/** Where in the settings, from the key after the prefix inwards. */
export type Path = readonly PropertyKey[];

/** The full key of a setting, as `pulumi config set --path` wants it. */
export function configKey(path: Path): string {
  const [first, ...rest] = path;
  let key = `${settingsNamespace}:${String(first)}`;
  for (const part of rest) {
    if (typeof part === "number") key += `[${part}]`;
    else key += /^[A-Za-z_][A-Za-z0-9_-]*$/.test(String(part)) ? `.${String(part)}` : `["${String(part)}"]`;
  }
  return key;
}

/** The command that repairs a setting. */
export function setCommand(path: Path, value: string): string {
  return `pulumi config set --path '${configKey(path)}' ${/^[\w.:/-]+$/.test(value) ? value : `'${value}'`}`;
}

/** The command that takes a setting out. */
export function removeCommand(path: Path): string {
  return `pulumi config rm --path '${configKey(path)}'`;
}

/** A value that works, for each kind of setting; `*` stands for any key, `[]` for any index. */
const examples: Readonly<Record<string, string>> = {
  "apps.*.displayName": "CopilotAPIAuth",
  "apps.*.permissions[]": "User.Read.All",
  "apps.*.readers[].id": "<object ID>",
  "apps.*.readers[].type": "ServicePrincipal",
  "apps.*.adopt": "<application object ID>",
  "rotation.everyDays": "60",
  "rotation.keepDays": "60",
  "rotation.graceDays": "14",
  "rotation.proof.tokens": "5",
  "rotation.proof.overSeconds": "10",
  "vault.name": "copilot-token-prod",
  "vault.retentionDays": "90",
  "vault.sku": "standard",
  "vault.readers[].id": "<object ID>",
  "vault.readers[].type": "ServicePrincipal",
  "vault.allowedIpRanges[]": "203.0.113.0/24",
  "owners[]": "<object ID>",
  protect: "true",
  "alerts.email": "admin@example.com",
};

function repairOf(path: Path): string {
  const kind = path
    .map((part, index) => {
      if (typeof part === "number") return "[]";
      if (index === 1 && path[0] === "apps") return ".*";
      return index === 0 ? String(part) : `.${String(part)}`;
    })
    .join("");
  if (kind === "apps") return setCommand(["apps", "CopilotAPIAuth", "permissions", 0], "User.Read.All");
  if (kind === "apps.*.permissions") return setCommand([...path, 0], "User.Read.All");
  const example = examples[kind];
  return example === undefined ? removeCommand(path) : setCommand(path, example);
}

const typeNames: Readonly<Record<string, string>> = { object: "a map", record: "a map", array: "a list" };

/**
 * A fault with the value that stands at `path`.
 *
 * @param code Default `SETTING_INVALID`.
 */
export function faultAt(
  path: Path,
  given: unknown,
  reason: string,
  repair: string,
  code = "SETTING_INVALID",
): Fault {
  const value = path.reduce<unknown>(
    (inner, part) =>
      typeof inner === "object" && inner !== null ? (inner as Record<PropertyKey, unknown>)[part] : undefined,
    given,
  );
  return {
    code,
    key: configKey(path),
    value: value === undefined ? "(absent)" : JSON.stringify(value),
    reason,
    repair,
  };
}

/** The faults behind one complaint of the schema. */
export function faultsOfIssue(issue: z.core.$ZodIssue, given: unknown): Fault[] {
  const fault = (path: Path, reason: string, repair: string, code?: string): Fault =>
    faultAt(path, given, reason, repair, code);

  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) =>
        fault(
          [...issue.path, key],
          `There is no such setting${issue.path.length === 0 ? "" : ` in ${configKey(issue.path)}`}.`,
          removeCommand([...issue.path, key]),
          "SETTING_UNKNOWN",
        ),
      );
    case "invalid_key":
      return [
        fault(
          issue.path,
          issue.issues[0]?.message ?? issue.message,
          `Rename it: ${removeCommand(issue.path)}`,
        ),
      ];
    case "custom": {
      const repair = issue.params?.["remove"] === true ? removeCommand(issue.path) : repairOf(issue.path);
      return [fault(issue.path, issue.message, repair)];
    }
    case "invalid_type": {
      const reason = issue.message.startsWith("Invalid input")
        ? `Expected ${typeNames[issue.expected] ?? `a ${issue.expected}`}.`
        : issue.message;
      const repair = ["object", "record"].includes(issue.expected)
        ? removeCommand(issue.path)
        : repairOf(issue.path);
      return [fault(issue.path, reason, repair)];
    }
    default:
      return [fault(issue.path, issue.message, repairOf(issue.path))];
  }
}
