import { symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

/** A project file and the stack that comes with the project. */
export const ownStack = ["Pulumi.yaml", "Pulumi.dev.yaml"] as const;

/**
 * Puts the program and what it needs into a folder, by links: what is written there stays out of the project.
 *
 * @param more Other names at the project's top to link.
 */
export function linkProject(folder: string, more: readonly string[] = []): void {
  for (const name of ["infra", "azure", "scripts", "node_modules", "package.json", ...more]) {
    symlinkSync(resolve(name), join(folder, name));
  }
}
