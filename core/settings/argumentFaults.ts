import { FaultsError, OperatorError } from "../errors";
import { oneLine } from "../sinks";
import { configKey } from "./settingsFaults";

/**
 * An error about settings, in the words of a program that gave them as arguments: each is named as the argument, and a command that
 * would change a stack's settings is left out.
 *
 * @param name Of the component.
 * @returns any other error as it is.
 */
export function argumentsError(error: unknown, name: string): unknown {
  if (!(error instanceof FaultsError)) return error;
  const within = `${configKey(["apps", name])}.`;
  const lines = error.faults.map(({ key, value, reason, repair }) => {
    const argument = key.startsWith(within) ? key.slice(within.length) : key.replace(/^[\w-]+:/, "");
    const advice = /\bpulumi (?:config|stack)\b/.test(repair) ? [] : [repair];
    const [first, ...rest] = [`${argument}: ${value}`, reason, ...advice].map(oneLine);
    return [`  ${first ?? ""}`, ...rest.map((line) => `    ${line}`)].join("\n");
  });
  return new OperatorError(
    error.code,
    `Arguments of ${name} cannot work. Nothing of it was changed.\n${lines.join("\n")}`,
    { cause: error },
  );
}
