import type { World } from "./world";

/**
 * The stack that the Pulumi CLI has selected, as it prints the name; undefined where there is none, or no CLI.
 *
 * @param command As the CLI is started; default: what PATH has.
 */
export async function selectedStack(
  { runTool }: Pick<World, "runTool">,
  command = "pulumi",
): Promise<string | undefined> {
  const { exitCode, stdout } = await runTool(command, ["stack", "--show-name"], 60);
  return exitCode === 0 ? stdout.trim() : undefined;
}
