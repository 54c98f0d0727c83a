import type { Cloud, CloudFeature } from "../../core/cloud/clouds";

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** What a cloud lacks of some features, as lines of a README's list of limits; empty where it lacks none. */
export function cloudLimits({ title, missing }: Cloud, ...features: readonly CloudFeature[]): string {
  return features
    .flatMap((feature) => missing[feature] ?? [])
    .map((reason) => `- In ${title}: ${reason}\n`)
    .join("");
}

/** By these words the command knows a folder of its own, however it was started. */
export const readmeMark = "make it again instead of editing it";
/** The sentence in which they stand. */
export const readmeOrigin = `Made by \`npm run copilot\`; ${readmeMark}.`;
