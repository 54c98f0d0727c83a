import {
  appNamePattern,
  faultAt,
  plainText,
  removeCommand,
  repeatedFaults,
  repeats,
  setCommand,
} from "./settingsFaults";
import * as z from "zod";
import { asMap } from "../asMap";
import { OperatorError, type Fault } from "../errors";
import { logicAppDisplayName } from "./logicAppSettings";
import { secretTags } from "../agent/powerPlatform";
import { secretLifetimeDays } from "../secrets/rotation";
import { readVaultId } from "../vault/vaultAdoption";
import { certificateName, signingKeySecretName, vaultSecretKey } from "../vault/vaultName";

/** A number of days, as every setting of days wants it. */
export const wholeDays = z
  .number("A number of days is expected.")
  .int("Days are whole.")
  .min(1, "At least 1 day.")
  .max(730, "At most 730 days: Entra takes no longer secret lifetime from the portal either.");

/** Rotation where the settings say nothing. */
export const defaultDays = { everyDays: 60, keepDays: 60, graceDays: 14 };

/**
 * Errors that the schema does not find, most of them between settings that are each valid. They are found in what was
 * given, so that they are reported together with all others.
 */
export function crossFaults(given: Readonly<Record<string, unknown>>): Fault[] {
  return [
    ...emptyPermissions(given),
    ...appNames(given),
    ...reservedNames(given),
    ...sharedSecretNames(given),
    ...repeatedPermissions(given),
    ...repeatedReaders(given),
    ...sharedDisplayNames(given),
    ...adoptedTwice(given),
    ...vaultNamedTwice(given),
    ...lifetimeTooLong(given),
    ...powerPlatformFaults(given),
  ];
}

function appNames(given: Readonly<Record<string, unknown>>): Fault[] {
  return Object.keys(asMap(given["apps"])).flatMap((name) => {
    const reason =
      name.toLowerCase() === "all"
        ? 'An app cannot have the key "all": COPILOT_TOKEN_ROTATE=all means every app.'
        : appNamePattern.test(name)
          ? undefined
          : "An app's key starts with a letter and has up to 100 letters, digits, '.', '_' and '-'.";
    if (reason === undefined) return [];
    return [faultAt(["apps", name], given, reason, `Rename it: ${removeCommand(["apps", name])}`)];
  });
}

/** Keys such as `constructor`, of which every JavaScript object seems to have a value. */
function reservedNames(given: Readonly<Record<string, unknown>>): Fault[] {
  const apps = Object.entries(asMap(given["apps"]));
  const maps: [path: string[], map: unknown][] = [
    [["apps"], given["apps"]],
    [["identities"], given["identities"]],
    ...apps.map(([name, app]): [string[], unknown] => [
      ["apps", name, "logicApp", "requests"],
      asMap(asMap(app)["logicApp"])["requests"],
    ]),
    ...apps.map(([name, app]): [string[], unknown] => [["apps", name, "apis"], asMap(app)["apis"]]),
  ];
  return maps.flatMap(([path, map]) =>
    Object.keys(asMap(map))
      .filter((name) => name in {})
      .map((name) =>
        faultAt(
          [...path, name],
          given,
          `"${name}" cannot be a key: JavaScript gives every object a property of this name.`,
          `Rename it: ${removeCommand([...path, name])}`,
        ),
      ),
  );
}

function emptyPermissions(given: Readonly<Record<string, unknown>>): Fault[] {
  return Object.entries(asMap(given["apps"])).flatMap(([name, app]) => {
    const { permissions, delegated, apis } = asMap(app);
    if (!Array.isArray(permissions) || permissions.length > 0) return [];
    if (delegated !== undefined || Object.keys(asMap(apis)).length > 0) return [];
    const path = ["apps", name, "permissions"];
    return [
      faultAt(path, given, "An app needs at least one permission.", setCommand([...path, 0], "<permission>")),
    ];
  });
}

function repeatedPermissions(given: Readonly<Record<string, unknown>>): Fault[] {
  return Object.entries(asMap(given["apps"])).flatMap(([name, app]) => {
    const { permissions, apis } = asMap(app);
    const lists: [path: string[], list: unknown][] = [
      [["apps", name, "permissions"], permissions],
      ...Object.entries(asMap(apis)).map(([api, roles]): [string[], unknown] => [
        ["apps", name, "apis", api],
        roles,
      ]),
    ];
    return lists.flatMap(([path, list]) =>
      repeatedFaults(
        path,
        list,
        given,
        plainText,
        (index, first) => `The same permission as ${path.at(2) ?? ""}[${index}] (${JSON.stringify(first)}).`,
      ),
    );
  });
}

/** Azure takes one role assignment for one identity at one place. */
function repeatedReaders(given: Readonly<Record<string, unknown>>): Fault[] {
  const lists: [path: string[], readers: unknown][] = [
    ...Object.entries(asMap(given["apps"])).map(([name, app]): [string[], unknown] => [
      ["apps", name, "readers"],
      asMap(app)["readers"],
    ]),
    [["vault", "readers"], asMap(given["vault"])["readers"]],
    [["powerPlatform", "importers"], asMap(given["powerPlatform"])["importers"]],
  ];
  return lists.flatMap(([path, readers]) =>
    repeats<unknown>(Array.isArray(readers) ? readers : [], (item) => plainText(asMap(item)["id"])).map(
      ({ index, firstIndex }) =>
        faultAt(
          [...path, index, "id"],
          given,
          `The same identity as in [${firstIndex}].`,
          removeCommand([...path, index]),
        ),
    ),
  );
}

