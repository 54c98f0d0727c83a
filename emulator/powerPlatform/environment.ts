import { unzipSync } from "fflate";
import type { Connection } from "./platform";
import { isRecord, parseJson, EmulationError, type Value } from "./value";

/** An environment variable as an import leaves it. */
export interface Variable {
  readonly isSecret: boolean;
  /** The value of the deployment settings, else the definition's default; of a secret the ARM ID. */
  readonly value: string;
}

/** A Power Platform environment after the import. */
export interface Environment {
  readonly environmentId: string;
  /** Schema name of the agent that talks. */
  readonly agentSchemaName: string;
  /** By schema name. */
  readonly variables: ReadonlyMap<string, Variable>;
  /** Definitions of flows by workflow ID, lower case. */
  readonly flows: ReadonlyMap<string, Value>;
  /** Topics and tools that came with the solution, by schema name. */
  readonly topics: ReadonlyMap<string, string>;
  /** What the HTTP node of a topic does when no answer came in time; Microsoft does not say. */
  readonly topicTimeout: "blank" | "status 408";
  /** Connections that were made after the import, by the logical name of their reference; Dataverse's needs no setting. */
  readonly connections?: ReadonlyMap<string, Connection>;
}

export interface ImportedFiles {
  readonly solutionZip: Uint8Array;
  readonly deploymentSettings: string;
}

/**
 * Imports the very files that a user imports.
 *
 * @throws {EmulationError} when a variable of the settings is not in the solution.
 */
export function importSolution(
  { solutionZip, deploymentSettings }: ImportedFiles,
  place: Pick<Environment, "environmentId" | "agentSchemaName" | "topicTimeout" | "connections">,
): Environment {
  const entries = Object.entries(unzipSync(solutionZip)).map(([path, bytes]): [string, string] => [
    path,
    new TextDecoder().decode(bytes),
  ]);
  const variables = new Map<string, Variable>();
  const flows = new Map<string, Value>();
  const topics = new Map<string, string>();
  for (const [path, text] of entries) {
    const [folder = "", schemaName = ""] = path.split("/");
    const workflowId = /^Workflows\/.*-([0-9A-F-]{36})\.json$/.exec(path)?.[1]?.toLowerCase();
    if (workflowId !== undefined) flows.set(workflowId, parseJson(text) ?? null);
    else if (folder === "botcomponents" && path.endsWith("/data")) topics.set(schemaName, text);
    else if (folder === "environmentvariabledefinitions") {
      variables.set(schemaName, {
        isSecret: text.includes("<type>100000005</type>"),
        value: /<defaultvalue>(.*)<\/defaultvalue>/.exec(text)?.[1] ?? "",
      });
    }
  }
  for (const [schemaName, value] of settingsValues(deploymentSettings)) {
    const definition = variables.get(schemaName);
    if (definition === undefined) {
      throw new EmulationError(
        `The deployment settings name ${schemaName}, which the solution does not have.`,
      );
    }
    variables.set(schemaName, { ...definition, value });
  }
  return { ...place, variables, flows, topics };
}

function settingsValues(deploymentSettings: string): [string, string][] {
  const settings = parseJson(deploymentSettings);
  const variables = isRecord(settings) ? settings["EnvironmentVariables"] : undefined;
  if (!Array.isArray(variables))
    throw new EmulationError("The deployment settings have no EnvironmentVariables.");
  return variables.map((variable: Value) => {
    const { SchemaName: schemaName, Value: value } = isRecord(variable) ? variable : {};
    if (typeof schemaName !== "string" || typeof value !== "string") {
      throw new EmulationError("A variable of the deployment settings has no SchemaName or no Value.");
    }
    return [schemaName, value];
  });
}
