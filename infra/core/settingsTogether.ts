import { z } from "zod";
import type { Fault } from "./errors";
import { secretLifetimeDays } from "./rotation";
import { faultAt, removeCommand, setCommand } from "./settingsFaults";
import { vaultSecretKey } from "./vaultName";

/** A number of days, as every setting of days wants it. */
export const wholeDays = z
  .number("A number of days is expected.")
  .int("Days are whole.")
  .min(1, "At least 1 day.")
  .max(730, "At most 730 days: Entra takes no longer secret lifetime from the portal either.");

/** Rotation where the settings say nothing. */
export const defaultDays = { everyDays: 60, keepDays: 60, graceDays: 14 };

/**
 * Faults between settings that are each right alone. Judged on what was given, so that they show beside all others.
 */
export function crossFaults(given: Readonly<Record<string, unknown>>): Fault[] {
  return [...sharedSecretNames(given), ...adoptedTwice(given), ...lifetimeTooLong(given)];
}

/** The value if it is a map, else an empty one. */
export function asMap(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function sharedSecretNames(given: Readonly<Record<string, unknown>>): Fault[] {
  const faults: Fault[] = [];
  const byKey = new Map<string, string>();
  for (const name of Object.keys(asMap(given["apps"]))) {
    const other = byKey.get(vaultSecretKey(name));
    if (other === undefined) {
      byKey.set(vaultSecretKey(name), name);
      continue;
    }
    faults.push(
      faultAt(
        ["apps", name],
        given,
        `Its vault secret would have the same name as that of "${other}": Key Vault ignores case and takes no '.' or '_'.`,
        `Rename one of them: ${removeCommand(["apps", name])}`,
      ),
    );
  }
  return faults;
}

function adoptedTwice(given: Readonly<Record<string, unknown>>): Fault[] {
  const adopted = Object.entries(asMap(given["apps"])).flatMap(([name, app]) => {
    const { adopt } = asMap(app);
    return typeof adopt === "string" ? [{ name, adopt: adopt.toLowerCase() }] : [];
  });
  return adopted.flatMap(({ name, adopt }, index) => {
    const first = adopted.findIndex((other) => other.adopt === adopt);
    if (first === index) return [];
    const path = ["apps", name, "adopt"];
    return [
      faultAt(path, given, `"${adopted[first]?.name ?? ""}" adopts the same app.`, removeCommand(path)),
    ];
  });
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
  return [
    faultAt(
      ["rotation"],
      given,
      `everyDays + keepDays + graceDays is the secret's lifetime: ${lifetime} days, and 730 is the most.`,
      setCommand(["rotation", "everyDays"], String(defaultDays.everyDays)),
    ),
  ];
}
