import { oneLine } from "../../core/sinks";
import type { World } from "../shared/world";

/** What an answer is worth: its values in their final form, or what is wrong with it. */
export type Verdict<Value> =
  | { readonly values: readonly Value[]; readonly faults?: never }
  | {
      readonly faults: readonly string[];
      /** What was probably meant. */
      readonly instead?: readonly string[];
      readonly values?: never;
    };

/** One thing that a stack file needs to say, asked for on a terminal or given by a flag. */
export interface Question<Value = string> {
  /** The flag that answers it, without dashes. */
  readonly flag: string;
  /** As it stands before the brackets with the usual answer. */
  readonly text: string;
  /** Whether several values may be given, parted by commas or blanks. */
  readonly takesMany: boolean;
  /** The answer of Enter and of `--yes`; none for "nothing". */
  readonly usual: readonly string[];
  /** What Tab completes to. */
  readonly suggestions?: readonly string[];
  judge(texts: readonly string[]): Verdict<Value> | Promise<Verdict<Value>>;
}

/** Asks until the answer can work; what was probably meant becomes the next answer of Enter. */
export async function askUntilRight<Value>(
  world: World,
  question: Question<Value>,
): Promise<readonly Value[]> {
  const { text, takesMany, suggestions } = question;
  let usual = question.usual;
  for (;;) {
    const line = await world.ask(`${text} [${usual.join(", ") || "none"}]: `, suggestions);
    const verdict = await question.judge(line.trim() === "" ? usual : splitAnswer([line], takesMany));
    if (verdict.values !== undefined) return verdict.values;
    for (const fault of verdict.faults) world.tell(`  ${oneLine(fault)}`);
    usual = verdict.instead ?? usual;
  }
}

/** The values in what was typed or given by flags: several parted by commas or blanks; none for "none". */
export function splitAnswer(given: readonly string[], takesMany: boolean): readonly string[] {
  const texts = given.map((text) => text.trim());
  if (texts.length === 1 && /^(?:none|-)$/i.test(texts[0] ?? "")) return [];
  return takesMany ? texts.flatMap((text) => text.split(/[\s,]+/)).filter((word) => word !== "") : texts;
}

/** A question that is answered by yes or no; Enter takes `usual`. */
export async function confirm(world: World, text: string, usual: boolean): Promise<boolean> {
  const line = (await world.ask(`${text} [${usual ? "Y/n" : "y/N"}]: `)).trim();
  return line === "" ? usual : /^y(?:es)?$/i.test(line);
}