/** An app's certificate has names of its own in the vault: another app may be called so. */
function sharedSecretNames(given: Readonly<Record<string, unknown>>): Fault[] {
  const faults: Fault[] = [];
  const byKey = new Map<string, string>();
  const apps = Object.entries(asMap(given["apps"]));
  for (const [name, app] of apps) {
    if (asMap(app)["credential"] !== "certificate") continue;
    for (const key of [certificateName(name), signingKeySecretName(name)])
      byKey.set(vaultSecretKey(key), name);
  }
  for (const [name] of apps) {
    const other = byKey.get(vaultSecretKey(name));
    if (other === undefined) {
      byKey.set(vaultSecretKey(name), name);
      continue;
    }
    faults.push(
      faultAt(
        ["apps", name],
        given,
        `Its vault secret would have the same name as the one of "${other}": Key Vault ignores case and accepts no '.' or '_'.`,
        `Rename one of them: ${removeCommand(["apps", name])}`,
      ),
    );
  }
  return faults;
}

/** Entra itself accepts two apps with one name. The program does not, since people could not tell them apart. */
function sharedDisplayNames(given: Readonly<Record<string, unknown>>): Fault[] {
  const apps = Object.entries(asMap(given["apps"])).flatMap(([name, app]) => {
    const { displayName, credential, logicApp } = asMap(app);
    // A managed identity is no app registration; its Logic App brings one.
    if (credential === "managedIdentity") {
      return logicApp === undefined ? [] : [{ name, shown: logicAppDisplayName(name) }];
    }
    return [{ name, shown: typeof displayName === "string" ? displayName : name }];
  });
  return repeats(apps, ({ shown }) => shown).map(({ item: { name, shown }, first }) => {
    const path = ["apps", name, "displayName"];
    return faultAt(
      path,
      given,
      `"${first.name}" is shown as ${JSON.stringify(shown)} too.`,
      setCommand(path, `${shown} (${name})`),
    );
  });
}

function adoptedTwice(given: Readonly<Record<string, unknown>>): Fault[] {
  const adopted = Object.entries(asMap(given["apps"])).flatMap(([name, app]) => {
    const { adopt } = asMap(app);
    return typeof adopt === "string" ? [{ name, adopt: adopt.toLowerCase() }] : [];
  });
  return repeats(adopted, ({ adopt }) => adopt).map(({ item, first }) => {
    const path = ["apps", item.name, "adopt"];
    return faultAt(path, given, `"${first.name}" adopts the same app.`, removeCommand(path));
  });
}

function vaultNamedTwice(given: Readonly<Record<string, unknown>>): Fault[] {
  const { name, adopt } = asMap(given["vault"]);
  const adopted = typeof adopt === "string" ? readVaultId(adopt)?.vaultName : undefined;
  if (typeof name !== "string" || adopted === undefined) return [];
  if (name.toLowerCase() === adopted.toLowerCase()) return [];
  const path = ["vault", "name"];
  return [faultAt(path, given, `vault.adopt is of another vault, ${adopted}.`, removeCommand(path))];
}

function lifetimeTooLong(given: Readonly<Record<string, unknown>>): Fault[] {
  const rotation = asMap(given["rotation"]);
  const days = (["everyDays", "keepDays", "graceDays"] as const).map((key) =>
    wholeDays.safeParse(rotation[key] ?? defaultDays[key]),
  );
  const [everyDays, keepDays, graceDays] = days.map(({ data }) => data);
  if (everyDays === undefined || keepDays === undefined || graceDays === undefined) return [];
  const lifetime = secretLifetimeDays({ everyDays, keepDays, graceDays });
  if (lifetime <= 730) return [];
  const longest = Object.entries({ everyDays, keepDays, graceDays }).reduce((left, right) =>
    right[1] > left[1] ? right : left,
  )[0] as keyof typeof defaultDays;
  return [
    faultAt(
      ["rotation"],
      given,
      `everyDays + keepDays + graceDays is the lifetime of a secret: ${lifetime} days. The maximum is 730.`,
      setCommand(["rotation", longest], String(defaultDays[longest])),
    ),
  ];
}

function powerPlatformFaults(given: Readonly<Record<string, unknown>>): Fault[] {
  const { environmentId, agents, importers } = asMap(given["powerPlatform"]);
  const path = ["powerPlatform", "environmentId"];
  const names = Array.isArray(agents) ? agents.filter((name) => typeof name === "string") : [];
  if (typeof environmentId !== "string") {
    const idle = names.length > 0 || (Array.isArray(importers) && importers.length > 0);
    return idle && environmentId === undefined
      ? [
          faultAt(
            path,
            given,
            "Agents and importers need the environment that they belong to.",
            setCommand(path, "<environment ID>"),
          ),
        ]
      : [];
  }
  try {
    secretTags({ environmentId, agents: names });
    return [];
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return [
      faultAt(["powerPlatform", "agents"], given, error.message, removeCommand(["powerPlatform", "agents"])),
    ];
  }
}
