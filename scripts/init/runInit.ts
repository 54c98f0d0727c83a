import { UsageError, type ExitCode, type Flags } from "../shared/command";
import { init } from "./init";
import type { World } from "../shared/world";

/** Flags without which there is nothing to write where no one can be asked. */
const needed = ["stack", "location", "permission"];
/** Given instead of a permission, it is enough. */
const instead = "delegated";
const single = ["stack", "location", "app", "email"];
const several = ["permission", "delegated", "reader", "owner"];

/** Carries out `npm run init`. */
export async function runInit(flags: Flags, world: World): Promise<ExitCode> {
  const given: Record<string, readonly string[] | undefined> = {};
  for (const flag of single) {
    const text = flags.text(flag);
    if (text !== undefined) given[flag] = [text];
  }
  for (const flag of several) {
    const texts = flags.texts(flag);
    if (texts.length > 0) given[flag] = texts;
  }
  const isTerminal = world.stdin.kind === "terminal";
  const missing = needed.filter(
    (flag) => given[flag] === undefined && !(flag === "permission" && given[instead] !== undefined),
  );
  if (!isTerminal && !flags.on("yes") && missing.length > 0) {
    throw new UsageError(
      `There is no terminal, and ${missing.length === 1 ? "this is" : "these are"} missing: ` +
        `${missing.map((flag) => `--${flag}`).join(", ")}. Give what is missing, or --yes for the usual values.`,
    );
  }
  const written = await init(world, {
    given,
    acceptTierZero: flags.texts("accept-tier-zero"),
    asks: isTerminal && !flags.on("yes"),
    force: flags.on("force"),
  });
  return written ? 0 : 1;
}
